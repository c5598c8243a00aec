"""Texts only to a number whose use is fresh: a text or a consent within sixty days.

A renewal, or a reassigned-numbers database that shows no reassignment since, is as good as the
text or consent itself. A voice call from the number opens nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.compliance.rules import local_time, procedures
from services.compliance.rules.contact.email_procedure import is_in_force
from services.compliance.rules.facts import InboundMessage, MessageConsent
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms

TEXTED, CONSENTED = "6(d)(5)(i)", "6(d)(5)(ii)"


def text_procedure(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to a number without a fresh procedure (12 CFR 1006.6(d)(5))."""
    if gate.request.channel != "text":
        return None
    if any(since <= at for _, since in openings(terms, gate, at)):
        return None
    return terms.objection(
        "deny",
        "No text or consent of the last sixty days shows that this number may be texted.",
        {"contact_point_id": gate.request.contact_point_id or ""},
    )


def openings(terms: Terms, gate: Gate, at: datetime) -> Iterable[tuple[str, datetime]]:
    """Return the procedures that open the number at an instant, each with what keeps it fresh."""
    return ((path, since) for path, since in _uses(gate, at) if _is_fresh(terms, gate, since, at))


def _uses(gate: Gate, at: datetime) -> Iterable[tuple[str, datetime]]:
    for _, message in gate.of(InboundMessage):
        if message.channel == "text" and (
            message.contact_point_id == gate.request.contact_point_id is not None
        ):
            yield TEXTED, message.received_at
    for _, consent in gate.of(MessageConsent):
        if not is_in_force(gate, consent, "text", at):
            continue
        since = max(consent.given_at, _confirmed_at(consent) or consent.given_at)
        match consent.procedure:
            case "consumer_used":
                yield TEXTED, since
            case "direct_consent" if consent.given_to == "this_collector":
                yield CONSENTED, since


def _confirmed_at(consent: MessageConsent) -> datetime | None:
    """Return the latest renewal or check; a database that may lack numbers shows nothing."""
    database = consent.confirmed_by
    if database is not None and not procedures.is_complete_database(database.split("_")):
        return None
    return consent.confirmed_at


def _is_fresh(terms: Terms, gate: Gate, since: datetime, at: datetime) -> bool:
    days = terms.numbers["days"]
    return since <= at and all(
        local_time.local_date(each, at) <= local_time.local_date(each, since) + timedelta(days=days)
        for each in gate.counting_zones
    )
