"""The amounts of a validation notice add up: what was owed on the itemization date, and since."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, NoticeAmounts
from services.compliance.rules.pack import Terms


def validation_amounts(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to an amount that is not what was owed (12 CFR 1006.34(c)(2)(vii) to (ix)).

    What was owed on the itemization date is all of it, fees and interest too (comment
    34(c)(2)(vii)-1).
    """
    amounts = message.notice.amounts if message.notice else None
    if amounts is None:
        return
    owed = sum(amounts.owed_on_date.values())
    if amounts.stated_on_date not in (None, owed):
        yield terms.finding(
            "deny", "The amount on the itemization date is not the sum of what was owed then."
        )
    if amounts.stated_now not in (None, owed + _since(amounts)):
        yield terms.finding(
            "deny",
            "The current amount is not what was owed on the itemization date, with the interest"
            " and fees and less the payments and credits since.",
        )


def _since(amounts: NoticeAmounts) -> int:
    return amounts.interest + amounts.fees - amounts.payments - amounts.credits
