"""Stops: what nothing may be redeemed after, from the moment it was known.

A stop is judged as the gate took it in, and besides as the service that heard it put it: that one
counts from when the gate took in its version, or at the latest once a stale gate must refuse.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.oracle import places
from tests.oracle.exceptions import confirms, is_lifted, may_be_told, replies_after
from tests.oracle.gate import Fact, Gate, Scene
from tests.oracle.log import instant
from tests.oracle.outcomes import SPOKEN
from tests.oracle.report import Findings

CEASE_PURPOSES = (
    "notice_of_termination_of_efforts",
    "invoke_specified_remedy_ordinarily_invoked",
    "intends_to_invoke_specified_remedy",
    "mortgage_servicing_notice",
)
"""12 CFR 1006.6(c)(2) and comment 6(c)(2)-1."""

ANSWERING_PURPOSES = (
    "dispute_verification",
    "dispute_judgment_copy",
    "duplicative_dispute_notice",
    "original_creditor_name_and_address",
)
"""What answers a dispute is not collection (12 CFR 1006.38)."""

REQUIRED_BY_LAW = ("required_by_law",)
LOCATION_PURPOSES = ("location_information", "estate_representative_information")
POINT_KINDS = {
    "call": "phone",
    "voicemail": "phone",
    "text": "phone",
    "email": "email",
    "letter": "address",
    "in_person": "address",
}
ABOUT_THE_DEBT = ("consumer", "co_debtor", "guarantor", "spouse")
HOME_LABELS = ("home", "landline", "home_landline", "residential")

HOLDS = {
    "dispute": ("contact-during-dispute", ANSWERING_PURPOSES),
    "cease": ("contact-after-cease", CEASE_PURPOSES),
    "attorney": ("contact-after-attorney", ()),
}
"""Holds that stand for another stop, and what may be sent under them."""


def check(scene: Scene, findings: Findings) -> None:
    """Name every stop that the gate knew of and that bars this redeem."""
    for kind, judge in JUDGES.items():
        for fact in scene.gate.of(kind):
            check_fact(scene, fact, judge, findings)
    _check_standing_known(scene, findings)
    _check_party(scene, findings)
    _check_point(scene, findings)


def check_stated(scene: Scene, fact: Fact, findings: Findings) -> None:
    """Name a stop as its own service stated it."""
    check_fact(scene, fact, JUDGES[fact.kind], findings)


def check_fact(scene: Scene, fact: Fact, judge: "Judge", findings: Findings) -> None:
    """Ask whether one fact bars the redeem."""
    findings.checked[f"stop {fact.kind}"] += 1
    code = judge(scene, fact)
    if code is not None:
        gate = scene.gate
        findings.name(
            code,
            gate.tenant,
            gate.consumer_id,
            (scene.event.id, fact.event_id),
            f"A contact through {scene.aim.channel} was redeemed at {scene.at} although"
            f" {fact.kind} {fact.key} was known.",
        )


def _covers(scene: Scene, body: Mapping[str, Any]) -> bool:
    about = body.get("account_ids", ())
    return not about or any(each in scene.aim.account_ids for each in about)


def _cease(scene: Scene, fact: Fact) -> str | None:
    if scene.is_to_professional or scene.aim.purpose in CEASE_PURPOSES:
        return None
    return "contact-after-cease" if _covers(scene, fact.body) else None


def _oral_stop(scene: Scene, fact: Fact) -> str | None:
    if scene.aim.channel not in SPOKEN or scene.is_to_professional:
        return None
    if scene.aim.purpose in REQUIRED_BY_LAW:
        return None
    if replies_after(scene, instant(fact.body["received_at"])):
        return None
    return "contact-after-oral-stop"


def _attorney(scene: Scene, fact: Fact) -> str | None:
    if scene.is_to_professional or not _covers(scene, fact.body):
        return None
    if replies_after(scene, instant(fact.body["received_at"])) or is_lifted(scene, "attorney"):
        return None
    return "contact-after-attorney"


def _opt_out(scene: Scene, fact: Fact) -> str | None:
    body = fact.body
    if not binds(scene, body):
        return None
    if confirms(scene, fact.key) or replies_after(scene, instant(body["received_at"])):
        return None
    if is_of_address(body):
        return "contact-to-opted-out-address"
    return None if scene.aim.purpose in REQUIRED_BY_LAW else "contact-to-opted-out-medium"


def is_of_address(body: Mapping[str, Any]) -> bool:
    """Tell whether an opt-out names an address or number rather than a medium."""
    return body.get("contact_point_id") is not None or body.get("digest") is not None


def binds(scene: Scene, body: Mapping[str, Any]) -> bool:
    """Tell whether an opt-out is about what the contact uses."""
    if body.get("party_id") not in (None, scene.aim.party_id):
        return False
    if body.get("medium") not in (None, scene.aim.medium):
        return False
    if not is_of_address(body):
        return True
    point = scene.gate.point(scene.aim.contact_point_id)
    is_point = body.get("contact_point_id") == scene.aim.contact_point_id is not None
    has_digest = body.get("digest") is not None and point is not None
    return is_point or (has_digest and point is not None and point.body["digest"] == body["digest"])


def _dispute(scene: Scene, fact: Fact) -> str | None:
    body = fact.body
    if body.get("disputed_amount") is not None and scene.aim.portion == "undisputed":
        return None
    return "contact-during-dispute" if _is_unanswered(scene, body) else None


def _original_creditor(scene: Scene, fact: Fact) -> str | None:
    return "contact-before-creditor-named" if _is_unanswered(scene, fact.body) else None


def _is_unanswered(scene: Scene, body: Mapping[str, Any]) -> bool:
    if scene.aim.purpose in ANSWERING_PURPOSES or body["account_id"] not in scene.aim.account_ids:
        return False
    return bool(body["in_writing"]) and not body.get("answered") and _is_timely(scene.gate, body)


def _is_timely(gate: Gate, body: Mapping[str, Any]) -> bool:
    if body.get("timely") is not None:
        return bool(body["timely"])
    ends = [
        each.body["ends_on"]
        for each in gate.of("validation-period-end")
        if each.body["account_id"] == body["account_id"]
    ]
    received = instant(body["received_at"])
    zones = places.calendar_zones(gate.zone_names(gate.consumer_id))
    day = min(places.local_date(where, received) for where in zones)
    return not ends or day.isoformat() <= max(ends)


def _hold(scene: Scene, fact: Fact) -> str | None:
    if fact.body["account_id"] not in scene.aim.account_ids:
        return None
    code, allowed = HOLDS.get(fact.body["reason"], ("contact-during-hold", ()))
    return None if scene.aim.purpose in allowed else code


def _standing(scene: Scene, fact: Fact) -> str | None:
    if fact.body["account_id"] not in scene.aim.account_ids:
        return None
    match fact.body["lifecycle"]:
        case "recalled":
            return "contact-on-recalled-account"
        case "closed":
            return "contact-on-closed-account"
        case "active":
            return None if fact.body["owes"] else "contact-with-nothing-owed"
        case _:
            return "contact-on-inactive-account"


def _wrong_number(scene: Scene, fact: Fact) -> str | None:
    is_same = fact.body["contact_point_id"] == scene.aim.contact_point_id
    return "contact-to-wrong-number" if is_same else None


def _employer(scene: Scene, fact: Fact) -> str | None:
    point = scene.gate.point(scene.aim.contact_point_id)
    if point is None or point.body["label"] != "work" or is_lifted(scene, "workplace"):
        return None
    return "contact-at-work" if scene.gate.is_of(fact, scene.aim.party_id) else None


def _place(scene: Scene, fact: Fact) -> str | None:
    point = scene.gate.point(scene.aim.contact_point_id)
    if point is None or not scene.gate.is_of(fact, scene.aim.party_id):
        return None
    said_at = instant(fact.body["received_at"])
    if replies_after(scene, said_at) or is_lifted(scene, "place", said_at):
        return None
    if fact.body.get("is_present"):
        return "contact-at-named-place"
    label, kind = point.body["label"], point.body["point_kind"]
    if kind == "email" or label == "mobile":
        return None
    if fact.body["place"] == "work":
        is_tied = label == "work"
    else:
        is_tied = label in HOME_LABELS or (kind == "address" and label != "work")
    return "contact-at-named-place" if is_tied else None


Judge = Callable[[Scene, Fact], str | None]

JUDGES: dict[str, Judge] = {
    "cease-notice": _cease,
    "oral-stop": _oral_stop,
    "attorney-retained": _attorney,
    "opt-out": _opt_out,
    "dispute": _dispute,
    "original-creditor-request": _original_creditor,
    "account-hold": _hold,
    "account-standing": _standing,
    "wrong-number": _wrong_number,
    "employer-prohibition": _employer,
    "inconvenient-place": _place,
}


def _check_standing_known(scene: Scene, findings: Findings) -> None:
    known = {each.body["account_id"] for each in scene.gate.of("account-standing")}
    missing = [each for each in scene.aim.account_ids if each not in known]
    if missing or not scene.aim.account_ids:
        findings.name(
            "contact-on-unknown-account",
            scene.gate.tenant,
            scene.gate.consumer_id,
            (scene.event.id,),
            f"A contact at {scene.at} about {missing or 'no account'}, not known at the gate.",
        )


def _check_party(scene: Scene, findings: Findings) -> None:
    findings.checked["contact-to-third-party"] += 1
    if scene.role in ABOUT_THE_DEBT or scene.is_to_professional:
        return
    if scene.gate.is_as_consumer(scene.aim.party_id):
        return
    is_for_location = scene.aim.purpose in LOCATION_PURPOSES
    if scene.role != "unknown" and (is_for_location or may_be_told(scene)):
        return
    findings.name(
        "contact-to-third-party",
        scene.gate.tenant,
        scene.gate.consumer_id,
        (scene.event.id,),
        f"A contact at {scene.at} with {scene.aim.party_id}, who is {scene.role}.",
    )


def _check_point(scene: Scene, findings: Findings) -> None:
    kind = POINT_KINDS.get(scene.aim.channel)
    is_without = scene.aim.channel == "social"
    if kind is None and not is_without:
        return
    findings.checked["contact-to-unfit-point"] += 1
    if is_without and scene.aim.contact_point_id is None:
        return
    point = scene.gate.point(scene.aim.contact_point_id)
    is_fit = (
        point is not None
        and point.body["point_kind"] == kind
        and scene.gate.is_of(point, scene.aim.party_id)
        and not (scene.aim.channel == "text" and point.body["label"] == "landline")
    )
    if not is_fit:
        findings.name(
            "contact-to-unfit-point",
            scene.gate.tenant,
            scene.gate.consumer_id,
            (scene.event.id,),
            f"A contact at {scene.at} through {scene.aim.channel} to"
            f" {scene.aim.contact_point_id}, not known as that person's {kind}.",
        )
