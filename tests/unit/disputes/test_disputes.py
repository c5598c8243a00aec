"""Disputes: opened, acknowledged, answered, resolved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.disputes.disputes import domain as disputes
from services.disputes.disputes.domain import commands, events, refusals
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.testing.spec import Spec

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
spec = Spec(disputes.DISPUTES)


def open_dispute(**changes: Any) -> commands.OpenDispute:
    values: dict[str, Any] = {
        "dispute_id": "dsp_1",
        "account_id": "acct_1",
        "consumer_ids": ("cns_1", "cns_2"),
        "kind": "dispute",
        "in_writing": True,
        "opened_by": "key_1",
        "grounds": "not_mine",
        "now": NOON,
    }
    return commands.OpenDispute(**values | changes)


def answer(kind: events.Answer = "verification", **changes: Any) -> commands.AnswerDispute:
    values: dict[str, Any] = {"answer": kind, "answered_by": "key_1", "now": LATER}
    return commands.AnswerDispute(**values | changes)


def resolve(resolution: events.Resolution = "denied") -> commands.ResolveDispute:
    return commands.ResolveDispute(resolution=resolution, resolved_by="key_1", now=LATER)


ACKNOWLEDGE = commands.AcknowledgeDispute(acknowledged_by="key_1", now=LATER)


def happened(*asked: commands.Command) -> tuple[events.Event, ...]:
    past: tuple[events.Event, ...] = ()
    for command in asked:
        past = (*past, *disputes.DISPUTES.decide(command, disputes.DISPUTES.fold(past)))
    return past


OPENED = happened(open_dispute())
ASKED_FOR_CREDITOR = happened(open_dispute(kind="original_creditor_request"))
ANSWERED = happened(open_dispute(), answer())
RESOLVED = happened(open_dispute(), resolve("upheld"))


class TestOpenDispute:
    def test_concerns_everybody_on_the_account(self) -> None:
        (event,) = spec.when(open_dispute()).events()
        assert isinstance(event, events.DisputeOpened)
        assert event.consumer_ids == ("cns_1", "cns_2")
        assert (event.received_at, event.disputed_amount) == (NOON, None)

    def test_keeps_when_it_was_received(self) -> None:
        earlier = NOON - timedelta(days=9)
        (event,) = spec.when(open_dispute(received_at=earlier)).events()
        assert isinstance(event, events.DisputeOpened)
        assert (event.received_at, event.at) == (earlier, NOON)

    def test_keeps_whether_it_says_anything_new(self) -> None:
        (event,) = spec.when(open_dispute(says_the_same=True, brings_new=False)).events()
        assert isinstance(event, events.DisputeOpened)
        assert (event.says_the_same, event.brings_new) == (True, False)

    def test_may_be_of_a_part(self) -> None:
        amount = Money(amount=4200, currency="USD")
        state = disputes.DISPUTES.fold(spec.when(open_dispute(disputed_amount=amount)).events())
        assert isinstance(state.fact, disputes.told.Dispute)
        assert state.fact.disputed_amount == 4200

    def test_refuses_the_future(self) -> None:
        asked = open_dispute(received_at=NOON + timedelta(minutes=6))
        assert spec.when(asked).then_raises(refusals.InTheFuture).pointer == "/received_at"

    def test_a_request_for_the_creditor_has_no_amount(self) -> None:
        asked = open_dispute(
            kind="original_creditor_request", disputed_amount=Money(amount=1, currency="USD")
        )
        spec.when(asked).then_raises(refusals.AmountUnexpected)

    def test_is_opened_once(self) -> None:
        spec.given(*OPENED).when(open_dispute()).then_nothing()


class TestAcknowledgeDispute:
    def test_is_on_record(self) -> None:
        assert spec.given(*OPENED).when(ACKNOWLEDGE).events()

    def test_may_come_after_the_answer(self) -> None:
        past = (*ANSWERED, *spec.given(*ANSWERED).when(ACKNOWLEDGE).events())
        assert disputes.DISPUTES.fold(past).status == "answered"

    def test_refuses_an_unknown_dispute(self) -> None:
        spec.when(ACKNOWLEDGE).then_raises(refusals.DisputeNotFound)

    def test_comes_too_late_after_the_end(self) -> None:
        spec.given(*RESOLVED).when(ACKNOWLEDGE).then_raises(refusals.DisputeIsResolved)

    def test_is_done_once(self) -> None:
        past = (*OPENED, *spec.given(*OPENED).when(ACKNOWLEDGE).events())
        spec.given(*past).when(ACKNOWLEDGE).then_nothing()


class TestAnswerDispute:
    @pytest.mark.parametrize("kind", ["verification", "judgment", "duplicative_notice"])
    def test_lets_collection_go_on(self, kind: events.Answer) -> None:
        (event,) = spec.given(*OPENED).when(answer(kind)).events()
        state = disputes.DISPUTES.fold((*OPENED, event))
        assert state.fact is not None
        assert state.fact.answered
        assert (state.status, state.told_version) == ("answered", 2)

    def test_repeats_the_particulars(self) -> None:
        (event,) = spec.given(*OPENED).when(answer()).events()
        assert isinstance(event, events.DisputeAnswered)
        assert (event.in_writing, event.received_at, event.kind) == (True, NOON, "dispute")

    def test_names_the_creditor_who_is_asked_for(self) -> None:
        assert spec.given(*ASKED_FOR_CREDITOR).when(answer("original_creditor")).events()

    @pytest.mark.parametrize(
        ("past", "asked", "error"),
        [
            ((), answer(), refusals.DisputeNotFound),
            (OPENED, answer("original_creditor"), refusals.AnswerDoesNotFit),
            (ASKED_FOR_CREDITOR, answer("verification"), refusals.AnswerDoesNotFit),
            (ANSWERED, answer("judgment"), refusals.AnswerOnRecord),
            (RESOLVED, answer(), refusals.DisputeIsResolved),
            (OPENED, answer(sent_at=NOON - timedelta(seconds=1)), refusals.SentTooEarly),
            (OPENED, answer(sent_at=LATER + timedelta(hours=1)), refusals.InTheFuture),
        ],
    )
    def test_refuses_what_is_no_answer(
        self,
        past: tuple[events.Event, ...],
        asked: commands.AnswerDispute,
        error: type[DomainError],
    ) -> None:
        spec.given(*past).when(asked).then_raises(error)

    def test_is_on_record_once(self) -> None:
        spec.given(*ANSWERED).when(answer()).then_nothing()


class TestResolveDispute:
    def test_is_not_denied_before_it_is_answered(self) -> None:
        refusal = spec.given(*OPENED).when(resolve("denied")).then_raises(refusals.AnswerRequired)
        assert (refusal.kind, refusal.code) == ("conflict", "answer-required")

    def test_may_be_denied_after_the_answer(self) -> None:
        assert spec.given(*ANSWERED).when(resolve("denied")).events()

    @pytest.mark.parametrize("resolution", ["upheld", "withdrawn"])
    def test_needs_no_answer_otherwise(self, resolution: events.Resolution) -> None:
        (event,) = spec.given(*OPENED).when(resolve(resolution)).events()
        assert isinstance(event, events.DisputeResolved)
        assert event.consumer_ids == ("cns_1", "cns_2")

    def test_refuses_an_unknown_dispute(self) -> None:
        spec.when(resolve()).then_raises(refusals.DisputeNotFound)

    def test_refuses_a_second_end(self) -> None:
        spec.given(*RESOLVED).when(resolve("withdrawn")).then_raises(refusals.DisputeIsResolved)

    def test_is_done_once(self) -> None:
        spec.given(*RESOLVED).when(resolve("upheld")).then_nothing()


COMMANDS: st.SearchStrategy[commands.Command] = st.one_of(
    st.builds(open_dispute, kind=st.sampled_from(("dispute", "original_creditor_request"))),
    st.just(ACKNOWLEDGE),
    st.builds(answer, st.sampled_from(("verification", "duplicative_notice", "original_creditor"))),
    st.builds(resolve, st.sampled_from(("denied", "upheld", "withdrawn"))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(COMMANDS, max_size=8))
def test_a_repeat_adds_nothing_and_nothing_is_denied_unanswered(
    asked: list[commands.Command],
) -> None:
    state = disputes.DISPUTES.initial
    for command in asked:
        try:
            decided = disputes.DISPUTES.decide(command, state)
        except DomainError:
            continue
        state = disputes.DISPUTES.fold(decided, state)
        assert disputes.DISPUTES.decide(command, state) == ()
    assert state.resolution != "denied" or state.answer is not None
