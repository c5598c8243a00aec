"""Some notices are sent electronically only with consent under E-SIGN."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import ElectronicConsent, Message
from services.compliance.rules.pack import Terms


def electronic_consent(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to such a notice without consent; one in the initial communication needs none."""
    sending = message.sending
    if sending is None or sending.medium == "mail":
        return
    if message.document not in terms.names["documents"]:
        return
    if message.document == "validation_notice" and sending.is_in_initial_communication:
        return
    if sending.consent is None or not is_valid(sending.consent):
        yield terms.finding(
            "require", "The notice needs a consent to electronic records that is in force."
        )


def is_valid(consent: ElectronicConsent) -> bool:
    """Tell whether a consent has all that 15 USC 7001(c) asks for, and was not withdrawn."""
    return (
        consent.is_affirmative
        and consent.had_clear_statement
        and consent.had_hardware_statement
        and consent.showed_access
        and not consent.is_withdrawn
    )
