"""Gathers the outside facts of a permit request: how fresh the gate is, what the address bars,
where the agency is licensed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.compliance.licences import domain as licences
from services.compliance.permits import views
from services.compliance.permits.bodies import ContactBody, SeenStream
from services.compliance.permits.domain import commands
from services.compliance.points import domain as points
from services.compliance.rules.book import Book
from services.compliance.rules.request import Circumstances
from shared.eventstore.transact import Guard, Moment
from shared.http.call import Call
from shared.kernel.records import record
from shared.telemetry.tracing import current_trace_id


@record
class Basis:
    """What every decision of this process is made with."""

    book: Book
    tz_version: str
    upstream: tuple[str, ...]
    staleness: timedelta

    def stale(self, moment: Moment) -> tuple[str, ...]:
        """Return the feeds that are older than the bound."""
        oldest = moment.system_now - self.staleness
        return tuple(
            name
            for name in self.upstream
            if name not in moment.watermarks or moment.watermarks[name] < oldest
        )

    def watermarks(self, moment: Moment) -> dict[str, datetime]:
        """Return how far the feeds are."""
        known: Mapping[str, datetime] = moment.watermarks
        return {name: known[name] for name in self.upstream if name in known}


class Asking:
    """One request with everything but the moment."""

    def __init__(self, body: ContactBody, basis: Basis, unapplied: tuple[str, ...]) -> None:
        self._request = body.request()
        self._basis = basis
        self._point = points.stream_of(body.contact_point_id) if body.contact_point_id else None
        self._unapplied = unapplied

    @classmethod
    async def prepare(cls, call: Call, body: ContactBody) -> "Asking":
        """Find out what the caller has seen that we have not."""
        return cls(body, call.request.app.state.basis, await unapplied(call, body.seen))

    @property
    def guards(self) -> Sequence[Guard]:
        """Return the streams that must not move while we decide: the licences', the address's."""
        held = Guard(stream=licences.stream(), decider=licences.LICENCES)
        if not self._point:
            return [held]
        return [held, Guard(stream=self._point, decider=points.POINTS)]

    def permit(self, moment: Moment, permit_id: str) -> commands.RequestPermit:
        """Return the command that asks."""
        return commands.RequestPermit(
            permit_id=permit_id,
            request=self._request,
            book=self._basis.book,
            tz_version=self._basis.tz_version,
            circumstances=self._circumstances(moment),
            watermarks=self._basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            now=moment.now,
        )

    def redemption(
        self, moment: Moment, permit_id: str, redemption_id: str
    ) -> commands.RedeemPermit:
        """Return the command that redeems."""
        return commands.RedeemPermit(
            permit_id=permit_id,
            redemption_id=redemption_id,
            request=self._request,
            book=self._basis.book,
            tz_version=self._basis.tz_version,
            circumstances=self._circumstances(moment),
            watermarks=self._basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            now=moment.now,
        )

    def _circumstances(self, moment: Moment) -> Circumstances:
        point = moment.guards.get(self._point) if self._point else None
        return Circumstances(
            stale=self._basis.stale(moment),
            parked=moment.parked,
            unapplied=self._unapplied,
            point_opt_outs=() if point is None else points.opt_outs(point),
            is_point_read=self._point is None or point is not None,
            licences=licences.in_force(moment.guards[licences.stream()], moment.now),
        )


async def unapplied(call: Call, seen: Sequence[SeenStream]) -> tuple[str, ...]:
    """Return the streams of which the caller has seen more than was applied here."""
    if not seen:
        return ()
    rows = await call.rows(views.applied([each.stream for each in seen]))
    applied = {row["stream"]: row["version"] for row in rows}
    return tuple(each.stream for each in seen if applied.get(each.stream, 0) < each.version)
