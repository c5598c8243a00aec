"""Beside the creditor a notice may show a merchant brand, an affinity brand or a facility name."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import AssociatedName, Message
from services.compliance.rules.pack import Terms

KINDS = ("merchant_brand", "affinity_brand", "facility_name")


def associated_names(terms: Terms, message: Message) -> Iterator[Finding]:
    """Have names looked at that a notice shows and the law does not name."""
    if message.notice is None:
        return
    for each in message.notice.associated_names:
        if kind_of(terms, each) is None:
            yield terms.finding(
                "flag",
                "A name beside the creditor's is no merchant brand, affinity brand or facility"
                " name of the debt.",
            )


def kind_of(terms: Terms, shown: AssociatedName) -> str | None:
    """Return what the law calls a name, by what it has to do with the debt; None for no such."""
    return next((kind for kind in KINDS if shown.relation in terms.names[kind]), None)
