"""What nobody here can read is not passed in silence."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def language_unread(terms: Terms, message: Message) -> Iterator[Finding]:
    """Have a message looked at whose language the lists of words do not cover."""
    if message.is_said and message.language[:2] not in terms.names["languages"]:
        yield terms.finding(
            "flag", f"No list of words covers {message.language}: someone who reads it must."
        )
