"""When things happen: days in order, weekends quiet, the change of clocks inside."""

from datetime import UTC, date, datetime, timedelta

from services.command.demo import almanac


class TestInstants:
    def test_are_in_order_and_within_the_days(self) -> None:
        start = almanac.start_of(1)
        found = almanac.instants(start, 28)
        assert [each.index for each in found] == list(range(len(found)))
        assert all(a.at < b.at for a, b in zip(found, found[1:], strict=False))
        assert start < found[0].at
        assert found[-1].at < start + timedelta(days=28)

    def test_are_fewer_on_weekends(self) -> None:
        found = almanac.instants(almanac.start_of(1), 7)
        per_day = [sum(each.day == day for each in found) for day in range(7)]
        assert per_day == [6, 6, 6, 6, 6, 2, 1]

    def test_include_times_outside_the_hours_of_each_coast(self) -> None:
        found = {
            each.shift: each.at for each in almanac.instants(datetime(2026, 3, 2, 9, tzinfo=UTC), 1)
        }
        assert found["early"].hour < 8 + 5  # before eight in New York
        assert found["late"].hour + 24 - 5 >= 21  # after nine in New York

    def test_last_over_a_change_of_clocks(self) -> None:
        change = datetime(2026, 3, 8, 7, tzinfo=UTC)
        for seed in (1, 2, 3, 4):
            start = almanac.start_of(seed)
            assert start < change < start + timedelta(days=28)


def test_the_next_weekday_is_at_least_a_day_away() -> None:
    friday = date(2026, 3, 6)
    assert almanac.next_weekday(date(2026, 3, 2), 4) == friday
    assert almanac.next_weekday(friday, 4) == friday + timedelta(days=7)
