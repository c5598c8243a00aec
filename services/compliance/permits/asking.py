"""Gathers the outside facts of a permit request: how fresh the gate is, what bars the address or
the content, where the agency is licensed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.compliance.books.shelves import Shelves
from services.compliance.content import domain as content
from services.compliance.licences import domain as licences
from services.compliance.permits import views
from services.compliance.permits.bodies import ContactBody, SeenStream
from services.compliance.permits.domain import commands
from services.compliance.points import domain as points
from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.request import Circumstances, ContactRequest
from shared.eventstore.transact import Guard, Moment
from shared.http.call import Call
from shared.kernel.decider import StreamOf
from shared.kernel.records import record
from shared.telemetry.tracing import current_trace_id

LICENCES_HELD = Guard(stream=licences.stream(), decider=licences.LICENCES)
"""Whoever asks for the circumstances of a request has read the agency's licences with it."""


@record
class Basis:
    """What every decision of this process is made with."""

    books: Shelves
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

    def circumstances(
        self,
        tenant: str,
        moment: Moment,
        point: StreamOf | None,
        *,
        unapplied: tuple[str, ...] = (),
        content_unfit_by: tuple[str, ...] = (),
        is_content_checked: bool = True,
    ) -> Circumstances:
        """Return what is known around a request that would use that point."""
        address = moment.guards.get(point) if point else None
        unusable = self.books.shelf(tenant).unusable_at(moment.now)
        return Circumstances(
            stale=self.stale(moment),
            parked=moment.parked,
            unapplied=unapplied,
            point_opt_outs=() if address is None else points.opt_outs(address),
            is_point_read=point is None or address is not None,
            is_rulebook_stale=bool(unusable) or self.books.is_stale(moment.system_now),
            unusable_packs=unusable,
            content_unfit_by=content_unfit_by,
            is_content_checked=is_content_checked,
            licences=licences.in_force(moment.guards[licences.stream()], moment.now),
        )


class Asking:
    """One request with everything but the moment."""

    def __init__(
        self, tenant: str, request: ContactRequest, basis: Basis, unapplied: tuple[str, ...]
    ) -> None:
        point_id, digest = request.contact_point_id, request.content_digest
        self._tenant = tenant
        self._request = request
        self._basis = basis
        self._point = points.stream_of(point_id) if point_id else None
        self._content = content.stream(digest) if digest else None
        self._unapplied = unapplied

    @classmethod
    async def prepare(cls, call: Call, body: ContactBody) -> "Asking":
        """Have the books at hand, and find out what the caller has seen that we have not."""
        basis: Basis = call.request.app.state.basis
        await basis.books.ready(call.tenant)
        return cls(call.tenant, body.request(), basis, await unapplied(call, body.seen))

    @property
    def guards(self) -> Sequence[Guard]:
        """Return the streams that must not move: the licences', the address's, the content's."""
        guards = [LICENCES_HELD]
        if self._point:
            guards.append(Guard(stream=self._point, decider=points.POINTS))
        if self._content:
            guards.append(Guard(stream=self._content, decider=content.CONTENTS))
        return guards

    def permit(self, moment: Moment, permit_id: str) -> commands.RequestPermit:
        """Return the command that asks."""
        return commands.RequestPermit(
            permit_id=permit_id,
            request=self._request,
            book=self._basis.books.shelf(self._tenant).at(moment.now),
            tz_version=self._basis.tz_version,
            circumstances=self._circumstances(moment),
            watermarks=self._basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            following=self._basis.books.shelf(self._tenant).following(moment.now),
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
            book=self._basis.books.shelf(self._tenant).at(moment.now),
            tz_version=self._basis.tz_version,
            circumstances=self._circumstances(moment),
            watermarks=self._basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            now=moment.now,
        )

    def _circumstances(self, moment: Moment) -> Circumstances:
        checked = moment.guards[self._content] if self._content else content.ContentState()
        return self._basis.circumstances(
            self._tenant,
            moment,
            self._point,
            unapplied=self._unapplied,
            content_unfit_by=content.unfit_by(checked, self._request.channel),
            is_content_checked=content.is_checked_for(checked, self._request.channel),
        )


@record
class AskingAct:
    """One request about an act other than a contact, with everything but the moment."""

    tenant: str
    request: ActRequest
    basis: Basis
    unapplied: tuple[str, ...] = ()

    @property
    def guards(self) -> Sequence[Guard]:
        """Return the streams that must not move: the licences'."""
        return [LICENCES_HELD]

    def clearance(self, moment: Moment, clearance_id: str) -> commands.ClearAct:
        """Return the command that asks."""
        return commands.ClearAct(
            clearance_id=clearance_id,
            request=self.request,
            book=self.basis.books.shelf(self.tenant).at(moment.now),
            tz_version=self.basis.tz_version,
            circumstances=self.basis.circumstances(
                self.tenant, moment, None, unapplied=self.unapplied
            ),
            watermarks=self.basis.watermarks(moment),
            trace_id=current_trace_id() or "",
            following=self.basis.books.shelf(self.tenant).following(moment.now),
            now=moment.now,
        )


async def unapplied(call: Call, seen: Sequence[SeenStream]) -> tuple[str, ...]:
    """Return the streams of which the caller has seen more than was applied here."""
    if not seen:
        return ()
    rows = await call.rows(views.applied([each.stream for each in seen]))
    applied = {row["stream"]: row["version"] for row in rows}
    return tuple(each.stream for each in seen if applied.get(each.stream, 0) < each.version)
