"""Dispatches an attempt: at most once, whatever happens in between.

The order is the guarantee. The attempt is claimed in the log before the permit is used, and the
permit is used before anything goes out. Whoever finds a claim without a conclusion does not know
whether something went out; it concludes `unknown`, which counts as made, and sends nothing.
`tests/unit/contact/test_dispatch_killed.py` stops this procedure at every await.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

from services.contact.attempts.domain import Attempt, outcomes
from services.contact.attempts.domain.refusals import (
    AttemptIsOver,
    AttemptNotFound,
    DispatchAlreadyStarted,
)
from services.contact.permit_client import Redemption
from shared.http.compliance_client import ComplianceRefused, ComplianceUnreachable
from shared.kernel.records import record

HASTE_S = 0.5
"""Taken off the time in which a dispatch must begin, for the way to the mail server."""

UNREACHABLE = "compliance-unreachable"
USED = "permit-used"


@record
class Letter:
    """An e-mail in clear: it exists in memory while it is being sent, and nowhere else."""

    message_id: str
    recipient: str
    subject: str
    body: str
    may_be_stopped: bool = True

    def __repr__(self) -> str:
        return f"Letter({self.message_id!r})"


Sending = Literal["sent", "rejected", "not_sent", "unknown"]
OUTCOME_OF: dict[Sending, str] = {
    "sent": "email_sent",
    "rejected": "email_bounced",
    "not_sent": outcomes.NOT_ATTEMPTED,
    "unknown": outcomes.UNKNOWN,
}


class AttemptLog(Protocol):
    """The attempt's events."""

    async def find(self, attempt_id: str) -> Attempt:
        """Return how the attempt stands."""
        ...

    async def start(self, attempt_id: str, dispatch_id: str) -> None:
        """Claim the attempt.

        Raises:
            DomainError: somebody else has it, or it is over.
        """
        ...

    async def refuse(self, attempt_id: str, dispatch_id: str, rules: tuple[str, ...]) -> None:
        """Record that nothing went out because there was no leave."""
        ...

    async def conclude(self, attempt_id: str, outcome: str, started_at: datetime | None) -> None:
        """Record what came of it."""
        ...

    async def give_up(self, attempt_id: str) -> None:
        """Record that the person was erased and cannot be reached any more."""
        ...


class Gate(Protocol):
    """Compliance."""

    async def redeem(self, attempt: Attempt, dispatch_id: str) -> Redemption:
        """Use the permit.

        Raises:
            ComplianceUnreachable, ComplianceRefused: no leave.
        """
        ...


class Desk(Protocol):
    """Where sealed letters are opened."""

    async def open(self, attempt: Attempt) -> Letter | None:
        """Return the letter in clear; None when its person was erased."""
        ...


class Mailer(Protocol):
    """What sends e-mail."""

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        """Send, beginning within that time or not at all."""
        ...


class EmailDispatch:
    """Sends permitted e-mails.

    Args:
        timer: seconds on a clock that never jumps.
    """

    def __init__(
        self, log: AttemptLog, gate: Gate, desk: Desk, mailer: Mailer, timer: Callable[[], float]
    ) -> None:
        self._log = log
        self._gate = gate
        self._desk = desk
        self._mailer = mailer
        self._timer = timer

    async def run(self, attempt_id: str, dispatch_id: str) -> None:
        """Dispatch once; a later run of the same attempt only finds out what is known."""
        attempt = await self._log.find(attempt_id)
        if attempt.phase == "dispatching":
            await self._log.conclude(attempt_id, outcomes.UNKNOWN, None)
            return
        if attempt.phase != "permitted":
            return
        letter = await self._desk.open(attempt)
        if letter is None:
            await self._log.give_up(attempt_id)
            return
        try:
            await self._log.start(attempt_id, dispatch_id)
        except (AttemptIsOver, AttemptNotFound, DispatchAlreadyStarted):
            return
        await self._redeem_and_send(attempt, dispatch_id, letter)

    async def _redeem_and_send(self, attempt: Attempt, dispatch_id: str, letter: Letter) -> None:
        began = self._timer()  # before the redeem: the bound can only seem shorter than it is
        redemption, rules = await redeemed(self._gate, attempt, dispatch_id)
        if redemption is None:
            await self._log.refuse(attempt.attempt_id, dispatch_id, rules)
            return
        bound_s = _bound_s(redemption) - (self._timer() - began) - HASTE_S
        sending: Sending = "not_sent"
        if bound_s > 0:
            sending = await self._mailer.send(letter, begin_within_s=bound_s)
        started_at = redemption.redeemed_at if sending in ("sent", "rejected") else None
        await self._log.conclude(attempt.attempt_id, OUTCOME_OF[sending], started_at)


async def redeemed(
    gate: Gate, attempt: Attempt, dispatch_id: str
) -> tuple[Redemption | None, tuple[str, ...]]:
    """Redeem, and return either leave or the rules that refuse it.

    What this dispatcher has not clearly been given is no leave; it has sent nothing, so to call it
    refused is true even if compliance has marked the permit used.
    """
    try:
        redemption = await gate.redeem(attempt, dispatch_id)
    except ComplianceUnreachable:
        return None, (UNREACHABLE,)
    except ComplianceRefused as error:
        return None, (error.code,)
    if redemption.is_replayed:
        return None, (USED,)
    if not redemption.is_redeemed:
        return None, tuple(each.rule for each in redemption.objections) or ("refused",)
    return redemption, ()


def _bound_s(redemption: Redemption) -> float:
    if redemption.redeemed_at is None or redemption.dispatch_before is None:
        return 0.0
    return (redemption.dispatch_before - redemption.redeemed_at).total_seconds()
