"""E-mail only to an address that came into use by one of the procedures of 1006.6(d)(4).

The procedures are a safe harbor against disclosure to others; by policy the engine denies
without one. An address is used after a creditor's notice only once its deadline has passed.
"""

from datetime import datetime, timedelta

from services.compliance.rules import local_time
from services.compliance.rules.facts import InboundMessage, MessageConsent
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def email_procedure(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to an address without a procedure (12 CFR 1006.6(d)(3)-(4))."""
    if gate.request.channel != "email" or _has_written(gate):
        return None
    opens: list[datetime] = []
    for _, consent in gate.of(MessageConsent):
        since = _usable_from(terms, gate, consent, at)
        if since is None:
            continue
        if since <= at:
            return None
        opens.append(local_time.whole_second(since))
    return terms.objection(
        "defer" if opens else "deny",
        "No procedure shows that this e-mail address may be used.",
        {"contact_point_id": gate.request.contact_point_id or ""},
        min(opens, default=None),
    )


def _has_written(gate: Gate) -> bool:
    return any(
        message.channel == "email" and message.contact_point_id == gate.request.contact_point_id
        for _, message in gate.of(InboundMessage)
        if message.contact_point_id is not None
    )


def _usable_from(
    terms: Terms, gate: Gate, consent: MessageConsent, at: datetime
) -> datetime | None:
    """Return when the address becomes usable by this procedure; None if it is not or no more."""
    if not is_in_force(gate, consent, "email", at):
        return None
    is_work = gate.point is not None and gate.point.label == "work"
    match consent.procedure:
        case "consumer_used" | "prior_collector":
            return consent.given_at
        case "direct_consent":
            return consent.given_at if consent.given_to == "this_collector" else None
        case "creditor_notice":
            days = terms.numbers["opt_out_days_min"]
            sent_on = max(local_time.local_date(z, consent.given_at) for z in gate.counting_zones)
            least = sent_on + timedelta(days=days)
            deadline = max(consent.opt_out_ends_on or least, least)
            after = deadline + timedelta(days=1)
            if is_work:  # known to be employer-provided: (d)(4)(ii) does not reach it
                return None
            return max(local_time.first_instant(z, after) for z in gate.counting_zones)


def is_in_force(gate: Gate, consent: MessageConsent, medium: str, at: datetime) -> bool:
    """Tell whether a consent is for this point and medium, not withdrawn and not expired."""
    if consent.medium != medium or not gate.is_about(consent.party_id):
        return False
    if consent.contact_point_id not in (None, gate.request.contact_point_id):
        return False
    if consent.withdrawn_at is not None:
        return False
    return consent.expires_on is None or all(
        local_time.local_date(each, at) <= consent.expires_on for each in gate.counting_zones
    )
