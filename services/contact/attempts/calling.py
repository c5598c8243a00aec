"""Gives an agent or a dialer leave to call, once, together with the number.

The caller has claimed the attempt already. Leave is given only by a redeem that nobody was
answered before: a lost answer is a lost leave, because nobody can tell it from a call made.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

from services.contact.attempts.dispatch import HASTE_S, USED, AttemptLog, Gate
from services.contact.attempts.domain import Attempt, outcomes
from services.contact.permit_client import Objection, Redemption
from shared.http.compliance_client import ComplianceRefused
from shared.kernel.records import record

ERASED = "person-erased"
TOO_LATE = "dispatch-too-late"


class PhoneBook(Protocol):
    """Where sealed numbers are opened."""

    async def number_of(self, attempt: Attempt) -> str | None:
        """Return the number in clear; None when its person was erased."""
        ...


@record
class Leave:
    """What the agent is told. `number` is shown once and stored nowhere."""

    decision: Literal["dispatch", "refused", "used"]
    number: str | None = None
    dial_before: datetime | None = None
    rules: tuple[str, ...] = ()
    objections: tuple[Objection, ...] = ()

    def __repr__(self) -> str:
        return f"Leave({self.decision!r})"


class CallDispatch:
    """Redeems claimed calls."""

    def __init__(
        self, log: AttemptLog, gate: Gate, book: PhoneBook, timer: Callable[[], float]
    ) -> None:
        self._log = log
        self._gate = gate
        self._book = book
        self._timer = timer

    async def run(self, attempt_id: str, dispatch_id: str) -> Leave:
        """Redeem for the dispatch that holds the claim.

        Raises:
            ComplianceUnreachable: nothing is known; the same dispatch may ask again.
        """
        attempt = await self._log.find(attempt_id)
        if attempt.phase == "refused":
            return Leave(decision="refused", rules=attempt.rules)
        if attempt.phase != "dispatching" or attempt.dispatch_id != dispatch_id:
            return Leave(decision="used", rules=(USED,))
        number = await self._book.number_of(attempt)
        if number is None:
            return await self._refuse(attempt, (ERASED,))
        began = self._timer()
        try:
            redemption = await self._gate.redeem(attempt, dispatch_id)
        except ComplianceRefused as error:
            return await self._refuse(attempt, (error.code,))
        if redemption.is_replayed and redemption.is_redeemed:
            return Leave(decision="used", rules=(USED,))
        if not redemption.is_redeemed:
            rules = tuple(each.rule for each in redemption.objections)
            return await self._refuse(attempt, rules, redemption.objections)
        if self._timer() - began + HASTE_S >= _bound_s(redemption):
            await self._log.conclude(attempt_id, outcomes.NOT_ATTEMPTED, None)
            return Leave(decision="refused", rules=(TOO_LATE,))
        return Leave(decision="dispatch", number=number, dial_before=redemption.dispatch_before)

    async def _refuse(
        self, attempt: Attempt, rules: tuple[str, ...], objections: tuple[Objection, ...] = ()
    ) -> Leave:
        await self._log.refuse(attempt.attempt_id, attempt.dispatch_id or "", rules)
        return Leave(decision="refused", rules=rules, objections=objections)


def _bound_s(redemption: Redemption) -> float:
    if redemption.redeemed_at is None or redemption.dispatch_before is None:
        return 0.0
    return (redemption.dispatch_before - redemption.redeemed_at).total_seconds()
