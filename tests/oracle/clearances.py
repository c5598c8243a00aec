"""Acts other than contacts: what was cleared although something known forbade it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.oracle import places
from tests.oracle.gate import Fact, Gate
from tests.oracle.log import Event, day_or_none, instant
from tests.oracle.outcomes import CONVERSATIONS
from tests.oracle.report import Findings
from tests.oracle.state_law import anniversary

YEARS_MAX = {
    "AZ": 6,
    "CA": 4,
    "CO": 6,
    "CT": 6,
    "FL": 5,
    "IL": 10,
    "MA": 6,
    "MS": 3,
    "NV": 6,
    "NY": 6,
    "TX": 4,
    "WA": 6,
}
"""The longest limitation period of any contract, of states whose law was read; no other state's
period is known well enough to sue.
"""

KNOWN_AT_ALL = frozenset("AZ CA CO CT DC FL HI IL MA MS NC NV NY OR PA TX WA WI WV".split())
MAILING_DAYS = 14
CAP_BASIS_POINTS = 600
RECORD_YEARS = 3
SUITS = ("suit", "arbitration", "threat")
SALES = ("sale", "other_consideration", "placement")
MESSAGES = (
    "text_sent",
    "text_delivered",
    "text_replied",
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_unsubscribed",
    "letter_sent",
)


def check(gate: Gate, event: Event, findings: Findings) -> None:
    """Name an act that was cleared and should not have been."""
    act, accounts = event.body["request"]["act"], tuple(event.body["request"]["account_ids"])
    findings.checked["act-unlawful"] += 1
    for code, sentence in _faults(gate, event, act, accounts):
        findings.name(
            code,
            gate.tenant,
            gate.consumer_id,
            (event.id,),
            f"{event.body['clearance_id']} was cleared at {event.at}: {sentence}.",
        )


def _faults(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    around = event.body.get("circumstances", {})
    if any(around.get(each) for each in ("stale", "parked", "unapplied")):
        yield "act-on-stale-facts", "what was known was stale"
    checked = _CHECKS.get(act["kind"])
    if checked is not None:
        yield from checked(gate, event, act, accounts)


def _legal_action(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if act["form"] in SUITS:
        yield from _suit(gate, event, accounts)
    if act["form"] == "suit":
        yield from _venue(gate, act, accounts)


def _deposit(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if act["deposit_on"] < act["dated_on"]:
        yield "deposit-too-early", "the instrument bears a later date"


def _days(gate: Gate, event: Event) -> list[date]:
    zones = places.calendar_zones(gate.zone_names(gate.consumer_id))
    return [places.local_date(where, event.at) for where in zones]


def _suit(gate: Gate, event: Event, accounts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    first = min(_days(gate, event))
    states = {each for each in gate.states(gate.consumer_id) if len(each) == len("XX")}
    for account_id in accounts:
        yield from _barred(gate, account_id, states, first)
        for fact in (*gate.of("dispute"), *gate.of("original-creditor-request")):
            is_open = fact.body["in_writing"] and not fact.body.get("answered")
            if fact.body["account_id"] == account_id and is_open and fact.body.get("timely"):
                yield "suit-during-dispute", f"{account_id} was disputed in writing and in time"
        if any(each.body["account_id"] == account_id for each in gate.of("account-hold")):
            yield "suit-on-held-account", f"{account_id} was on hold"
        if any(_stays(each, account_id, _days(gate, event)) for each in gate.of("bankruptcy")):
            yield "suit-in-bankruptcy", f"{account_id} was in bankruptcy"


def _barred(
    gate: Gate, account_id: str, states: set[str], first: date
) -> Iterator[tuple[str, str]]:
    histories = [
        each.body for each in gate.of("debt-history") if each.body["account_id"] == account_id
    ]
    if not histories or not states or not states <= KNOWN_AT_ALL:
        yield "time-barred-suit", f"nothing tells the period of {account_id} in {sorted(states)}"
    for body in histories:
        stated = day_or_none(body.get("stated_expiry"))
        if stated is not None and first > stated:
            yield "time-barred-suit", f"the creditor said that {account_id} expired on {stated}"
        defaulted = day_or_none(body.get("defaulted_on"))
        if defaulted is None or body.get("restarted_on"):
            continue
        for state in states:
            years = YEARS_MAX.get(state, 0)
            if not years:
                yield "time-barred-suit", f"the period of {state} was not read in its law"
            elif first > anniversary(defaulted, years):
                yield "time-barred-suit", f"{years} years of {state} since {defaulted} were over"


def _stays(case: Fact, account_id: str, days: list[date]) -> bool:
    body = case.body
    if body.get("party_id") or (body.get("account_ids") and account_id not in body["account_ids"]):
        return False
    if account_id in (*body.get("stay_lifted", ()), *body.get("postpetition", ())):
        return False
    filed_on = day_or_none(body.get("filed_on"))
    ends = [day_or_none(body.get(each)) for each in ("ended_on", "discharged_on")]
    return all(
        (filed_on is None or filed_on <= day) and not any(each and day >= each for each in ends)
        for day in days
    )


def _venue(gate: Gate, act: dict[str, Any], accounts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if act.get("enforces_real_property"):
        return
    lives_in = {each.body["district"] for each in gate.of("residence")}
    signed_in = {
        each.body.get("signed_in_district")
        for each in gate.of("debt-history")
        if each.body["account_id"] in accounts
    }
    if act.get("forum_district") not in (lives_in | signed_in) - {None}:
        yield "suit-in-wrong-place", f"{act.get('forum_district')} is neither home nor contract's"


def _judgment(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    yield from _suit(gate, event, accounts)
    affidavit = act.get("affidavit")
    serving = any(_serves(each, *_days(gate, event)) for each in gate.of("military-service"))
    if affidavit is None:
        yield "judgment-without-affidavit", "no affidavit says whether the person serves"
    elif serving and affidavit != "in_service":
        yield "judgment-without-affidavit", "the affidavit denies the known service"
    elif affidavit == "in_service" and not act.get("has_appointed_attorney"):
        yield "judgment-without-affidavit", "nobody was appointed for the person who serves"


def _serves(service: Fact, *days: date) -> bool:
    began, ended = (day_or_none(service.body.get(each)) for each in ("started_on", "ended_on"))
    if service.body.get("party_id") or began is None:
        return False
    return all(began <= day and (ended is None or day <= ended) for day in days)


def _furnish(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for account_id in accounts:
        about = [each for each in gate.of("dispute") if each.body["account_id"] == account_id]
        if about and not act.get("is_marked_disputed"):
            yield "furnished-unmarked", f"{account_id} was disputed"
        for fact in gate.of("identity-theft-report"):
            if fact.body["account_id"] == account_id and not fact.body.get("found_correct_at"):
                yield "furnished-stolen", f"{account_id} was reported as identity theft"
        is_check = act.get("recipient") == "check_specialty"
        if not is_check and not _is_reached(gate, event, account_id):
            yield "furnished-unreached", f"nobody had been reached about {account_id}"


def _is_reached(gate: Gate, event: Event, account_id: str) -> bool:
    for fact in gate.of("spoken-with"):
        if fact.body["account_id"] == account_id and instant(fact.body["spoken_at"]) <= event.at:
            return True
    for fact in gate.of("inbound-call"):
        if fact.body["is_conversation"] and account_id in fact.body.get("account_ids", ()):
            return True
    sent = [
        instant(each.body["sent_at"])
        for each in gate.of("debt-message-sent")
        if each.body["account_id"] == account_id and each.body.get("is_monitored", True)
    ]
    for attempt in gate.attempts.values():
        about = attempt.discussed or attempt.raised or attempt.aim.account_ids
        if account_id not in about:
            continue
        if attempt.outcome in CONVERSATIONS:
            return True
        if attempt.outcome in MESSAGES:
            sent.append(attempt.earliest)
    waited = timedelta(days=MAILING_DAYS - 1)
    return any(each + waited <= event.at for each in sent)


def _transfer(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if act["way"] not in SALES or act.get("recipient", "other") != "other":
        return
    for account_id in accounts:
        for fact in gate.of("identity-theft-report"):
            if fact.body["account_id"] == account_id and not fact.body.get("rescinded_at"):
                yield "transferred-stolen", f"{account_id} was reported as identity theft"
        for fact in gate.of("account-standing"):
            if fact.body["account_id"] != account_id or fact.body["owes"]:
                continue
            if fact.body["lifecycle"] in ("received", "active"):
                yield "transferred-paid", f"nothing was owed on {account_id}"


def _charge(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if act.get("basis") is None or not act.get("authority"):
        yield "charge-without-basis", "neither agreement nor law was named"
    rate = act.get("rate_basis_points")
    if act["charge"] != "interest" or (rate is not None and rate <= CAP_BASIS_POINTS):
        return
    for service in gate.of("military-service"):
        if not service.body.get("notice_received_on") or not _serves(service, *_days(gate, event)):
            continue
        began = date.fromisoformat(service.body["started_on"])
        for fact in gate.of("debt-history"):
            incurred = day_or_none(fact.body.get("incurred_on"))
            if fact.body["account_id"] in accounts and (incurred is None or incurred < began):
                yield "charge-above-cap", f"{rate} basis points during service since {began}"


def _allocation(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    given = {each["account_id"]: each["amount"] for each in act["allocations"]}
    known = {each.body["account_id"] for each in gate.of("account-known")}
    if known <= set(given) and len(given) == 1:
        return
    for fact in gate.of("dispute"):
        if given.get(fact.body["account_id"]):
            yield "payment-to-disputed-debt", f"{fact.body['account_id']} was disputed"
    for each in act.get("directed", ()):
        if given.get(each["account_id"], 0) < each["amount"]:
            yield "payment-not-as-directed", f"it was directed to {each['account_id']}"


def _purge(
    gate: Gate, event: Event, act: dict[str, Any], accounts: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    first = min(_days(gate, event))
    if act["records"] == "call_recording":
        recorded = day_or_none(act.get("recorded_on"))
        if recorded is None or first <= anniversary(recorded, RECORD_YEARS):
            yield "purged-too-early", f"the call was on {recorded}"
        return
    for account_id in accounts:
        for fact in gate.of("account-standing"):
            is_worked = fact.body["lifecycle"] not in ("closed", "recalled")
            if fact.body["account_id"] == account_id and is_worked:
                yield "purged-too-early", f"{account_id} is worked"


_CHECKS: dict[
    str, Callable[[Gate, Event, dict[str, Any], tuple[str, ...]], Iterator[tuple[str, str]]]
] = {
    "legal-action": _legal_action,
    "default-judgment": _judgment,
    "furnish": _furnish,
    "transfer": _transfer,
    "deposit-instrument": _deposit,
    "add-charge": _charge,
    "allocate-payment": _allocation,
    "purge": _purge,
}
