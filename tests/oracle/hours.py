"""Convenient hours: after 08:00 and before 21:00 in every zone where the person may be
(12 CFR 1006.6(b)(1)(i)), and outside the times the person has named.

The dispatch begins within seconds of the redeem, so all of that span must be convenient.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import places
from tests.oracle.exceptions import answered_at, is_lifted, welcome_times
from tests.oracle.gate import Scene
from tests.oracle.log import day_or_none, instant
from tests.oracle.report import Findings

OPENS = time(8)
CLOSES = time(21)
TIMED = ("call", "voicemail", "text", "email", "in_person", "social")
"""Mail takes days and a portal is entered by the person, so neither has an hour of contact."""

_TICK = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)


def check(scene: Scene, findings: Findings) -> None:
    """Name a contact outside the assumed hours, at a named time, or where no hour is known."""
    if scene.aim.channel not in TIMED:
        return
    names = scene.gate.zone_names(scene.aim.party_id)
    zones = places.known_zones(names)
    findings.checked["outside-permitted-hours"] += 1
    if len(zones) < len(names) or not names:
        _name(
            scene,
            findings,
            "location-unknown",
            f"A contact at {scene.at} where the local time cannot be told ({sorted(names)}).",
        )
    ends = scene.at + scene.aim.slack - _TICK
    welcome = welcome_times(scene)
    for where in () if is_lifted(scene, "time") else zones:
        if not all(
            OPENS < _wall(where, each) < CLOSES or _is_welcome(where, welcome, each)
            for each in (*_seconds(scene), ends)
        ):
            _name(
                scene,
                findings,
                "outside-permitted-hours",
                f"A contact at {scene.at}, which is {_wall(where, scene.at)} in {where.key},"
                f" and may begin until {_wall(where, ends)}.",
            )
    _check_named_times(scene, findings)


def _check_named_times(scene: Scene, findings: Findings) -> None:
    windows = [(where, window) for where, window, _ in _named_times(scene)]
    barred = [
        window
        for where, window, said_at in _named_times(scene)
        if not is_lifted(scene, "time", said_at)
        for each in _seconds(scene)
        if _is_within(where, window, each)
        and not _is_welcome(where, welcome_times(scene, said_at), each)
    ]
    findings.checked["contact-at-named-time"] += bool(windows)
    if not barred:
        return
    message_at = answered_at(scene)
    if message_at is not None and _is_one_bar(windows, message_at, scene.at):
        return  # the one reply to a message that the person sent during the same bar
    _name(
        scene,
        findings,
        "contact-at-named-time",
        f"A contact at {scene.at}, a time that the person has named as inconvenient.",
    )


def _named_times(scene: Scene) -> Iterator[tuple[ZoneInfo, dict[str, Any], datetime]]:
    around = places.calendar_zones(scene.gate.zone_names(scene.aim.party_id))
    for fact in scene.gate.of("inconvenient-time"):
        if not scene.gate.is_of(fact, scene.aim.party_id):
            continue
        for window in fact.body["windows"]:
            stated = places.zone(window["zone"]) if window.get("zone") else None
            for where in [stated] if stated else around:
                yield where, window, instant(fact.body["received_at"])


def _seconds(scene: Scene) -> list[datetime]:
    seconds = scene.aim.slack // timedelta(seconds=1)
    return [scene.at + timedelta(seconds=each) for each in range(seconds)]


def _is_welcome(where: ZoneInfo, windows: list[dict[str, Any]], at: datetime) -> bool:
    return any(
        window.get("zone") in (None, where.key) and _is_within(where, window, at)
        for window in windows
    )


def _is_barred(windows: list[tuple[ZoneInfo, dict[str, Any]]], at: datetime) -> bool:
    return any(_is_within(where, window, at) for where, window in windows)


def _is_within(where: ZoneInfo, window: dict[str, Any], at: datetime) -> bool:
    wall = at.astimezone(where)
    weekdays = window.get("weekdays") or range(7)
    first, last = day_or_none(window.get("first_date")), day_or_none(window.get("last_date"))
    if wall.weekday() not in weekdays:
        return False
    if (first and wall.date() < first) or (last and wall.date() > last):
        return False
    minute = wall.hour * 60 + wall.minute
    return bool(window.get("from_minute", 0) <= minute < window.get("until_minute", 1440))


def _is_one_bar(
    windows: list[tuple[ZoneInfo, dict[str, Any]]], since: datetime, until: datetime
) -> bool:
    moment = since
    while moment < until:
        if not _is_barred(windows, moment):
            return False
        moment += _MINUTE
    return True


def _wall(where: ZoneInfo, at: datetime) -> time:
    return at.astimezone(where).time()


def _name(scene: Scene, findings: Findings, code: str, sentence: str) -> None:
    gate = scene.gate
    findings.name(code, gate.tenant, gate.consumer_id, (scene.event.id,), sentence)
