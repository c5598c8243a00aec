"""Messages go only where a procedure of 12 CFR 1006.6(d)(4) or (5) has opened the way."""

from datetime import date, timedelta

from tests.oracle import places
from tests.oracle.gate import Fact, Scene
from tests.oracle.log import day_or_none, instant
from tests.oracle.report import Findings

NOTICE_DAYS_MIN = 35
TEXT_DAYS = 60


def check(scene: Scene, findings: Findings) -> None:
    """Name an e-mail or text to an address or number that nothing shows to be usable."""
    if scene.aim.channel not in ("email", "text"):
        return
    code = f"{scene.aim.channel}-without-procedure"
    findings.checked[code] += 1
    is_open = _email_open(scene) if scene.aim.channel == "email" else _text_open(scene)
    if not is_open or _is_seen_by_others(scene):
        findings.name(
            code,
            scene.gate.tenant,
            scene.gate.consumer_id,
            (scene.event.id,),
            f"A message at {scene.at} to {scene.aim.contact_point_id}, for which no consent or"
            f" other procedure is known.",
        )


def _email_open(scene: Scene) -> bool:
    if any(True for _ in _written(scene)):
        return True
    return any(_opens_email(scene, each) for each in given(scene))


def _opens_email(scene: Scene, consent: Fact) -> bool:
    body = consent.body
    given_at = instant(body["given_at"])
    match body["procedure"]:
        case "consumer_used" | "prior_collector":
            return given_at <= scene.at
        case "direct_consent":
            is_ours = body.get("given_to", "this_collector") == "this_collector"
            return is_ours and given_at <= scene.at
        case "creditor_notice":
            return not _is_work(scene) and _notice_passed(scene, consent)
    return False


def _notice_passed(scene: Scene, consent: Fact) -> bool:
    """Tell whether the deadline of the creditor's notice lies behind, everywhere."""
    zones = places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))
    sent_at = instant(consent.body["given_at"])
    sent_on = max(places.local_date(where, sent_at) for where in zones)
    least = sent_on + timedelta(days=NOTICE_DAYS_MIN)
    deadline = max(day_or_none(consent.body.get("opt_out_ends_on")) or least, least)
    return all(places.local_date(where, scene.at) > deadline for where in zones)


def _text_open(scene: Scene) -> bool:
    latest = [instant(each.body["received_at"]) for each in _written(scene)]
    for consent in given(scene):
        body = consent.body
        if body["procedure"] not in ("consumer_used", "direct_consent"):
            continue
        if body["procedure"] == "direct_consent" and (
            body.get("given_to", "this_collector") != "this_collector"
        ):
            continue
        latest.append(instant(body.get("confirmed_at") or body["given_at"]))
    zones = places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))
    return any(
        since <= scene.at
        and all(
            places.local_date(where, scene.at)
            <= places.local_date(where, since) + timedelta(days=TEXT_DAYS)
            for where in zones
        )
        for since in latest
    )


def _written(scene: Scene) -> list[Fact]:
    """Return the messages that came through that channel from that very point."""
    return [
        each
        for each in scene.gate.of("inbound-message")
        if each.body["channel"] == scene.aim.channel
        and each.body.get("contact_point_id") == scene.aim.contact_point_id is not None
    ]


def given(scene: Scene) -> list[Fact]:
    """Return the consents in force for the channel and the address."""
    return [
        each
        for each in scene.gate.of("message-consent")
        if each.body["medium"] == scene.aim.channel
        and scene.gate.is_of(each, scene.aim.party_id)
        and each.body.get("contact_point_id") in (None, scene.aim.contact_point_id)
        and each.body.get("withdrawn_at") is None
        and not is_expired(scene, day_or_none(each.body.get("expires_on")))
    ]


def is_expired(scene: Scene, last: date | None) -> bool:
    """Tell whether a last day, if there is one, has passed where the person may be."""
    zones = places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))
    return last is not None and any(places.local_date(w, scene.at) > last for w in zones)


def _is_work(scene: Scene) -> bool:
    point = scene.gate.point(scene.aim.contact_point_id)
    return (point is not None and point.body["label"] == "work") or _names_point(
        scene, "employer-address"
    )


def _is_seen_by_others(scene: Scene) -> bool:
    """Tell whether somebody has said that messages there are seen by a third party."""
    return _names_point(scene, "third-party-disclosure")


def _names_point(scene: Scene, kind: str) -> bool:
    return any(
        each.body["contact_point_id"] == scene.aim.contact_point_id for each in scene.gate.of(kind)
    )
