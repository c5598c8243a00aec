"""No suit is threatened on a debt whose limitation period has ended, known or not."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def expired_debt_threat(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to words of suit unless the debt is known not to be time-barred."""
    if message.is_debt_expired is False:
        return
    known = "has ended" if message.is_debt_expired else "is not known to be running"
    for each in wording.said(message, terms.names["threats"], terms.names.get("excused", ())):
        yield terms.finding(
            "deny", f"It threatens a suit, and the limitation period {known}.", each.passage
        )
