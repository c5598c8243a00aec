"""Who may be contacted at all: the dead, the bankrupt, those who only may know where somebody is,
and numbers that machines may not call.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import places
from tests.oracle.consents import is_expired
from tests.oracle.gate import PROFESSIONALS, Attempt, Fact, Scene
from tests.oracle.log import day_or_none, instant, instant_or_none
from tests.oracle.outcomes import CONVERSATIONS, PERHAPS_CONVERSATIONS, TELEPHONE
from tests.oracle.report import Findings
from tests.oracle.state_law import is_made
from tests.oracle.stops import LOCATION_PURPOSES

COMMUNICATIONS = (
    *CONVERSATIONS,
    *PERHAPS_CONVERSATIONS,
    "voicemail_left",
    "third_party_no_disclosure",
    "employer_prohibits",
    "deceased_stated",
    "text_sent",
    "text_delivered",
    "text_replied",
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_unsubscribed",
    "letter_sent",
    "social_sent",
    "social_replied",
)
"""Outcomes by which somebody was told something, or may have been."""

STAY_PURPOSES = ("proof_of_claim", "bankruptcy_notice")
CODEBTOR_CHAPTERS = (12, 13)
VALIDATION_DAYS = 5
AUTOMATED = ("prerecorded", "autodialed")
MOBILE = ("mobile",)
RESIDENTIAL = ("home", "landline", "home_landline", "residential")
PRERECORDED_MAX, PRERECORDED_DAYS = 3, 30


def check(scene: Scene, findings: Findings) -> None:
    """Name a redeem for somebody who may not be contacted so."""
    _check_deceased(scene, findings)
    for fact in scene.gate.of("bankruptcy"):
        _check_bankruptcy(scene, fact, findings)
    _check_location(scene, findings)
    _check_validation(scene, findings)
    _check_portal(scene, findings)
    if scene.aim.technology in AUTOMATED:
        _check_automated(scene, findings)


def _check_deceased(scene: Scene, findings: Findings) -> None:
    findings.checked["contact-with-deceased"] += 1
    if scene.role == "consumer" and scene.gate.has_status("deceased"):
        _name(scene, findings, "contact-with-deceased", "The consumer had died.")


def _check_bankruptcy(scene: Scene, case: Fact, findings: Findings) -> None:
    body, aim = case.body, scene.aim
    if aim.purpose in STAY_PURPOSES or scene.role in PROFESSIONALS:
        return
    findings.checked["contact-in-bankruptcy"] += 1
    debtor = body.get("party_id")
    owes_too = scene.role in ("co_debtor", "guarantor")
    is_debtor = aim.party_id == debtor if debtor else not owes_too
    is_codebtor = debtor is not None and aim.party_id != debtor or owes_too
    accounts = [
        each
        for each in aim.account_ids
        if not body.get("account_ids") or each in body["account_ids"]
    ]
    days = [places.local_date(where, scene.at) for where in _zones(scene)]
    is_stayed = all(_is_stayed(case, day) for day in days)
    free = (*body.get("stay_lifted", ()), *body.get("postpetition", ()))
    stayed = [each for each in accounts if each not in free]
    if is_stayed and stayed and is_debtor:
        _name(scene, findings, "contact-in-bankruptcy", f"The stay of {case.key} covered it.")
    if is_stayed and stayed and is_codebtor and body.get("chapter") in (None, *CODEBTOR_CHAPTERS):
        _name(scene, findings, "contact-in-bankruptcy", f"{case.key} stays co-debtors, too.")
    discharged_on = day_or_none(body.get("discharged_on"))
    free = (*body.get("reaffirmed", ()), *body.get("postpetition", ()))
    is_over = discharged_on is not None and all(day >= discharged_on for day in days)
    if is_over and is_debtor and [each for each in accounts if each not in free]:
        _name(scene, findings, "contact-after-discharge", f"{case.key} discharged the debt.")


def _is_stayed(case: Fact, day: date) -> bool:
    filed_on = day_or_none(case.body.get("filed_on"))
    ends = [day_or_none(case.body.get(each)) for each in ("ended_on", "discharged_on")]
    return (filed_on is None or filed_on <= day) and not any(each and day >= each for each in ends)


def _check_location(scene: Scene, findings: Findings) -> None:
    aim, gate = scene.aim, scene.gate
    if aim.purpose not in LOCATION_PURPOSES or scene.role in PROFESSIONALS:
        return
    findings.checked["location-contact"] += 1
    if "debt_owed" in aim.says:
        _name(scene, findings, "location-contact-names-debt", "Somebody asked was told of a debt.")
    is_estate = aim.purpose == "estate_representative_information"
    if is_estate and not gate.has_status("deceased"):
        _name(scene, findings, "location-contact-unfit", "Nobody has died.")
    if gate.is_as_consumer(aim.party_id) or aim.renewed_for is not None:
        return
    if any(_asked(each, scene) for each in gate.attempts.values()):
        _name(scene, findings, "location-contact-repeated", f"{aim.party_id} was asked before.")


def _asked(attempt: Attempt, scene: Scene) -> bool:
    if attempt.permit_id == scene.permit_id or attempt.aim.party_id != scene.aim.party_id:
        return False
    if attempt.aim.purpose not in LOCATION_PURPOSES or not is_made(attempt):
        return False
    return attempt.outcome is None or attempt.outcome in COMMUNICATIONS


def _check_validation(scene: Scene, findings: Findings) -> None:
    if scene.role in PROFESSIONALS or scene.aim.purpose == "validation_notice":
        return
    for fact in scene.gate.of("initial-communication"):
        body = fact.body
        account_id = body["account_id"]
        if account_id not in scene.aim.account_ids or body.get("holds_validation"):
            continue
        findings.checked["contact-with-notice-overdue"] += 1
        first = max(places.local_date(where, instant(body["at"])) for where in _zones(scene))
        today = min(places.local_date(where, scene.at) for where in _zones(scene))
        if today <= first + timedelta(days=VALIDATION_DAYS) or not scene.gate.owes(account_id):
            continue
        if not any(_suffices(fact, each) for each in scene.gate.of("validation-notice")):
            _name(
                scene,
                findings,
                "contact-with-notice-overdue",
                f"{account_id} was first mentioned on {first}, and no validation notice was sent.",
            )


def _suffices(first: Fact, notice: Fact) -> bool:
    if notice.body["account_id"] != first.body["account_id"]:
        return False
    if notice.body.get("is_undeliverable"):
        return False
    carries = notice.body.get("carries", "initial")
    return carries == "initial" or (carries == "later" and not first.body.get("is_oral"))


def _check_portal(scene: Scene, findings: Findings) -> None:
    if scene.aim.channel != "portal":
        return
    findings.checked["portal-without-session"] += 1
    for fact in scene.gate.of("inbound-message"):
        until = instant_or_none(fact.body.get("until"))
        if fact.body["channel"] == "portal" and until is not None:
            if instant(fact.body["received_at"]) <= scene.at < until:
                return
    _name(scene, findings, "portal-without-session", "The person was not in the portal.")


def _check_automated(scene: Scene, findings: Findings) -> None:
    aim, gate = scene.aim, scene.gate
    point = gate.point(aim.contact_point_id)
    if point is None or aim.channel not in (*TELEPHONE, "text"):
        return
    label = point.body["label"]
    findings.checked["automated-without-consent"] += 1
    given = [
        each.body
        for each in gate.of("automated-consent")
        if gate.is_of(each, aim.party_id)
        and each.body.get("contact_point_id") in (None, aim.contact_point_id)
    ]
    good = [each for each in given if _is_in_force(scene, each)]
    is_consented = any(instant(each["given_at"]) <= scene.at for each in good)
    if label in MOBILE and not is_consented and aim.purpose != "emergency":
        _name(scene, findings, "automated-without-consent", "A machine reached a mobile number.")
    revoked = [instant(each["withdrawn_at"]) for each in given if each.get("withdrawn_at")]
    again = [instant(each["given_at"]) for each in good]
    if any(not any(each > since for each in again) for since in revoked):
        _name(scene, findings, "automated-after-revocation", "The consent had been taken back.")
    checks = [
        (instant(each.body["checked_at"]), each.body["answer"])
        for each in gate.of("reassignment-check")
        if each.body["contact_point_id"] == aim.contact_point_id
        and instant(each.body["checked_at"]) <= scene.at
    ]
    if checks and max(checks)[1] == "yes" and len(checks) == 1:
        _name(scene, findings, "automated-to-reassigned-number", "The number is another's now.")
    if aim.technology == "prerecorded" and aim.channel in TELEPHONE and label in RESIDENTIAL:
        _check_prerecorded(scene, findings, is_consented=is_consented)


def _is_in_force(scene: Scene, consent: dict[str, Any]) -> bool:
    accounts = consent.get("account_ids") or scene.aim.account_ids
    return (
        consent.get("withdrawn_at") is None
        and not is_expired(scene, day_or_none(consent.get("expires_on")))
        and set(scene.aim.account_ids) <= set(accounts)
    )


def _check_prerecorded(scene: Scene, findings: Findings, *, is_consented: bool) -> None:
    gate, aim = scene.gate, scene.aim
    findings.checked["prerecorded-too-often"] += 1
    made = [
        each.latest
        for each in gate.recent(scene.at, 60)
        if each.permit_id != scene.permit_id
        and each.aim.technology == "prerecorded"
        and each.aim.channel in TELEPHONE
        and each.aim.party_id == aim.party_id
        and not gate.is_wrong(each.aim.contact_point_id)
        and is_made(each)
    ]
    most = max(_since(where, made, scene.at) for where in _zones(scene))
    if most >= PRERECORDED_MAX and not is_consented:
        _name(scene, findings, "prerecorded-too-often", f"{most} came in {PRERECORDED_DAYS} days.")


def _since(where: ZoneInfo, made: list[datetime], at: datetime) -> int:
    first = places.local_date(where, at) - timedelta(days=PRERECORDED_DAYS - 1)
    return sum(places.local_date(where, each) >= first for each in made)


def _zones(scene: Scene) -> list[ZoneInfo]:
    return places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))


def _name(scene: Scene, findings: Findings, code: str, sentence: str) -> None:
    gate = scene.gate
    whole = f"{sentence} A contact with {scene.aim.party_id} was redeemed at {scene.at}."
    findings.name(code, gate.tenant, gate.consumer_id, (scene.event.id,), whole)
