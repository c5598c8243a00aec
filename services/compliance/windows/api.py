"""Contact windows over HTTP: the coming days of one consumer, by channel and contact point."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel

from services.compliance.permits.asking import LICENCES_HELD, Basis
from services.compliance.permits.bodies import ObjectionAnswer
from services.compliance.permits.domain import GATES, deciding
from services.compliance.permits.domain import stream as gate_stream
from services.compliance.permits.domain.state import GateState
from services.compliance.points import domain as points
from services.compliance.rules import facts, local_time
from services.compliance.rules.contact.contact_point_unfit import POINT_KIND
from services.compliance.rules.facts import Channel
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import ContactRequest
from services.compliance.rules.windows import Gap, Window, windows
from shared.eventstore.transact import Guard, Moment
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.problem import FieldError, Problem
from shared.http.routing import Router

router = Router(tag="permits")

DAYS_MAX = 14
DAYS_DEFAULT = "7"
Way = tuple[Channel, str | None]
WAYS_MAX = 40
"""Channels and contact points of one answer; ask for one channel when there are more."""
ACCOUNTS_MAX = 20
PURPOSE = "collection"

AskedChannel = Literal["call", "voicemail", "text", "email", "letter", "in_person", "social"]
ConsumerPath = Annotated[str, Path(), TypeId("cns")]


class LocalTimes(BaseModel):
    """The same instants as clocks show them in one zone where the person may be."""

    zone: str
    starts_at: str
    ends_at: str


class WindowAnswer(BaseModel):
    """Permitted from `starts_at` up to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    local_times: list[LocalTimes]


class GapAnswer(BaseModel):
    """Barred in between, by these rules. Without `ends_at`: not permitted by waiting.

    The last gap may end after the days asked for: that is when contact is permitted next.
    """

    starts_at: datetime
    ends_at: datetime | None
    objections: list[ObjectionAnswer]


class WayAnswer(BaseModel):
    """One channel to one contact point, up to `ends_at`: earlier than asked if there is much.

    A social platform has no contact point; its message must have been checked, besides.
    """

    channel: str
    contact_point_id: str | None
    ends_at: datetime
    windows: list[WindowAnswer]
    gaps: list[GapAnswer]


class WindowsAnswer(BaseModel):
    """When contact would be permitted if nothing more became known. It is no leave to contact."""

    object: Literal["contact_windows"] = "contact_windows"
    consumer_id: str
    account_ids: list[str]
    purpose: str
    starts_at: datetime
    ends_at: datetime
    rule_pack: str
    tz_version: str
    ways: list[WayAnswer]


@router.get(
    "/consumers/{consumer_id}/contact-windows",
    scope="permits:read",
    response_model=WindowsAnswer,
    problems=("validation-failed",),
)
async def list_contact_windows(
    consumer_id: ConsumerPath,
    call: CurrentCall,
    channel: AskedChannel | None = None,
    days: Annotated[str, Query(pattern=r"^[1-9][0-9]?$", max_length=2)] = DAYS_DEFAULT,
    account_id: Annotated[str | None, Query(), TypeId("acct")] = None,
) -> WindowsAnswer:
    """List when the consumer may be contacted in the coming days (7 unless said, at most 14).

    About one account, or about all active ones together: what bars one of them bars them all.
    Nothing shows who is on a social platform: that channel is listed only where it is asked for.
    """
    length = _days(days)
    basis: Basis = call.request.app.state.basis
    await basis.books.ready(call.tenant)
    (known,) = await call.states((gate_stream(consumer_id), GATES))
    ways = _ways(known, consumer_id, channel)
    moment = await _look(call, consumer_id, [point for _, point in ways if point])
    state: GateState = moment.guards[gate_stream(consumer_id)]
    shelf = basis.books.shelf(call.tenant)
    starts_at = local_time.whole_second(moment.now)
    ends_at = shelf.whole_until(starts_at, starts_at + length)
    account_ids = (account_id,) if account_id else _accounts(state)
    shown = []
    for each, point in ways:
        request = _request(consumer_id, account_ids, each, point)
        address = points.stream_of(point) if point else None
        around = basis.circumstances(call.tenant, moment, address)
        gate = deciding.shown(state, request, around, book=shelf.at(starts_at))
        # In a thread, since permits must not wait for it.
        found = await asyncio.to_thread(windows, gate, shelf, starts_at, ends_at)
        shown.append(_way(gate, found, ends_at))
    return WindowsAnswer(
        consumer_id=consumer_id,
        account_ids=list(account_ids),
        purpose=PURPOSE,
        starts_at=starts_at,
        ends_at=ends_at,
        rule_pack=shelf.at(starts_at).label,
        tz_version=basis.tz_version,
        ways=shown,
    )


def _days(given: str) -> timedelta:
    if int(given) > DAYS_MAX:
        raise Problem(
            "validation-failed",
            f"days is at most {DAYS_MAX}.",
            errors=[FieldError(code="number-range", parameter="days")],
        )
    return timedelta(days=int(given))


def _ways(state: GateState, consumer_id: str, channel: Channel | None) -> list[Way]:
    """Return the channels and own contact points that fit each other.

    Raises:
        Problem: 422 when there are more than one answer may hold.
    """
    if channel == "social":
        return [(channel, None)]
    found: list[Way] = [
        (each, kept.fact.contact_point_id)
        for each, kind in POINT_KIND.items()
        for kept in state.facts.values()
        if isinstance(kept.fact, facts.ContactPointKnown)
        and kept.fact.party_id in (None, consumer_id)
        and kept.fact.point_kind == kind
        and channel in (None, each)
    ]
    if len(found) > WAYS_MAX:
        raise Problem(
            "validation-failed",
            "There are too many contact points for one answer; ask for one channel.",
            errors=[FieldError(code="too-many-items", parameter="channel")],
        )
    return found


async def _look(call: Call, consumer_id: str, point_ids: list[str]) -> Moment:
    """Read the gate and the opt-outs of its addresses in one round trip."""
    addresses = [Guard(stream=points.stream_of(each), decider=points.POINTS) for each in point_ids]
    gate = Guard(stream=gate_stream(consumer_id), decider=GATES)
    return await call.foundation.transactor.look(
        call.tenant, [gate, LICENCES_HELD, *addresses], parked_key=consumer_id
    )


def _accounts(state: GateState) -> tuple[str, ...]:
    """Return the active accounts, or those there are, so that what bars them is named."""
    known = [each.fact for each in state.facts.values()]
    standing = [each for each in known if isinstance(each, facts.AccountStanding)]
    active = [each.account_id for each in standing if each.lifecycle == "active"]
    found = active or [each.account_id for each in known if isinstance(each, facts.AccountKnown)]
    return tuple(dict.fromkeys(found))[:ACCOUNTS_MAX]


def _request(
    consumer_id: str, account_ids: tuple[str, ...], channel: Channel, contact_point_id: str | None
) -> ContactRequest:
    return ContactRequest(
        consumer_id=consumer_id,
        account_ids=account_ids,
        party_id=consumer_id,
        channel=channel,
        contact_point_id=contact_point_id,
        purpose=PURPOSE,
        content_digest="",
    )


def _way(gate: Gate, found: list[Window | Gap], ends_at: datetime) -> WayAnswer:
    return WayAnswer(
        channel=gate.request.channel,
        contact_point_id=gate.request.contact_point_id,
        ends_at=min(found[-1].ends_at or ends_at, ends_at),
        windows=[_window(gate, each) for each in found if isinstance(each, Window)],
        gaps=[
            GapAnswer(
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                objections=[ObjectionAnswer.of(objection) for objection in each.objections],
            )
            for each in found
            if isinstance(each, Gap)
        ],
    )


def _window(gate: Gate, window: Window) -> WindowAnswer:
    return WindowAnswer(
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        local_times=[
            LocalTimes(
                zone=each.key,
                starts_at=window.starts_at.astimezone(each).isoformat(),
                ends_at=window.ends_at.astimezone(each).isoformat(),
            )
            for each in gate.zones
        ],
    )
