"""A required disclosure is sent so that it may be expected to arrive, and to be kept."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, Sending
from services.compliance.rules.pack import Terms

_FACTORS = (
    "subject_names_creditor_and_account",
    "recognizable_sender",
    "bounces_monitored",
)


def sending_standard(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to what cannot be expected to give actual notice; doubt where factors are missing."""
    sending = message.sending
    if sending is None:
        return
    if sending.is_opted_out:
        yield terms.finding(
            "deny", "The address was opted out of, even for disclosures the law requires."
        )
    if sending.is_undeliverable:
        yield terms.finding("require", "It came back undeliverable: it must be sent again.")
    if sending.is_known_not_to_reside or sending.is_last_known_address is False:
        yield terms.finding("deny", "The person is known not to be reached at this address.")
    if sending.medium != "mail":
        for factor in sorted(set(_FACTORS) - factors(sending)):
            yield terms.finding("flag", f"Missing for a notice: {factor.replace('_', ' ')}.")


def factors(sending: Sending) -> frozenset[str]:
    """Return the factors of comment 42(a)(1)-1 that speak for actual notice."""
    found = set()
    has_identifier = sending.subject_has_partial_account or sending.subject_has_other_identifier
    if sending.subject_names_creditor and has_identifier:
        found.add("subject_names_creditor_and_account")
    if sending.is_sender_recognizable:
        found.add("recognizable_sender")
    if sending.monitors_bounces:
        found.add("bounces_monitored")
    return frozenset(found)
