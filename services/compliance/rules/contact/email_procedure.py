"""E-mail only to an address that came into use by one of the procedures of 1006.6(d)(4).

The procedures are a safe harbor against disclosure to others; by policy the engine denies
without one. An address is used after a creditor's notice only once its deadline has passed.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.compliance.rules import local_time, procedures
from services.compliance.rules.facts import EmployerAddress, InboundMessage, MessageConsent
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms

WRITTEN, CONSENTED = "6(d)(4)(i)(A)", "6(d)(4)(i)(B)"
CREDITOR, PRIOR_COLLECTOR = "6(d)(4)(ii)", "6(d)(4)(iii)"


def email_procedure(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to an address without a procedure (12 CFR 1006.6(d)(3)-(4))."""
    if gate.request.channel != "email":
        return None
    opens: list[datetime] = []
    for _, since in openings(terms, gate, at):
        if since <= at:
            return None
        opens.append(local_time.whole_second(since))
    return terms.objection(
        "defer" if opens else "deny",
        "No procedure shows that this e-mail address may be used.",
        {"contact_point_id": gate.request.contact_point_id or "", **_lacking(terms, gate, at)},
        min(opens, default=None),
    )


def openings(terms: Terms, gate: Gate, at: datetime) -> Iterable[tuple[str, datetime]]:
    """Return the procedures that open the address, each with the instant from which it does."""
    for _, message in gate.of(InboundMessage):
        if message.channel == "email" and (
            message.contact_point_id == gate.request.contact_point_id is not None
        ):
            yield WRITTEN, message.received_at
    for _, consent in gate.of(MessageConsent):
        if not is_in_force(gate, consent, "email", at):
            continue
        match consent.procedure:
            case "consumer_used":
                yield WRITTEN, consent.given_at
            case "direct_consent" if consent.given_to == "this_collector":
                yield CONSENTED, consent.given_at
            case "creditor_notice" if not _creditor_faults(terms, gate, consent):
                yield CREDITOR, _deadline_passed(terms, gate, consent)
            case "prior_collector" if _came_down(consent):
                yield PRIOR_COLLECTOR, consent.given_at


def is_in_force(gate: Gate, consent: MessageConsent, medium: str, at: datetime) -> bool:
    """Tell whether a consent is for this point and medium, not withdrawn and not expired."""
    if consent.medium != medium or not gate.is_about(consent.party_id):
        return False
    if consent.contact_point_id not in (None, gate.request.contact_point_id):
        return False
    if consent.withdrawn_at is not None:
        return False
    return not local_time.is_over(gate.counting_zones, consent.expires_on, at)


def is_employer_provided(gate: Gate) -> bool:
    """Tell whether the address is known to come from an employer; nobody need look (22(f)(3))."""
    if gate.point is not None and gate.point.label == "work":
        return True
    return any(
        fact.contact_point_id == gate.request.contact_point_id
        for _, fact in gate.of(EmployerAddress)
    )


def _deadline_passed(terms: Terms, gate: Gate, consent: MessageConsent) -> datetime:
    """Return the first instant after the last day to opt out, everywhere the person may be."""
    least = max(_earliest_deadlines(terms, gate, consent))
    after = max(consent.opt_out_ends_on or least, least) + timedelta(days=1)
    return max(local_time.first_instant(z, after) for z in gate.counting_zones)


def _earliest_deadlines(terms: Terms, gate: Gate, consent: MessageConsent) -> list[date]:
    """Return the earliest last day to opt out that the notice may name, by each zone's date."""
    days_min = terms.numbers["opt_out_days_min"]
    return [
        procedures.earliest_deadline(local_time.local_date(z, consent.given_at), days_min)
        for z in gate.counting_zones
    ]


def _creditor_faults(terms: Terms, gate: Gate, consent: MessageConsent) -> tuple[str, ...]:
    found = procedures.faults(consent.notice) if consent.notice is not None else ()
    named = consent.opt_out_ends_on
    if named is not None and named < min(_earliest_deadlines(terms, gate, consent)):
        # A notice that leaves less time is no notice: waiting longer does not cure what it said.
        return (*found, "a deadline that leaves enough days to opt out")
    if is_employer_provided(gate):
        return (*found, "not provided by an employer")
    if gate.point is not None and gate.point.is_public_domain is False:
        return (*found, "a domain open to the general public")
    return found


def _came_down(consent: MessageConsent) -> bool:
    """Tell whether the prior collectors' use opens the address; untold, the procedure says so."""
    return not consent.prior_collectors or procedures.chain_holds(consent.prior_collectors)


def _lacking(terms: Terms, gate: Gate, at: datetime) -> dict[str, str | int]:
    """Say what a creditor's notice lacks, where there is one that does not open the address."""
    found = [
        fault
        for _, consent in gate.of(MessageConsent)
        if consent.procedure == "creditor_notice" and is_in_force(gate, consent, "email", at)
        for fault in _creditor_faults(terms, gate, consent)
    ]
    return {"notice_lacks": "; ".join(dict.fromkeys(found))} if found else {}
