"""An envelope bears what the mail needs and nothing that tells of a debt."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def envelope_marks(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to every mark but the addresses, an innocent business name and what speeds the mail.

    What nobody knows to facilitate mailing is other language or another symbol, and barred.
    """
    if message.envelope is None:
        return
    for mark in message.envelope.marks:
        said = mark.replace("_", " ")
        if wording.has(terms.names["revealing"], said):
            yield terms.finding("deny", "A mark on the envelope tells of the debt.")
        elif not wording.has(terms.names["allowed"], said):
            yield terms.finding("deny", "A mark on the envelope is not known to help the mail.")
    if message.business_name and wording.has(terms.names["revealing"], message.business_name):
        if any(wording.has(["business name", "company name"], each) for each in
               (mark.replace("_", " ") for mark in message.envelope.marks)):  # fmt: skip
            yield terms.finding(
                "deny", "The business name on the envelope says that it collects debts."
            )
