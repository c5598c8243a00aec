"""What waits behind what, as an operator is shown it: followed key by key, in order."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.command.parked import Entry, Parked

KEYS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True)
READERS = st.sampled_from(["audit", "facts"])


def parked(*entries: tuple[str, Sequence[str]]) -> Parked:
    """Return events parked in this order, each in a subscription and under some keys."""
    return Parked(
        [
            Entry(
                service="compliance",
                keys=tuple(keys),
                row={"tenant_id": "agy_1", "subscription": reader, "event_id": f"evt_{number}"},
            )
            for number, (reader, keys) in enumerate(entries)
        ]
    )


def ids(entries: Sequence[Entry]) -> list[str]:
    return [each.row["event_id"] for each in entries]


def waiting(found: Parked, entry: Entry) -> list[Entry]:
    """Return what waits behind an event by looking at everything that was parked after it."""
    everything = list(found.entries.values())
    drawn_in, behind = set(entry.slots), []
    for each in everything[everything.index(entry) + 1 :]:
        if drawn_in.intersection(each.slots):
            drawn_in.update(each.slots)
            behind.append(each)
    return behind


class TestParked:
    def test_what_is_drawn_in_draws_in_only_what_comes_later(self) -> None:
        found = parked(
            ("facts", "b"), ("facts", "a"), ("facts", "b"), ("facts", "ab"), ("facts", "b")
        )
        assert ids(found.firsts) == ["evt_0", "evt_1"]
        assert ids(found.behind(found.firsts[0])) == ["evt_2", "evt_3", "evt_4"]
        assert ids(found.behind(found.firsts[1])) == ["evt_3", "evt_4"]

    def test_nothing_waits_behind_an_event_of_another_subscription(self) -> None:
        found = parked(("facts", "a"), ("audit", "a"))
        assert ids(found.firsts) == ["evt_0", "evt_1"]
        assert found.behind(found.firsts[0]) == []

    @given(st.lists(st.tuples(READERS, KEYS), max_size=20))
    def test_agrees_with_a_look_at_everything(self, entries: list[tuple[str, list[str]]]) -> None:
        found = parked(*entries)
        for each in found.entries.values():
            assert ids(found.behind(each)) == ids(waiting(found, each))
            before = [
                other
                for other in list(found.entries.values())
                if set(other.slots) & set(each.slots)
                and list(found.entries).index(other.place) < list(found.entries).index(each.place)
            ]
            assert ids(found.before(each)) == ids(before)
            assert found.is_first(each) == (not before)
