"""What states ask beyond federal law: fewer contacts, consent, notices; recounted by a table of its
own, wherever anything shows that the person may be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle import consents, places
from tests.oracle.gate import PROFESSIONALS, Attempt, Fact, Scene
from tests.oracle.log import day_or_none, instant
from tests.oracle.outcomes import CONVERSATIONS, PERHAPS_CONVERSATIONS, went_out
from tests.oracle.report import Findings
from tests.oracle.stops import LOCATION_PURPOSES

CALLS = ("call", "voicemail")
MESSAGES = ("text", "email", "social")
ALL = (*CALLS, *MESSAGES, "letter", "in_person")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many contacts in so many dates: with a person, about a debt, or about an account."""

    most: int
    days: int
    channels: tuple[str, ...]
    per: str
    places: tuple[str, ...] = ()
    are_conversations: bool = False
    exempt_purposes: tuple[str, ...] = ()


LIMITS: dict[str, tuple[Limit, ...]] = {
    "DC": (Limit(4, 7, CALLS, "account"), Limit(5, 7, MESSAGES, "account")),
    "MA": (
        Limit(2, 7, (*CALLS, "text"), "debt", ("home", "mobile", "elsewhere")),
        Limit(2, 30, (*CALLS, "text"), "debt", ("work", "elsewhere")),
        Limit(1, 30, ("in_person",), "debt"),
    ),
    "NYC": (Limit(3, 7, ALL, "account", exempt_purposes=("required_by_law",)),),
    "OR": (Limit(1, 7, ALL, "person", ("work",)),),
    "PA": (Limit(1, 7, CALLS, "debt", are_conversations=True),),
    "WA": (Limit(3, 7, ALL, "debt"), Limit(1, 7, ALL, "person", ("work",))),
    "WV": (
        Limit(30, 7, CALLS, "person"),
        Limit(10, 7, CALLS, "person", are_conversations=True),
    ),
}
"""D.C. Code 28-3814; 940 CMR 7.04(1)(f); 6 RCNY 5-77; ORS 646.639; 73 P.S. 2270.4; RCW
19.16.250(13); W. Va. Code 46A-2-125(d).
"""

CONSENT: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "DC": (MESSAGES, ("consent_request",)),
    "NY": (("email",), ("required_by_law",)),
    "NYC": (MESSAGES, ("required_by_law",)),
}
"""Mediums that need the person's own consent, and the purposes that do not: D.C. Code 28-3814, 23
NYCRR 1.6, 6 RCNY 5-77.
"""

TIME_BARRED: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "NY": (("call", *MESSAGES, "letter", "in_person"), frozenset({"ny_time_barred"})),
    "NYC": ((*MESSAGES, "letter"), frozenset({"nyc_time_barred"})),
    "TX": ((*MESSAGES, "letter"), frozenset({"tx_time_barred"})),
    "CA": (
        (*MESSAGES, "letter"),
        frozenset({"ca_time_barred_may_report", "ca_time_barred_will_not_report"}),
    ),
}
"""Which notice goes with what is written about a debt too old to be sued for: 23 NYCRR 1.3, 6 RCNY
5-77, Tex. Fin. Code 392.307, Cal. Civ. Code 1788.14(d).
"""

CALIFORNIA_RIGHTS = frozenset({"ca_rights"})
"""Goes with the first letter to California: Cal. Civ. Code 1812.700."""
SINCE = {"NYC": date(2026, 9, 1)}
"""From which local date on, where it is not always: 6 RCNY 5-77 as amended."""

EXTINGUISHED_AFTER_YEARS = {"MS": 3, "WI": 6}
"""Miss. Code 15-1-3, Wis. Stat. 893.05: then nothing is owed any more."""

MEDICAL_WAIT = timedelta(days=60)
NEW_YORK_WAIT_DAYS = 5
NEW_YORK_NOTICES = frozenset({"ny_prohibited_conduct", "ny_exempt_income"})
ANSWERS = (
    "substantiation",
    "substantiation_instructions",
    "dispute_verification",
    "dispute_judgment_copy",
)
HOMES = ("home", "landline", "home_landline", "residential", "mailing")


def check(scene: Scene, findings: Findings) -> None:
    """Name every law of a state where the person may be that the redeem breaks."""
    for state in sorted(scene.gate.states(scene.aim.party_id)):
        if _last_date(scene) < SINCE.get(state, date.min):
            continue
        for limit in LIMITS.get(state, ()):
            _check_limit(scene, state, limit, findings)
        _check_consent(scene, state, findings)
        _check_time_barred(scene, state, findings)
        _check_extinguished(scene, state, findings)
        if state == "NY":
            _check_new_york(scene, findings)
        if state == "NV":
            _check_medical(scene, findings)
        if state == "CA":
            _check_rights(scene, findings)


def _check_limit(scene: Scene, state: str, limit: Limit, findings: Findings) -> None:
    if not _is_limited(scene, limit):
        return
    findings.checked["contacts-beyond-state-law"] += 1
    for counted in _kinds(scene, limit):
        most = 0
        for where in _zones(scene):
            first = places.local_date(where, scene.at) - timedelta(days=limit.days - 1)
            most = max(
                most, sum(places.local_date(where, each.latest) >= first for each in counted)
            )
        if most >= limit.most:
            _name(
                scene,
                findings,
                "contacts-beyond-state-law",
                f"{most} contacts fall within {limit.days} dates; {state} allows {limit.most}.",
            )


def _is_limited(scene: Scene, limit: Limit) -> bool:
    if scene.aim.channel not in limit.channels or scene.role in PROFESSIONALS:
        return False
    if scene.answers is not None or scene.confirms:
        return False
    if scene.aim.purpose in limit.exempt_purposes:
        return False
    return _is_there(scene, limit, scene.aim.contact_point_id)


def _kinds(scene: Scene, limit: Limit) -> list[list[Attempt]]:
    """Return what is counted apart: lists of attempts that count."""
    gate, aim = scene.gate, scene.aim
    counted = [each for each in gate.recent(scene.at, 60) if _counts(scene, limit, each)]
    match limit.per:
        case "account":
            return [
                [each for each in counted if it in _about(each, limit)] for it in aim.account_ids
            ]
        case "debt":
            own = [each for each in counted if each.aim.party_id == aim.party_id]
            debts = {gate.debt(each) for each in aim.account_ids}
            return [
                [each for each in own if debt in {gate.debt(it) for it in _about(each, limit)}]
                for debt in debts
            ]
        case _:
            return [[each for each in counted if each.aim.party_id == aim.party_id]]


def _counts(scene: Scene, limit: Limit, attempt: Attempt) -> bool:
    if attempt.permit_id == scene.permit_id or not is_made(attempt):
        return False
    if attempt.aim.channel not in limit.channels or scene.gate.is_wrong(
        attempt.aim.contact_point_id
    ):
        return False
    if scene.gate.role(attempt.aim.party_id) in PROFESSIONALS:
        return False
    if not _is_there(scene, limit, attempt.aim.contact_point_id):
        return False
    if limit.are_conversations:
        is_talk = attempt.outcome is None or attempt.outcome in (
            *CONVERSATIONS,
            *PERHAPS_CONVERSATIONS,
        )
        return attempt.aim.channel == "call" and is_talk
    return True


def is_made(attempt: Attempt) -> bool:
    """Tell whether an attempt went out, or may have for all that was reported."""
    if attempt.outcome is not None:
        return went_out(attempt.outcome)
    return attempt.redeemed_at is not None


def _about(attempt: Attempt, limit: Limit) -> tuple[str, ...]:
    talked_of = attempt.discussed if limit.are_conversations else ()
    return (*attempt.raised, *talked_of) or attempt.aim.account_ids


def _is_there(scene: Scene, limit: Limit, contact_point_id: str | None) -> bool:
    point = scene.gate.point(contact_point_id)
    if not limit.places or point is None:
        return True
    label = point.body["label"]
    place = label if label in ("mobile", "work") else "home" if label in HOMES else "elsewhere"
    return place in limit.places


def _check_consent(scene: Scene, state: str, findings: Findings) -> None:
    channels, exempt = CONSENT.get(state, ((), ()))
    aim = scene.aim
    if aim.channel not in channels or aim.purpose in exempt:
        return
    if scene.answers is not None or scene.confirms:
        return
    findings.checked["message-without-state-consent"] += 1
    for each in consents.given(scene):
        is_direct = each.body["procedure"] == "direct_consent"
        is_ours = each.body.get("given_to", "this_collector") == "this_collector"
        if is_direct and is_ours and instant(each.body["given_at"]) <= scene.at:
            return
    _name(
        scene,
        findings,
        "message-without-state-consent",
        f"A message through {aim.channel}, to which {state} asks for consent; none is known.",
    )


def _check_time_barred(scene: Scene, state: str, findings: Findings) -> None:
    channels, notices = TIME_BARRED.get(state, ((), frozenset()))
    if scene.aim.channel not in channels or scene.confirms:
        return
    for fact in scene.gate.of("limitation-period"):
        account_id, barred_from = (
            fact.body["account_id"],
            date.fromisoformat(fact.body["barred_from"]),
        )
        if account_id not in scene.aim.account_ids or _first_date(scene) < barred_from:
            continue
        findings.checked["time-barred-without-notice"] += 1
        if notices.isdisjoint(scene.aim.disclosures) and not _given(scene, account_id, notices):
            _name(
                scene,
                findings,
                "time-barred-without-notice",
                f"{account_id} is too old to be sued for, and {state} wants that said.",
            )


def _check_extinguished(scene: Scene, state: str, findings: Findings) -> None:
    years = EXTINGUISHED_AFTER_YEARS.get(state)
    if years is None:
        return
    for fact in scene.gate.of("debt-history"):
        if fact.body["account_id"] not in scene.aim.account_ids:
            continue
        findings.checked["contact-on-extinguished-debt"] += 1
        stated = day_or_none(fact.body.get("stated_expiry"))
        ends = [stated] if stated else []
        defaulted = day_or_none(fact.body.get("defaulted_on"))
        # A judgment has a period of its own, which does not run from the default.
        is_contract = fact.body.get("contract") != "judgment"
        if defaulted is not None and is_contract and not fact.body.get("restarted_on"):
            ends.append(anniversary(defaulted, years))
        if any(_first_date(scene) > each for each in ends):
            _name(
                scene,
                findings,
                "contact-on-extinguished-debt",
                f"The debt {fact.body['account_id']} ended on {min(ends)} by the law of {state}.",
            )


def _check_new_york(scene: Scene, findings: Findings) -> None:
    for fact in scene.gate.of("substantiation-request"):
        is_asked = fact.body["account_id"] in scene.aim.account_ids
        findings.checked["contact-before-substantiation"] += 1
        if is_asked and not fact.body.get("is_substantiated") and scene.aim.purpose not in ANSWERS:
            _name(
                scene,
                findings,
                "contact-before-substantiation",
                f"The debt {fact.body['account_id']} was to be substantiated first.",
            )
    for fact in scene.gate.of("initial-communication"):
        account_id, first = fact.body["account_id"], instant(fact.body["at"])
        if account_id not in scene.aim.account_ids:
            continue
        findings.checked["disclosures-overdue"] += 1
        is_late = all(
            places.local_date(where, scene.at)
            > places.local_date(where, first) + timedelta(days=NEW_YORK_WAIT_DAYS)
            for where in _zones(scene)
        )
        if is_late and not all(
            each in scene.aim.disclosures or _given(scene, account_id, {each})
            for each in NEW_YORK_NOTICES
        ):
            _name(
                scene,
                findings,
                "disclosures-overdue",
                f"The disclosures on {account_id}, first mentioned {first}, were never given.",
            )


def _check_medical(scene: Scene, findings: Findings) -> None:
    notices = frozenset({"nv_medical"})
    if scene.aim.channel == "letter" and not notices.isdisjoint(scene.aim.disclosures):
        return
    for fact in scene.gate.of("account-known"):
        account_id = fact.body["account_id"]
        if account_id not in scene.aim.account_ids or fact.body["product_type"] != "medical":
            continue
        findings.checked["medical-before-notice"] += 1
        if not any(
            sent_at + MEDICAL_WAIT <= scene.at + timedelta(days=1)
            for sent_at in _sent(scene, account_id, notices, ("letter",))
        ):
            _name(
                scene,
                findings,
                "medical-before-notice",
                f"Nevada's notice on {account_id} was not mailed sixty days before.",
            )


def _check_rights(scene: Scene, findings: Findings) -> None:
    """Ask for the notice of rights where it is known since when the debt is with the agency."""
    if scene.aim.channel != "letter" or scene.role in PROFESSIONALS:
        return
    if scene.aim.purpose in LOCATION_PURPOSES:
        return
    for fact in scene.gate.of("account-known"):
        account_id = fact.body["account_id"]
        if account_id not in scene.aim.account_ids or fact.body.get("placed_at") is None:
            continue
        findings.checked["first-letter-without-rights"] += 1
        is_carried = not CALIFORNIA_RIGHTS.isdisjoint(scene.aim.disclosures)
        if not is_carried and not _given(scene, account_id, CALIFORNIA_RIGHTS):
            _name(
                scene,
                findings,
                "first-letter-without-rights",
                f"The first letter to California about {account_id} says nothing of rights.",
            )


def _given(scene: Scene, account_id: str, notices: Iterable[str]) -> bool:
    return any(True for _ in _sent(scene, account_id, notices))


def _sent(
    scene: Scene, account_id: str, notices: Iterable[str], mediums: Iterable[str] = ()
) -> list[datetime]:
    """Return when one of the notices was given: by what is on file, or by an attempt."""
    wanted, through = frozenset(notices), frozenset(mediums)
    found = [
        instant(each.body["sent_at"])
        for each in scene.gate.of("notice-sent")
        if _is_notice(each, account_id, wanted)
        and (not through or each.body.get("medium", "letter") in through)
        and instant(each.body["sent_at"]) <= scene.at
    ]
    for attempt in scene.gate.attempts.values():
        aim = attempt.aim
        if not wanted.isdisjoint(aim.disclosures) and account_id in aim.account_ids:
            if is_made(attempt) and (not through or aim.channel in through):
                found.append(attempt.earliest)
    return found


def _is_notice(fact: Fact, account_id: str, wanted: frozenset[str]) -> bool:
    return fact.body["account_id"] == account_id and fact.body["notice"] in wanted


def anniversary(day: date, years: int) -> date:
    """Return the same day of a later year; 29 February becomes the first of March at the latest."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _zones(scene: Scene) -> list[ZoneInfo]:
    return places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))


def _first_date(scene: Scene) -> date:
    return min(places.local_date(where, scene.at) for where in _zones(scene))


def _last_date(scene: Scene) -> date:
    return max(places.local_date(where, scene.at) for where in _zones(scene))


def _name(scene: Scene, findings: Findings, code: str, sentence: str) -> None:
    gate = scene.gate
    whole = f"{sentence} A contact through {scene.aim.channel} was redeemed at {scene.at}."
    findings.name(code, gate.tenant, gate.consumer_id, (scene.event.id,), whole)
