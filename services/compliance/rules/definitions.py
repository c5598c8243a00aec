"""What Regulation F means by its words: attempt, communication, debt collector."""

from services.compliance.rules.content.limited_content_message import is_limited_content
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms
from shared.kernel.records import record


@record
class Business:
    """What somebody who may be a debt collector does."""

    collects_for_others: bool = False
    is_collection_principal_purpose: bool = False
    is_creditor_in_own_name: bool = False
    suggests_third_party: bool = False
    is_excluded: bool = False


def is_attempt(*, initiates_contact: bool, is_about_debt: bool | None = None) -> bool:
    """Tell whether an act is an attempt to communicate, reached or not (12 CFR 1006.2(b))."""
    return initiates_contact and is_about_debt is not False


def is_medium(medium: str) -> bool:
    """Tell whether something may be conveyed through a medium: through any (12 CFR 1006.2(d))."""
    return bool(medium)


def is_communication(terms: Terms, message: Message, *, is_conveyed: bool = True) -> bool:
    """Tell whether a message conveys information about a debt (12 CFR 1006.2(d)).

    Through any medium, directly or indirectly; only a limited-content message and what names no
    particular debt do not. What is not said to be about no debt is about one.
    """
    if not is_conveyed or message.is_about_debt is False:
        return False
    return not is_limited_content(terms, message)


def is_debt_collector(business: Business) -> bool:
    """Tell whether somebody is a debt collector (12 CFR 1006.2(i))."""
    if business.is_excluded:
        return False
    if business.is_creditor_in_own_name and not business.suggests_third_party:
        return False
    return (
        business.collects_for_others
        or business.is_collection_principal_purpose
        or business.suggests_third_party
    )
