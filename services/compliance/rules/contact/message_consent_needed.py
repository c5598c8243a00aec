"""Electronic messages only with consent, where a state or city asks for more than federal law.

Consent is given to this collector itself, for the medium. A reply to the person's own message, a
bare confirmation and the purposes that the law exempts need none. Consent to private messages on
social platforms is not recorded of anybody, so where it is asked for, it is absent.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.contact.email_procedure import is_in_force
from services.compliance.rules.facts import MessageConsent
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def message_consent_needed(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to a message in a medium that the person has not consented to."""
    request, names = gate.request, terms.names
    if request.channel not in names["channels"]:
        return None
    if exceptions.is_allowance(gate, at):
        return None
    if any(
        consent.procedure == "direct_consent"
        and consent.given_to == "this_collector"
        and consent.given_at <= at
        and is_in_force(gate, consent, request.channel, at)
        for _, consent in gate.of(MessageConsent)
    ):
        return None
    if request.purpose in names.get("exempt_purposes", ()):
        return exceptions.on_callers_word(terms, gate, {"channel": request.channel})
    return terms.objection(
        "deny",
        "The person has not consented to messages through this medium, as the law here asks.",
        {"channel": request.channel, "contact_point_id": request.contact_point_id or ""},
        exceptions.once_expired(gate, at, lambda when: exceptions.is_allowance(gate, when)),
    )
