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
    dates = {use.reference_date, use.earlier_reference_date} - {None}
    if len(dates) > 1:
        yield terms.finding(
            "deny", "An earlier notice of this debt to this consumer went by another date."
        )
    if "last_statement" in choices and use.statement_by == "collector":
        yield terms.finding("deny", "A collector's own statement sets no last statement date.")

    if "last_payment" in choices and use.is_payment_applied is False:
        yield terms.finding("deny", "A payment sets the last payment date once it was applied.")
