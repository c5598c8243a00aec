"""What becomes of a permit whose attempt did not come to pass."""

from typing import Any, cast

import pytest

from services.contact.attempts import domain as attempts
from services.contact.attempts.dispatch import USED
from services.contact.attempts.domain import commands, outcomes
from services.contact.attempts.jobs import (
    FORGOTTEN,
    RESTRICTS_MORE,
    AttemptJobs,
    StoredAttempts,
)
from services.contact.permit_client import Permits
from shared.eventstore.store import Metadata
from shared.http.compliance_client import ComplianceRefused
from shared.messaging.jobs import DueJob
from tests.unit.contact.samples import ATTEMPT, NOON, conclude, happened, permit, start

REFUSE = commands.RefuseDispatch(dispatch_id="req_1", rules=("unreachable",), now=NOON)
CANCEL = commands.CancelAttempt(reason="not_needed", now=NOON)
REFUSED = happened(permit(), start(), REFUSE)
CONCLUDED_AFTER_ALL = happened(permit(), start(), REFUSE, conclude())
CANCELLED = happened(permit(), CANCEL)
JOB = DueJob(
    tenant="agy_1",
    key=f"release-permit/{ATTEMPT}",
    kind="release-permit",
    arguments={"attempt_id": ATTEMPT},
    metadata=Metadata(actor="test", correlation_id="test"),
    due_at=NOON,
    attempts=1,
)


class Refusing:
    """A compliance that does not take a permit back, and hears outcomes."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.told: list[str] = []
        self.answer: str | None = None

    async def release(self, key: str, permit_id: str, body: dict[str, Any]) -> None:
        raise ComplianceRefused(409, self._code)

    async def report_outcome(self, key: str, permit_id: str, body: dict[str, Any]) -> None:
        self.told.append(body["outcome"])
        if self.answer is not None:
            raise ComplianceRefused(409, self.answer)


class OneAttempt:
    """The log of one attempt."""

    def __init__(self, past: tuple[Any, ...]) -> None:
        self._past = past

    async def find(self, attempt_id: str) -> attempts.Attempt:
        state: attempts.Attempt = attempts.ATTEMPTS.fold(self._past, attempts.ATTEMPTS.initial)
        return state


class Jobs(AttemptJobs):
    """The handlers over one attempt and that compliance."""

    def __init__(self, past: tuple[Any, ...], code: str) -> None:
        self._past = past
        self.compliance = Refusing(code)

    def _log(self, job: DueJob) -> StoredAttempts:
        return cast(StoredAttempts, OneAttempt(self._past))

    def _permits(self, job: DueJob) -> Permits:
        return cast(Permits, self.compliance)


@pytest.mark.parametrize(
    ("past", "code", "told"),
    [
        (REFUSED, USED, [outcomes.NOT_ATTEMPTED]),
        (CONCLUDED_AFTER_ALL, USED, []),  # another job tells that outcome
        (REFUSED, FORGOTTEN, []),
    ],
)
async def test_ends(past: tuple[Any, ...], code: str, told: list[str]) -> None:
    jobs = Jobs(past, code)
    await jobs.release_permit(JOB)
    assert jobs.compliance.told == told


@pytest.mark.parametrize(("past", "code"), [(CANCELLED, USED), (REFUSED, "store-unavailable")])
async def test_goes_on_where_something_is_wrong(past: tuple[Any, ...], code: str) -> None:
    with pytest.raises(ComplianceRefused):
        await Jobs(past, code).release_permit(JOB)


class TestReportOutcome:
    async def test_leaves_what_restricts_more_on_record(self) -> None:
        jobs = Jobs(happened(permit(), start(), conclude()), USED)
        jobs.compliance.answer = RESTRICTS_MORE
        await jobs.report_outcome(JOB)
        assert len(jobs.compliance.told) == 1

    async def test_goes_on_where_something_is_wrong(self) -> None:
        jobs = Jobs(happened(permit(), start(), conclude()), USED)
        jobs.compliance.answer = "account-not-theirs"
        with pytest.raises(ComplianceRefused):
            await jobs.report_outcome(JOB)
