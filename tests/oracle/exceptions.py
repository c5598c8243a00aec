"""The narrow ways around a stop: the one reply to a message, the one confirmation of an opt-out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.oracle.gate import Attempt, Fact, Scene
from tests.oracle.log import instant
from tests.oracle.outcomes import went_out
from tests.oracle.report import Findings

JUDGMENT_PURPOSES = ("postjudgment_judicial_remedy",)


def answered_at(scene: Scene) -> datetime | None:
    """Return when the person sent the message that this contact answers, if it does rightly."""
    message = _answered(scene)
    return None if message is None else instant(message.body["received_at"])


def replies_after(scene: Scene, since: datetime) -> bool:
    """Tell whether the contact answers a message that the person sent after that instant."""
    message_at = answered_at(scene)
    return message_at is not None and message_at > since


def confirms(scene: Scene, key: str) -> bool:
    """Tell whether the contact is nothing but the first confirmation of that opt-out."""
    if scene.aim.act != "opt_out_confirmation" or scene.aim.channel not in (
        "text",
        "email",
        "social",
    ):
        return False
    return key in scene.confirms and not any(key in each.confirms for each in _made(scene))


def is_lifted(scene: Scene, bar: str, since: datetime | None = None) -> bool:
    """Tell whether consent given to the agency, or a court, lifts a bar (1006.6(b)(4)).

    What was said since then is lifted by no consent from before.
    """
    return any(bar in body["lifts"] and not body.get("windows") for body in _consents(scene, since))


def welcome_times(scene: Scene, since: datetime | None = None) -> list[dict[str, Any]]:
    """Return the parts of a week in which the person has said, since then, to be reached."""
    return [
        window
        for body in _consents(scene, since)
        if "time" in body["lifts"]
        for window in body.get("windows", ())
    ]


def may_be_told(scene: Scene) -> bool:
    """Tell whether the consumer, or a court, lets the debt be talked of with that person, or a
    judgment on it is executed (1006.6(d)(2)(ii)-(iv)).
    """
    who = scene.aim.party_id
    theirs = _consents(scene, None, of=scene.gate.consumer_id)
    if any(who in body.get("third_parties", ()) for body in theirs):
        return True
    adjudged = {
        each.body["account_id"]
        for each in scene.gate.of("debt-history")
        if "judgment" in (each.body.get("contract"), each.body.get("restarted_by"))
    }
    return scene.aim.purpose in JUDGMENT_PURPOSES and set(scene.aim.account_ids) <= adjudged


def _consents(
    scene: Scene, since: datetime | None, *, of: str | None = None
) -> Iterator[dict[str, Any]]:
    ends = scene.at + scene.aim.slack
    for each in scene.gate.of("prior-consent"):
        body = each.body
        until, withdrawn = body.get("until"), body.get("withdrawn_at")
        is_direct = body.get("given_to", "this_collector") == "this_collector"
        is_good = is_direct and body.get("is_lawfully_given", True)
        if (
            (is_good or body.get("source") == "court")
            and scene.gate.is_of(each, of or scene.aim.party_id)
            and set(scene.aim.account_ids) <= set(body.get("account_ids") or scene.aim.account_ids)
            and withdrawn is None
            and instant(body["received_at"]) <= scene.at
            and (since is None or instant(body["received_at"]) >= since)
            and (until is None or ends <= instant(until))
        ):
            yield body


def check(scene: Scene, findings: Findings) -> None:
    """Name a second reply to one message, and a second confirmation of one opt-out."""
    gate = scene.gate
    if scene.answers is not None:
        findings.checked["replied-twice"] += 1
        if any(each.answers == scene.answers for each in _made(scene)):
            findings.name(
                "replied-twice",
                gate.tenant,
                gate.consumer_id,
                (scene.event.id,),
                f"A second reply to the message {scene.answers}.",
            )
    for key in scene.confirms:
        findings.checked["confirmed-twice"] += 1
        if any(key in each.confirms for each in _made(scene)):
            findings.name(
                "confirmed-twice",
                gate.tenant,
                gate.consumer_id,
                (scene.event.id,),
                f"A second confirmation of the opt-out {key}.",
            )


def _answered(scene: Scene) -> Fact | None:
    if scene.aim.act != "reply" or scene.answers is None:
        return None
    if any(each.answers == scene.answers for each in _made(scene)):
        return None
    for fact in scene.gate.of("inbound-message"):
        body = fact.body
        medium = "call" if body["channel"] == "voicemail" else body["channel"]
        if (
            body["message_id"] == scene.answers
            and medium == scene.aim.medium
            and scene.gate.is_of(fact, scene.aim.party_id)
            and body.get("contact_point_id") in (None, scene.aim.contact_point_id)
            and instant(body["received_at"]) <= scene.at
        ):
            return fact
    return None


def _made(scene: Scene) -> list[Attempt]:
    return [
        each
        for each in scene.gate.attempts.values()
        if each.permit_id != scene.permit_id
        and each.redeemed_at is not None
        and (each.outcome is None or went_out(each.outcome))
    ]
