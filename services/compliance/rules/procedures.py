"""What makes an e-mail procedure hold: the creditor's notice, the domain, the chain of collectors.

Each answers one condition of 12 CFR 1006.6(d)(4); `email_procedure` puts them together.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from services.compliance.rules.facts import CreditorNotice, PriorCollector

ABOUT_ACCOUNT = frozenset(
    {
        "bill",
        "invoice",
        "disclosure",
        "statement",
        "payment",
        "reminder",
        "confirmation",
        "receipt",
        "balance",
        "due",
        "account",
    }
)
"""What a creditor writes of an account, by its words (comment 6(d)(4)(ii)(B)-1)."""

UNRELATED = frozenset({"unrelated", "marketing", "promotion", "advertising", "newsletter", "offer"})

ELECTRONIC_OPT_OUTS = frozenset({"link", "hyperlink", "reply", "stop", "unsubscribe", "button"})
PAPER_OPT_OUTS = frozenset({"form", "envelope", "preaddressed", "prepaid", "card", "coupon"})
"""Ways to opt out that ask nothing more of the consumer (comment 6(d)(4)(ii)(C)(4)-1)."""

BURDENS = frozenset(
    {"request", "for", "without", "write", "fee", "visit", "search", "log", "login"}
)
"""Words of ways that make the consumer do more than answer: ask for a form, look for a page."""

DATABASES = frozenset({"reassigned", "commercial", "substantially"})
"""Complete and accurate databases of reassigned numbers (comment 6(d)(5)-1)."""


def is_about_account(kind: Sequence[str]) -> bool:
    """Tell whether a creditor's message, named by its words, is about the account."""
    said = {each.rstrip("s") if len(each) > 4 else each for each in kind}
    if said & UNRELATED:
        return "related" in said and "unrelated" not in said
    return bool(said & ABOUT_ACCOUNT)


def is_simple_opt_out(medium: str, method: Sequence[str]) -> bool:
    """Tell whether a way to opt out, named by its words, is reasonable and simple.

    An electronic notice needs an electronic way, a paper one a form to send back. Anything that
    has first to be asked for, looked for or paid for is neither.
    """
    said = set(method)
    if said & BURDENS:
        return False
    if medium == "electronic":
        return bool(said & ELECTRONIC_OPT_OUTS)
    return bool(said & (PAPER_OPT_OUTS | ELECTRONIC_OPT_OUTS))


def earliest_deadline(sent_on: date, days_min: int) -> date:
    """Return the earliest last day to opt out that a notice may name."""
    return sent_on + timedelta(days=days_min)


def faults(notice: CreditorNotice) -> tuple[str, ...]:
    """Return what a creditor's notice is known to lack; nothing known is no fault."""
    conditions = {
        "clear and conspicuous": notice.is_clear,
        "address obtained from the consumer": notice.is_obtained_from_consumer,
        "address used by the creditor about the account": notice.is_used_about_account,
        "sent to an address obtained and used": notice.is_sent_to_used_address,
        "names this collector": notice.names_collector,
        "names the address": notice.names_address,
        "says that others may see messages": notice.says_others_may_see,
        "explains how to opt out": notice.explains_opt_out,
        "names a deadline": notice.names_deadline,
        "asks for the reply to one of the two": notice.is_reply_to_one,
        "not opted out": not notice.is_opted_out,
    }
    found = [name for name, holds in conditions.items() if holds is False]
    if notice.used_for and not any(is_about_account(each.split("_")) for each in notice.used_for):
        found.append("address used by the creditor about the account")
    if notice.opt_out_methods and not any(
        is_simple_opt_out(notice.medium or "paper", each.split("_"))
        for each in notice.opt_out_methods
    ):
        found.append("a reasonable and simple way to opt out")
    return tuple(dict.fromkeys(found))


def chain_holds(chain: Sequence[PriorCollector]) -> bool:
    """Tell whether an address came down a chain of collectors (1006.6(d)(4)(iii)).

    Any of them obtained it properly, the immediately prior one used it, the consumer opted out with
    none. A return to the creditor in between is no collector (comment 6(d)(4)(iii)-1).
    """
    collectors = [each for each in chain if not each.is_return]
    return (
        bool(collectors)
        and any(each.obtained_properly for each in collectors)
        and collectors[-1].used
        and not any(each.opted_out for each in collectors)
    )


def is_complete_database(kind: Sequence[str]) -> bool:
    """Tell whether a database, named by its words, is complete and accurate enough to rely on."""
    said = set(kind)
    return bool(said & DATABASES) and not said & {"incomplete", "inaccurate", "partial", "internal"}
