from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.compliance.permits.domain import (
    GATES,
    FactRecorded,
    FactReleased,
    RecordFact,
    ReleaseFact,
)
from services.compliance.permits.domain.state import FACTS_KEPT_MAX, address
from services.compliance.rules import facts
from services.compliance.rules.facts import Fact
from shared.testing.spec import Spec
from tests.unit.compliance.samples import CONSUMER, NOON, World, gate, request

SPEC = Spec(GATES)
STOP = facts.OralStop(received_at=NOON)
STREAM = "contact-cns_1"


def record(
    version: int, fact: Fact = STOP, key: str = "fact_1", stream: str = STREAM
) -> RecordFact:
    return RecordFact(
        consumer_id=CONSUMER,
        fact_key=key,
        source_stream=stream,
        source_version=version,
        fact=fact,
        now=NOON,
    )


def release(version: int, key: str = "fact_1") -> ReleaseFact:
    return ReleaseFact(
        consumer_id=CONSUMER,
        fact_key=key,
        source_stream=STREAM,
        source_version=version,
        released_by="usr_1",
        reason="said otherwise",
        now=NOON,
    )


class TestRecordFact:
    def test_takes_effect(self) -> None:
        (recorded,) = SPEC.given(*gate()).when(record(3)).events()
        assert isinstance(recorded, FactRecorded)
        assert recorded.source_version == 3

    def test_of_an_older_or_equal_version_changes_nothing(self) -> None:
        world = World()
        world.do(record(3))
        assert world.do(record(2)) == ()
        assert world.do(record(3)) == ()
        assert len(world.do(record(4))) == 1

    def test_of_another_stream_is_another_fact(self) -> None:
        world = World()
        world.do(record(3))
        assert len(world.do(record(1, stream="dispute-1"))) == 1

    def test_that_has_lost_all_effect_is_left_out(self) -> None:
        old = facts.InboundMessage(
            message_id="inb_1", channel="email", received_at=NOON - timedelta(days=31)
        )
        SPEC.given(*gate()).when(record(1, old)).then_nothing()


class TestReleaseFact:
    def test_ends_the_fact(self) -> None:
        world = World()
        world.do(record(3))
        assert world.objecting() == {"opted-out-medium"}
        (released,) = world.do(release(4))
        assert isinstance(released, FactReleased)
        assert world.objecting() == set()

    def test_that_overtakes_its_fact_wins(self) -> None:
        world = World()
        world.do(release(4))
        assert world.do(record(3)) == ()
        assert world.objecting() == set()

    def test_of_an_older_version_changes_nothing(self) -> None:
        world = World()
        world.do(record(3))
        assert world.do(release(2)) == ()

    @given(order=st.permutations([1, 2, 3, 4]))
    def test_ends_in_the_same_state_in_any_order(self, order: list[int]) -> None:
        commands: dict[int, RecordFact | ReleaseFact] = {
            1: record(1),
            2: release(2),
            3: record(3),
            4: release(4),
        }
        world = World()
        for number in order:
            world.do(commands[number])
        assert world.state.facts[address(STREAM, "fact_1")].fact is None


class TestForgetting:
    def test_an_old_message_is_forgotten(self) -> None:
        world = World()
        message = facts.InboundMessage(message_id="inb_1", channel="email", received_at=NOON)
        world.do(record(1, message))
        later = NOON + timedelta(days=31)
        world.learn(facts.OralStop(received_at=later), later, key="later")
        assert address(STREAM, "fact_1") not in world.state.facts

    def test_a_protective_fact_is_never_forgotten(self) -> None:
        world = World()
        world.do(record(1))
        later = NOON + timedelta(days=4000)
        world.learn(facts.AttorneyRetained(received_at=later), later, key="later")
        assert address(STREAM, "fact_1") in world.state.facts

    def test_attempts_leave_when_no_window_reaches_them(self) -> None:
        world = World()
        world.called(NOON)
        world.called(NOON + timedelta(days=20))
        assert len(world.state.slots) == 1

    def test_more_facts_than_fit_refuse_everything(self) -> None:
        world = World([])
        for number in range(FACTS_KEPT_MAX + 2):
            world.do(record(1, key=f"fact_{number}"))
        assert len(world.state.facts) == FACTS_KEPT_MAX
        assert world.state.is_overfull
        assert "gate-full" in world.objecting()
        assert world.earliest() is None

    def test_more_attempts_than_fit_refuse_until_some_leave(self) -> None:
        world = World()
        letter = request(channel="letter", contact_point_id="cp_address")
        for number in range(256):
            world.called(NOON + timedelta(seconds=number), letter, outcome="letter_sent")
        at = NOON + timedelta(hours=1)
        assert world.objecting(letter, at=at) == {"gate-full"}
        earliest = world.earliest(letter, at=at)
        assert world.verdict(letter, at=earliest) == "permit"
        assert world.verdict(letter, at=earliest - timedelta(seconds=1)) != "permit"
