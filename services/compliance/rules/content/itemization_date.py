"""All figures of a debt go by one itemization date, now and in whatever comes later."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def itemization_date(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to several reference dates for one debt and consumer by the same collector."""
    use = message.itemization
    if use is None:
        return
    choices = set(use.choices.values())
    if strange := choices - set(terms.names["choices"]):
        yield terms.finding("deny", f"No itemization date: {', '.join(sorted(strange))}.")
    if len(choices | ({use.earlier_choice} - {None})) > 1:
        yield terms.finding(
            "deny", "The figures go by several itemization dates of one debt and consumer."
        )
    if "last_statement" in choices and use.statement_by == "collector":
        yield terms.finding("deny", "A collector's own statement sets no last statement date.")


def payment_qualifies(terms: Terms, *, is_applied: bool) -> bool:
    """Tell whether a payment sets the last payment date: anybody's does, once applied."""
    return is_applied and "last_payment" in terms.names["choices"]


def statement_qualifies(by: str) -> bool:
    """Tell whether a statement sets the last statement date: the creditor's, not a collector's."""
    return by == "creditor"
