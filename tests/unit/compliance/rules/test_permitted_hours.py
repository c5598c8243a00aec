from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.compliance.rules import facts, local_time
from services.compliance.rules.weekly import AssumedHours
from tests.unit.compliance.samples import World, email, gate, local, point

GUAM = ZoneInfo("Pacific/Guam")


class TestPermittedHours:
    @pytest.mark.parametrize(
        ("at", "is_lawful"),
        [
            ("2026-06-02T07:59:59", False),
            ("2026-06-02T08:00:00", False),
            ("2026-06-02T08:00:00.000001", True),
            ("2026-06-02T08:00:01", True),
            ("2026-06-02T20:59:00", True),
            ("2026-06-02T20:59:00.000001", False),
            ("2026-06-02T20:59:01", False),
            ("2026-06-02T21:00:00", False),
        ],
    )
    def test_are_open_at_both_ends_for_the_whole_bound(self, at: str, is_lawful: bool) -> None:
        assert (World().verdict(at=local(at)) == "permit") == is_lawful

    @pytest.mark.parametrize(
        ("at", "is_lawful"), [("2026-06-02T20:59:50", True), ("2026-06-02T20:59:51", False)]
    )
    def test_leave_a_message_ten_seconds(self, at: str, is_lawful: bool) -> None:
        assert (World().verdict(email(), at=local(at)) == "permit") == is_lawful

    @pytest.mark.parametrize(
        ("at", "earliest"),
        [
            ("2026-06-02T03:00:00.5", "2026-06-02T08:00:01"),
            ("2026-06-02T08:00:00", "2026-06-02T08:00:01"),
            ("2026-06-02T20:59:01", "2026-06-03T08:00:01"),
            ("2026-03-08T00:30:00", "2026-03-08T08:00:01"),
            ("2026-10-31T23:00:00", "2026-11-01T08:00:01"),
        ],
    )
    def test_say_when_they_open(self, at: str, earliest: str) -> None:
        assert World().earliest(at=local(at)) == local(earliest)

    def test_intersect_instants_across_the_date_line(self) -> None:
        world = World(gate(zones=("America/New_York", "Pacific/Guam")))
        first = datetime(2026, 6, 2, 22, 0, 1, tzinfo=UTC)
        assert world.earliest(at=datetime(2026, 6, 2, 12, tzinfo=UTC)) == first
        assert world.verdict(at=first - timedelta(seconds=1)) != "permit"
        last = datetime(2026, 6, 3, 0, 59, tzinfo=UTC)
        assert world.verdict(at=last) == "permit"
        assert world.verdict(at=last + timedelta(seconds=1)) != "permit"

    def test_narrow_with_every_point_of_the_person(self) -> None:
        west = point("cp_west", "phone", zone="America/Los_Angeles")
        world = World(gate(west))
        assert world.earliest(at=local("2026-06-02T09:00")) == local("2026-06-02T11:00:01")

    def test_widen_when_the_point_is_not_the_persons(self) -> None:
        west = point("cp_west", "phone", zone="America/Los_Angeles")
        wrong = facts.WrongNumber(contact_point_id="cp_west", learned_at=local("2026-06-01T00:00"))
        assert World(gate(west, wrong)).verdict(at=local("2026-06-02T09:00")) == "permit"

    def test_go_by_the_actual_place_where_it_is_known(self) -> None:
        known = facts.LocationEvidence(
            evidence="consumer_statement", zones=("America/Denver",), is_actual=True
        )
        assert World(gate(known)).earliest(at=local("2026-06-02T09:00")) == local(
            "2026-06-02T10:00:01"
        )

    def test_take_both_zones_of_a_state(self) -> None:
        florida = facts.LocationEvidence(evidence="state_only", states=("FL",))
        world = World(gate(florida, zones=("America/New_York",)))
        assert world.earliest(at=local("2026-06-02T08:30")) == local("2026-06-02T09:00:01")

    def test_never_open_where_zones_leave_nothing(self) -> None:
        zones = ("Pacific/Honolulu", "America/New_York", "Asia/Kolkata")
        world = World(gate(zones=zones))
        assert world.objecting(at=local("2026-06-02T12:00")) == {"permitted-hours"}
        assert world.earliest(at=local("2026-06-02T12:00")) is None


class TestLocationUnknown:
    def test_is_a_no_without_evidence(self) -> None:
        world = World(gate(zones=()))
        assert world.objecting() == {"location-unknown", "jurisdiction-unknown"}
        assert world.earliest() is None

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America"])
    def test_is_a_no_for_a_zone_that_does_not_exist(self, zone: str) -> None:
        assert "location-unknown" in World(gate(zones=("America/New_York", zone))).objecting()

    def test_is_a_no_for_a_state_that_does_not_exist(self) -> None:
        nowhere = facts.LocationEvidence(evidence="state_only", states=("ZZ",))
        assert World(gate(nowhere)).objecting() == {"location-unknown"}


# Around these instants clocks change, dates are skipped, midnights are missing or doubled.
CHANGES = [
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("America/Nuuk", datetime(2026, 3, 28, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 5, tzinfo=UTC)),
    ("Atlantic/Azores", datetime(2026, 10, 24, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC)),
    ("Pacific/Kwajalein", datetime(1993, 8, 20, tzinfo=UTC)),
    ("Antarctica/Casey", datetime(2010, 3, 4, tzinfo=UTC)),
    ("America/Phoenix", datetime(2026, 3, 8, tzinfo=UTC)),
]


@pytest.mark.parametrize(("name", "around"), CHANGES)
class TestEveryMinuteOfADayOfChange:
    def test_agrees_with_the_wall_clock(self, name: str, around: datetime) -> None:
        zone, bound = local_time.zone(name), timedelta(seconds=60)
        assert zone is not None
        bars = [(zone, AssumedHours(480, 1260))]
        naive = [
            (at, self.is_lawful(zone, at, bound))
            for at in (around + timedelta(minutes=each) for each in range(-1500, 3000))
        ]
        following: datetime | None = None
        for at, is_lawful in reversed(naive):
            found = local_time.first_clear(bars, at, bound)
            assert (found == at) == is_lawful, at
            if is_lawful:
                following = at
            elif following is not None:
                assert found is not None
                assert following - timedelta(minutes=1) < found <= following, at

    def is_lawful(self, zone: ZoneInfo, at: datetime, bound: timedelta) -> bool:
        first = at.astimezone(zone)
        last = (at + bound - timedelta(microseconds=1)).astimezone(zone)
        opens, closes = timedelta(hours=8), timedelta(hours=21)
        return all(
            opens < timedelta(hours=each.hour, minutes=each.minute, seconds=each.second,
                              microseconds=each.microsecond) < closes
            for each in (first, last)
        )  # fmt: skip


class TestFirstInstant:
    @pytest.mark.parametrize(("name", "around"), CHANGES)
    def test_is_the_first_of_its_date(self, name: str, around: datetime) -> None:
        zone = local_time.zone(name)
        assert zone is not None
        for step in range(-2, 3):
            day = around.date() + timedelta(days=step)
            first = local_time.first_instant(zone, day)
            assert local_time.local_date(zone, first - timedelta(seconds=1)) < day
            assert local_time.local_date(zone, first) >= day

    def test_keeps_microseconds_out(self) -> None:
        assert local_time.first_instant(GUAM, date(2026, 6, 2)).microsecond == 0
