"""Permits, as contact asks compliance for them: requested, redeemed, reported on, given back."""

from datetime import datetime
from typing import Any, Literal, TypeVar

import httpx2
import msgspec

from shared.http.compliance_client import Compliance
from shared.kernel.errors import InvariantViolated
from shared.kernel.records import record, replace

T = TypeVar("T")


@record
class Objection:
    """One rule's no, as compliance worded it."""

    rule: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    verdict: Literal["defer", "review", "deny"]
    earliest_permitted_at: datetime | None = None


@record
class Flag:
    """Something about a permitted contact that someone should look at."""

    flag: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]


@record
class Decision:
    """The answer to a permit request."""

    id: str
    decision: Literal["permit", "defer", "review", "deny"]
    decided_at: datetime
    expires_at: datetime | None = None
    earliest_permitted_at: datetime | None = None
    objections: tuple[Objection, ...] = ()
    flags: tuple[Flag, ...] = ()


@record
class Redemption:
    """Leave to dispatch, or none. `is_replayed`: given once already, which is none."""

    is_redeemed: bool
    is_replayed: bool = False
    redeemed_at: datetime | None = None
    dispatch_before: datetime | None = None
    objections: tuple[Objection, ...] = ()


class Permits:
    """Permits, as one request or job speaks to compliance of them."""

    def __init__(self, compliance: Compliance) -> None:
        self._compliance = compliance

    async def request(self, key: str, contact: dict[str, Any]) -> Decision:
        """Ask for leave to make one attempt; the same key gets the same decision.

        Raises:
            ComplianceUnreachable, ComplianceRefused: no decision.
            IdempotencyKeyReused: the key was used with another request.
        """
        answer = await self._compliance.send("POST", "/v1/permits", contact, key)
        return _read(Decision, answer)

    async def redeem(self, key: str, permit_id: str, contact: dict[str, Any]) -> Redemption:
        """Use a permit. An answer that repeats an earlier one is not leave.

        Raises:
            ComplianceUnreachable, ComplianceRefused: no leave.
        """
        answer = await self._compliance.send(
            "POST", f"/v1/permits/{permit_id}/redeem", contact, key
        )
        redemption = _read(Redemption, answer)
        is_replayed = answer.headers.get("idempotent-replayed") == "true"
        return replace(redemption, is_replayed=is_replayed)

    async def report_outcome(self, key: str, permit_id: str, outcome: dict[str, Any]) -> None:
        """Say what came of an attempt.

        Raises:
            ComplianceUnreachable, ComplianceRefused: it is not on record there.
        """
        await self._compliance.send("POST", f"/v1/permits/{permit_id}/outcome", outcome, key)

    async def release(self, key: str, permit_id: str, release: dict[str, Any]) -> None:
        """Give back a permit that was not used.

        Raises:
            ComplianceUnreachable, ComplianceRefused: it is not given back.
        """
        await self._compliance.send("POST", f"/v1/permits/{permit_id}/release", release, key)


def _read(kind: type[T], response: httpx2.Response) -> T:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as error:
        raise InvariantViolated("compliance's answer does not fit its contract") from error
