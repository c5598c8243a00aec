"""What Regulation F means by its words: communication, debt collector."""

from services.compliance.rules.content.limited_content_message import is_limited_content
from services.compliance.rules.message import Document, Message, Sender
from services.compliance.rules.pack import Terms

NEVER_INITIAL: frozenset[Document] = frozenset(
    {"formal_pleading", "proof_of_claim", "privacy_notice", "tax_notice", "breach_notice"}
)


def is_communication(terms: Terms, message: Message) -> bool:
    """Tell whether a message conveys information about a debt (12 CFR 1006.2(d)).

    Through any medium, directly or indirectly; only a limited-content message and what names no
    particular debt do not. What is not said to be about no debt is about one.
    """
    return message.is_about_debt is not False and not is_limited_content(terms, message)


def may_be_initial(terms: Terms, message: Message) -> bool:
    """Tell whether a message is the initial communication about a debt, if it is the first.

    What courts and some other laws ask for is none (12 CFR 1006.34(b)(2), comment 34(b)(2)-1).
    """
    return message.document not in NEVER_INITIAL and is_communication(terms, message)


def is_debt_collector(sender: Sender | None) -> bool:
    """Tell whether a message is from a debt collector (12 CFR 1006.2(i)); unsaid, it is."""
    if sender is None:
        return True
    if sender.is_excluded:
        return False
    if sender.is_creditor_in_own_name and not sender.suggests_third_party:
        return False
    return (
        sender.collects_for_others
        or sender.is_collection_principal_purpose
        or sender.suggests_third_party
    )
