"""Attempts: decided, dispatched once, concluded."""

from datetime import timedelta
from typing import Any

import pytest

from services.contact.attempts import domain as attempts
from services.contact.attempts.domain import commands, events, outcomes, refusals
from shared.kernel import ids
from shared.kernel.errors import DomainError
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.contact.samples import (
    ATTEMPT,
    CONSUMERS,
    EMAIL,
    NOON,
    PERMIT,
    SOON,
    aim,
    conclude,
    happened,
    permit,
    start,
    veto,
)

spec = Spec(attempts.ATTEMPTS)
PERMITTED = happened(permit())
VETOED = happened(veto())
STARTED = happened(permit(), start())
CANCEL = commands.CancelAttempt(reason="not_needed", now=NOON)
CANCELLED = happened(permit(), CANCEL)
REFUSE = commands.RefuseDispatch(dispatch_id="req_1", rules=("facts-stale",), now=NOON)
REFUSED = happened(permit(), start(), REFUSE)
CONCLUDED = happened(permit(), start(), conclude())
OVERDUE = commands.ConcludeOverdue(now=SOON)
REVOKE = commands.RevokeAttempt(by_fact="fact_1", now=NOON)


def jobs(events: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [
        ("cancel" if isinstance(each, Cancel) else "job", each.key)
        for event in events
        for each in attempts.jobs(event)
    ]


class TestPermitAttempt:
    def test_records_the_leave(self) -> None:
        (event,) = spec.when(permit()).events()
        assert isinstance(event, events.AttemptPermitted)
        assert (event.consumer_ids, event.permit_id) == (CONSUMERS, PERMIT)

    def test_a_permitted_email_is_sent_at_once(self) -> None:
        assert jobs(happened(permit(EMAIL))) == [("job", f"dispatch-email/{ATTEMPT}")]

    def test_a_permitted_call_waits_for_its_agent(self) -> None:
        assert jobs(PERMITTED) == []

    def test_is_recorded_once(self) -> None:
        spec.given(*PERMITTED).when(permit()).then_nothing()

    def test_is_refused_for_a_canary(self) -> None:
        leave = permit()
        aim = replace(leave.aim, consumer_id=ids.canary("cns", 1))
        spec.when(replace(leave, aim=aim)).then_raises(refusals.CanaryNotContacted)


class TestVetoAttempt:
    def test_records_the_rules_that_object(self) -> None:
        (event,) = spec.when(veto()).events()
        assert isinstance(event, events.AttemptVetoed)
        assert (event.rules, event.earliest_permitted_at) == (("permitted-hours",), SOON)
        assert jobs((event,)) == []

    def test_is_recorded_once(self) -> None:
        spec.given(*VETOED).when(veto()).then_nothing()


class TestStartDispatch:
    def test_gives_the_attempt_to_one_dispatcher(self) -> None:
        (event,) = spec.given(*PERMITTED).when(start()).events()
        assert isinstance(event, events.DispatchStarted)
        assert event.dispatch_id == "req_1"

    def test_is_waited_for_only_so_long(self) -> None:
        (job,) = attempts.jobs(STARTED[-1])
        assert isinstance(job, Job)
        assert (job.kind, job.due_at) == ("conclude-overdue", NOON + timedelta(hours=4))

    def test_knows_its_own_repeat(self) -> None:
        spec.given(*STARTED).when(start()).then_nothing()

    @pytest.mark.parametrize(
        ("past", "error"),
        [
            ((), refusals.AttemptNotFound),
            (VETOED, refusals.AttemptVetoedBefore),
            (STARTED, refusals.DispatchAlreadyStarted),
            (REFUSED, refusals.AttemptIsOver),
            (CONCLUDED, refusals.AttemptIsOver),
            (CANCELLED, refusals.AttemptIsOver),
            (happened(permit(EMAIL)), refusals.NotForAgents),
        ],
    )
    def test_refuses_a_second_dispatcher(
        self, past: tuple[Any, ...], error: type[DomainError]
    ) -> None:
        spec.given(*past).when(start("req_2")).then_raises(error)


class TestRefuseDispatch:
    def test_records_that_nothing_went_out_and_gives_the_permit_back(self) -> None:
        decided = spec.given(*STARTED).when(REFUSE).events()
        assert jobs(decided) == [
            ("cancel", f"conclude-overdue/{ATTEMPT}"),
            ("job", f"release-permit/{ATTEMPT}"),
        ]

    def test_is_not_for_another_dispatcher(self) -> None:
        other = commands.RefuseDispatch(dispatch_id="req_2", rules=(), now=NOON)
        spec.given(*STARTED).when(other).then_raises(refusals.DispatchAlreadyStarted)

    @pytest.mark.parametrize("past", [REFUSED, CONCLUDED])
    def test_leaves_what_is_known_alone(self, past: tuple[Any, ...]) -> None:
        spec.given(*past).when(REFUSE).then_nothing()


class TestConcludeAttempt:
    def test_records_what_came_of_it(self) -> None:
        told = conclude("right_party_contact", started_at=NOON - timedelta(minutes=3))
        (event,) = spec.given(*STARTED).when(told).events()
        assert isinstance(event, events.AttemptConcluded)
        assert (event.conversation, event.report_id) == (True, f"{ATTEMPT}.1")
        assert jobs((event,)) == [
            ("cancel", f"conclude-overdue/{ATTEMPT}"),
            ("job", f"report-outcome/{ATTEMPT}"),
        ]

    @pytest.mark.parametrize("past", [PERMITTED, REFUSED, CANCELLED, VETOED])
    def test_records_even_what_had_no_leave(self, past: tuple[Any, ...]) -> None:
        (event,) = spec.given(*past).when(conclude("right_party_contact")).events()
        assert isinstance(event, events.AttemptConcluded)

    def test_nothing_attempted_gives_the_permit_back(self) -> None:
        told = conclude(outcomes.NOT_ATTEMPTED)
        (event,) = spec.given(*PERMITTED).when(told).events()
        assert isinstance(event, events.AttemptCancelled)
        assert jobs((event,))[-1] == ("job", f"release-permit/{ATTEMPT}")

    def test_nothing_attempted_after_the_redeem_is_an_outcome(self) -> None:
        told = conclude(outcomes.NOT_ATTEMPTED)
        (event,) = spec.given(*STARTED).when(told).events()
        assert isinstance(event, events.AttemptConcluded)

    @pytest.mark.parametrize("past", [VETOED, REFUSED, CANCELLED])
    def test_nothing_attempted_is_no_news_where_nothing_was_let(
        self, past: tuple[Any, ...]
    ) -> None:
        spec.given(*past).when(conclude(outcomes.NOT_ATTEMPTED)).then_nothing()

    def test_is_recorded_once(self) -> None:
        spec.given(*CONCLUDED).when(conclude()).then_nothing()

    def test_what_was_unknown_may_become_known(self) -> None:
        past = happened(permit(), start(), conclude(outcomes.UNKNOWN))
        (event,) = spec.given(*past).when(conclude("wrong_number")).events()
        assert isinstance(event, events.AttemptConcluded)
        assert event.report_id == f"{ATTEMPT}.2"

    def test_says_how_a_call_against_a_veto_was_placed(self) -> None:
        vetoed = happened(veto(aim=aim(technology="prerecorded")))
        (event,) = spec.given(*vetoed).when(conclude()).events()
        assert isinstance(event, events.AttemptConcluded)
        assert (event.is_permitted, event.technology) == (False, "prerecorded")

    def test_a_sent_email_may_bounce(self) -> None:
        past = happened(permit(EMAIL), start(channel="email"), conclude("email_sent"))
        assert spec.given(*past).when(conclude("email_bounced")).events()

    def test_a_known_outcome_is_not_replaced(self) -> None:
        spec.given(*CONCLUDED).when(conclude("right_party_contact")).then_raises(
            refusals.OutcomeOnRecord
        )

    @pytest.mark.parametrize(
        ("told", "error"),
        [
            (conclude("email_sent"), refusals.OutcomeDoesNotFit),
            (conclude(started_at=NOON + timedelta(hours=1)), refusals.InTheFuture),
            (
                conclude(started_at=NOON, ended_at=NOON - timedelta(seconds=1)),
                refusals.EndsBeforeItStarts,
            ),
        ],
    )
    def test_refuses_what_cannot_be(
        self, told: commands.ConcludeAttempt, error: type[DomainError]
    ) -> None:
        spec.given(*STARTED).when(told).then_raises(error)

    def test_refuses_an_unknown_attempt(self) -> None:
        spec.when(conclude()).then_raises(refusals.AttemptNotFound)


class TestConcludeOverdue:
    def test_concludes_what_was_never_heard_of_as_unknown(self) -> None:
        (event,) = spec.given(*STARTED).when(OVERDUE).events()
        assert isinstance(event, events.AttemptConcluded)
        assert (event.outcome, event.started_at) == (outcomes.UNKNOWN, None)

    @pytest.mark.parametrize("past", [(), PERMITTED, CONCLUDED, REFUSED, CANCELLED])
    def test_leaves_everything_else_alone(self, past: tuple[Any, ...]) -> None:
        spec.given(*past).when(OVERDUE).then_nothing()


class TestCancelAttempt:
    def test_gives_the_permit_back_and_the_email_up(self) -> None:
        decided = spec.given(*happened(permit(EMAIL))).when(CANCEL).events()
        assert jobs(decided) == [
            ("cancel", f"dispatch-email/{ATTEMPT}"),
            ("job", f"release-permit/{ATTEMPT}"),
        ]

    def test_is_done_once(self) -> None:
        spec.given(*CANCELLED).when(CANCEL).then_nothing()

    @pytest.mark.parametrize(
        ("past", "error"),
        [
            ((), refusals.AttemptNotFound),
            (VETOED, refusals.AttemptVetoedBefore),
            (STARTED, refusals.DispatchAlreadyStarted),
            (CONCLUDED, refusals.AttemptIsOver),
        ],
    )
    def test_comes_too_late_once_it_is_under_way(
        self, past: tuple[Any, ...], error: type[DomainError]
    ) -> None:
        spec.given(*past).when(CANCEL).then_raises(error)


class TestRevokeAttempt:
    def test_cancels_the_queued_email_and_gives_nothing_back(self) -> None:
        decided = spec.given(*happened(permit(EMAIL))).when(REVOKE).events()
        assert jobs(decided) == [("cancel", f"dispatch-email/{ATTEMPT}")]

    @pytest.mark.parametrize("past", [(), VETOED, STARTED, CONCLUDED, CANCELLED])
    def test_leaves_everything_else_alone(self, past: tuple[Any, ...]) -> None:
        spec.given(*past).when(REVOKE).then_nothing()


class TestIdentity:
    def test_an_attempt_bears_the_number_of_its_permit(self) -> None:
        assert attempts.attempt_id_of("prm_01h455vb4pex5vsknk084sn02q") == (
            "att_01h455vb4pex5vsknk084sn02q"
        )


class TestAnAttemptAgainstAVeto:
    def test_says_so_and_says_what_it_was(self) -> None:
        (event,) = spec.given(*VETOED).when(conclude("right_party_contact")).events()
        assert isinstance(event, events.AttemptConcluded)
        assert (event.is_permitted, event.purpose) == (False, "collection")
