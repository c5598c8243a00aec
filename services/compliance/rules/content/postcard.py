"""No communication about a debt is a postcard."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def postcard(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a postcard."""
    if message.envelope is not None and message.envelope.is_postcard:
        yield terms.finding("deny", "Everyone who handles a postcard can read it.")
