"""A validation notice shows the most complete and accurate name that the collector knows."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def consumer_name(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to parts of the consumer's name that are known and not shown."""
    if message.notice is None:
        return
    hidden = [
        each
        for each in message.notice.name_parts_known
        if each not in message.notice.name_parts_shown
    ]
    if hidden:
        yield terms.finding("require", f"The name lacks its {', '.join(hidden)}, which is known.")
