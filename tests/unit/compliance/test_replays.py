"""A replay's steps; a decision laid beside the same one made again; facts known in hindsight."""

from datetime import timedelta
from typing import Any

import pytest

from services.compliance.permits.domain import GATES, Event, GateState, events
from services.compliance.permits.domain.again import decide_again
from services.compliance.replays import domain as replays
from services.compliance.replays import judging
from services.compliance.replays.bodies import ReplayAnswer
from services.compliance.replays.comparing import compare
from services.compliance.replays.domain import REPLAYS
from services.compliance.replays.reactions import failure_of
from services.compliance.replays.redeciding import (
    Asked,
    GatePass,
    Learnt,
    Stored,
    learnt_of,
)
from services.compliance.replays.tally import (
    DifferenceCount,
    RecordedCount,
    RuleCount,
    Tally,
    total,
)
from services.compliance.rules import facts
from services.compliance.rules.act_request import ActRequest, Purge
from services.compliance.rules.book import Book
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import MalformedPack
from services.compliance.rules.request import Circumstances
from shared.eventstore import codec
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import event_name, replace
from shared.testing.spec import Spec
from tests.unit.compliance.samples import BOOK, CONSUMER, NOON, START, TZ_VERSION, World, gate

HOUSE = read_pack(
    """
pack: house
version: "1"
jurisdiction: US
rules:
- rule: call-frequency
  law: HOUSE
  citation: house policy 7
  effective_from: 2027-01-01
  parameters: {calls_max: 1, days: 7, consent_days: 7}
""",
    "house",
)
SCOPE = replays.Scope(rule_book="as_decided", since=START, until=NOON, packs=("{}",))
REQUESTED = replays.ReplayRequested(
    replay_id="rpl_1", scope=SCOPE, requested_by="ada", at=NOON + timedelta(days=1)
)
ADVANCED = replays.ReplayAdvanced(
    replay_id="rpl_1", number=1, progress=replays.Progress(counted=3), at=NOON
)
COMPLETED = replays.ReplayCompleted(replay_id="rpl_1", progress=replays.Progress(), at=NOON)
CANCELLED = replays.ReplayCancelled(replay_id="rpl_1", number=1, cancelled_by="eve", at=NOON)
FAILED = replays.ReplayFailed(replay_id="rpl_1", number=1, failure="too-slow", at=NOON)
spec: Spec[replays.Command, replays.ReplayState, replays.Event] = Spec(REPLAYS)


def ask(**changes: Any) -> replays.RequestReplay:
    scope = {"rule_book": "as_decided", "since": START, "until": NOON, "packs": ("{}",), **changes}
    return replays.RequestReplay(
        replay_id="rpl_1",
        scope=replays.Scope(**scope),
        requested_by="ada",
        now=NOON + timedelta(days=1),
    )


def advance(number: int = 0, *, is_complete: bool = False) -> replays.AdvanceReplay:
    progress = replays.Progress() if is_complete else replays.Progress(counted=3)
    return replays.AdvanceReplay(
        replay_id="rpl_1", number=number, progress=progress, is_complete=is_complete, now=NOON
    )


CANCEL = replays.CancelReplay(replay_id="rpl_1", cancelled_by="eve", now=NOON)


class TestRequestReplay:
    def test_begins_with_a_job(self) -> None:
        spec.when(ask()).then(REQUESTED)
        (job,) = REPLAYS.jobs(REQUESTED)
        assert isinstance(job, Job)
        assert (job.key, job.kind) == ("replay-rpl_1-0", "replay")
        assert REPLAYS.fold([REQUESTED]).status == "waiting"

    def test_keeps_no_document_in_its_state(self) -> None:
        assert REPLAYS.fold([REQUESTED]).scope == replays.Scope(
            rule_book="as_decided", since=START, until=NOON
        )

    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"until": START}, "/to"),
            ({"since": NOON - replays.PERIOD_MAX - timedelta(seconds=1)}, "/from"),
            ({"until": NOON + timedelta(days=1, seconds=1)}, "/to"),
        ],
    )
    def test_is_refused_for_a_period_that_is_none(
        self, changed: dict[str, Any], pointer: str
    ) -> None:
        assert spec.when(ask(**changed)).then_raises(replays.ReplayPeriod).pointer == pointer

    def test_takes_the_longest_period_and_one_that_ends_now(self) -> None:
        longest = ask(since=NOON - replays.PERIOD_MAX)
        assert spec.when(longest).events()
        assert spec.when(ask(until=NOON + timedelta(days=1))).events()


class TestAdvanceReplay:
    def test_asks_for_the_next_slice(self) -> None:
        spec.given(REQUESTED).when(advance()).then(ADVANCED)
        (job,) = REPLAYS.jobs(ADVANCED)
        assert isinstance(job, Job)
        assert job.key == "replay-rpl_1-1"

    def test_completes(self) -> None:
        spec.given(REQUESTED, ADVANCED).when(advance(1, is_complete=True)).then(COMPLETED)
        assert REPLAYS.jobs(COMPLETED) == ()

    @pytest.mark.parametrize("over", [COMPLETED, CANCELLED, ADVANCED])
    def test_adds_nothing_once_its_slice_is_past(self, over: replays.Event) -> None:
        spec.given(REQUESTED, over).when(advance()).then_nothing()


def fail(number: int) -> replays.FailReplay:
    return replays.FailReplay(replay_id="rpl_1", number=number, failure="too-slow", now=NOON)


class TestFailReplay:
    def test_ends_it_and_asks_for_nothing_more(self) -> None:
        spec.given(REQUESTED, ADVANCED).when(fail(1)).then(FAILED)
        assert REPLAYS.jobs(FAILED) == ()
        state = REPLAYS.fold([REQUESTED, ADVANCED, FAILED])
        assert (state.status, state.failure, state.is_open) == ("failed", "too-slow", False)
        assert state.progress == ADVANCED.progress
        assert state.ended_at == NOON

    @pytest.mark.parametrize("over", [COMPLETED, CANCELLED, FAILED, ADVANCED])
    def test_adds_nothing_once_its_slice_is_past(self, over: replays.Event) -> None:
        spec.given(REQUESTED, over).when(fail(0)).then_nothing()

    def test_cannot_be_cancelled_any_more(self) -> None:
        spec.given(REQUESTED, ADVANCED, FAILED).when(CANCEL).then_raises(replays.ReplayOver)

    @pytest.mark.parametrize(
        ("error", "failure"),
        [
            (MalformedPack("no rule is called so"), "pack-unreadable"),
            (codec.UnreadableEvent("stored bytes do not fit"), "event-unreadable"),
            (TimeoutError(), "too-slow"),
            (KeyError("PermitGranted"), "unexpected"),
        ],
    )
    def test_says_what_to_do_about_it(self, error: Exception, failure: replays.Failure) -> None:
        assert failure_of(error) == failure
        state = REPLAYS.fold([REQUESTED, ADVANCED, replace(FAILED, failure=failure)])
        shown = ReplayAnswer.of(state, timedelta(days=90))
        assert shown.failure is not None
        assert shown.failure.code == failure
        assert "new replay" in shown.failure.detail
        assert shown.differences.listed_until == NOON + timedelta(days=90)


class TestCancelReplay:
    def test_withdraws_the_job(self) -> None:
        spec.given(REQUESTED, ADVANCED).when(CANCEL).then(CANCELLED)
        assert REPLAYS.jobs(CANCELLED) == (Cancel(key="replay-rpl_1-1"),)

    def test_is_refused_of_nothing_and_of_what_is_complete(self) -> None:
        spec.when(CANCEL).then_raises(replays.ReplayNotFound)
        spec.given(REQUESTED, COMPLETED).when(CANCEL).then_raises(replays.ReplayOver)


def stored(log: list[Event]) -> list[Stored]:
    """Return events as they lie in the log."""
    return [
        Stored(version=version, type=event_name(type(each)), data=codec.encode(each))
        for version, each in enumerate(log, start=1)
    ]


class Told(World):
    """A gate whose events are kept."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        super().__init__()
        self.log.extend(gate())

    def do(self, command: Any) -> tuple[Event, ...]:
        happened = super().do(command)
        self.log.extend(happened)
        return happened


def passed(log: list[Event], book: Book | None, learnt: tuple[Learnt, ...] = ()) -> GatePass:
    """Go through a log in which everything is decided again by one book."""
    asked = Asked(since=START, until=NOON + timedelta(days=30), tz_version=TZ_VERSION)
    made = GatePass(asked, lambda label: book, CONSUMER, learnt)
    parts = stored(log)
    made.take(parts[:3])  # in two parts, as a long stream comes
    made.take(parts[3:])
    return made


@pytest.fixture
def called() -> Told:
    """Return a gate with two calls and a refused third: nobody said what came of the second."""
    world = Told()
    world.contact(at=NOON)
    granted = world.ask(at=NOON + timedelta(days=1))
    world.redeem(granted, at=NOON + timedelta(days=1))
    refused = world.ask(at=NOON + timedelta(days=2))
    assert refused.objections
    return world


class TestDecidingAgain:
    def test_by_the_same_book_differs_in_nothing(self, called: Told) -> None:
        found = passed(called.log, BOOK)
        assert found.differences == []
        assert found.tally.decisions == 5
        assert found.tally.recorded == (
            RecordedCount(stage="permit", outcome="granted", decisions=2),
            RecordedCount(stage="redemption", outcome="granted", decisions=2),
            RecordedCount(stage="permit", outcome="refused", decisions=1),
        )

    def test_by_a_stricter_one_names_rule_and_kind(self, called: Told) -> None:
        packs = judging.in_force_throughout([HOUSE], NOON.date())
        found = passed(called.log, judging.with_packs(BOOK, packs))
        assert [(each.stage, each.kind) for each in found.differences] == [
            ("permit", "granted_to_refused"),
            ("redemption", "granted_to_refused"),
            ("permit", "other_reasons"),
        ]
        assert {part.law for each in found.differences for part in each.decided_by} == {"HOUSE"}
        assert found.tally.affected == 1

    def test_counts_what_no_book_is_on_record_for(self, called: Told) -> None:
        tally = passed(called.log, None).tally
        assert (tally.undecided, tally.differing) == (5, 0)

    def test_goes_by_the_period(self, called: Told) -> None:
        since = NOON + timedelta(days=1)
        asked = Asked(since=since, until=NOON + timedelta(days=2), tz_version="2025a")
        made = GatePass(asked, lambda label: BOOK, CONSUMER)
        made.take(stored(called.log))
        assert (made.tally.decisions, made.tally.other_zone_data) == (2, 2)

    def test_covers_other_acts(self) -> None:
        before: GateState = GATES.fold(gate())
        cleared = events.ActRefused(
            consumer_ids=(CONSUMER,),
            clearance_id="clr_1",
            request=ActRequest(
                consumer_id=CONSUMER,
                account_ids=("acct_1",),
                party_id=CONSUMER,
                act=Purge(records="all"),
            ),
            circumstances=Circumstances(),
            verdict="deny",
            objections=(),
            flags=(),
            earliest_permitted_at=None,
            rule_pack=BOOK.label,
            tz_version=TZ_VERSION,
            watermarks={},
            trace_id="",
            at=NOON,
        )
        again = decide_again(cleared, before, BOOK)
        assert codec.encode(decide_again(again, before, BOOK)) == codec.encode(again)
        found = compare(cleared, again, version=9)
        assert found is not None
        assert (found.stage, found.doing) == ("act", "purge")


class TestHindsight:
    def test_adds_what_held_and_was_learnt_later(self, called: Told) -> None:
        filed = facts.Bankruptcy(
            learned_at=NOON + timedelta(days=5),
            chapter=7,
            filed_on=(NOON + timedelta(days=1)).date(),
        )
        called.learn(filed, NOON + timedelta(days=5))
        learnt = tuple(
            each
            for each in learnt_of(stored(called.log))
            if isinstance(each.event.fact, facts.Bankruptcy)
        )
        found = passed(called.log, BOOK, learnt)
        assert [(each.stage, each.kind) for each in found.differences] == [
            ("permit", "granted_to_refused"),
            ("redemption", "granted_to_refused"),
            ("permit", "other_reasons"),
        ]
        assert [each.decided_at for each in found.differences][0] == NOON + timedelta(days=1)
        assert passed(called.log, BOOK).differences == []  # nobody knew

    def test_asks_nothing_of_facts_that_say_no_time(self, called: Told) -> None:
        kinds = {type(each.event.fact) for each in learnt_of(stored(called.log))}
        assert kinds == {facts.MessageConsent}


class TestJudging:
    def test_a_pack_takes_the_place_of_the_one_of_its_name(self) -> None:
        newer = judging.with_packs(judging.with_packs(BOOK, [HOUSE]), [HOUSE])
        assert [each.pack for each in newer.packs].count("house") == 1
        assert newer.label == judging.with_packs(BOOK, [HOUSE]).label

    def test_what_has_ended_is_not_brought_back(self) -> None:
        text = """
pack: house
version: "1"
jurisdiction: US
rules:
- {rule: gate-full, law: OLD, citation: a, effective_from: 2020-01-01,
   effective_until: 2026-01-01, parameters: {slots_max: 1}}
- {rule: gate-full, law: NEW, citation: b, effective_from: 2030-01-01,
   effective_until: 2031-01-01, parameters: {slots_max: 1}}
"""
        (pack,) = judging.in_force_throughout([read_pack(text, "house")], NOON.date())
        (terms,) = pack.terms
        assert terms.law == "NEW"
        assert terms.in_force(START.date(), START.date())


def test_sums_are_added_by_what_they_count() -> None:
    one = Tally(
        consumers=1,
        affected=1,
        recorded=(RecordedCount(stage="permit", outcome="granted", decisions=2),),
        differences=(DifferenceCount(stage="permit", kind="other_reasons", decisions=1),),
        by_rule=(
            RuleCount(
                rule="call-frequency",
                law="HOUSE",
                citation="7",
                stage="permit",
                kind="other_reasons",
                decisions=1,
            ),
        ),
        listed=1,
    )
    both = total([one, Tally(), one])
    assert (both.consumers, both.affected, both.decisions, both.differing) == (2, 2, 4, 2)
    assert [each.decisions for each in both.recorded] == [4]
    assert [each.decisions for each in both.by_rule] == [2]
    assert both.listed == 2
