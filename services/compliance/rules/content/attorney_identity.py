"""Nobody but an attorney writes as one."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def attorney_identity(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to words that make a message an attorney's; one from an attorney is looked at."""
    for each in wording.said(message, terms.names["denied"], terms.names.get("excused", ())):
        if message.is_from_attorney:
            yield terms.finding(
                "flag", "An attorney's name needs the attorney's own review.", each.passage
            )
        else:
            yield terms.finding(
                "deny", "It reads as if an attorney wrote it or stood behind it.", each.passage
            )
