from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from shared.location import zones
from shared.location.states import POSTAL_STATES, STATE_ZONES, state_evidence


def links() -> set[str]:
    """Names that the pinned data keeps only as another name of a zone."""
    text = resources.files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text()
    return {line.split()[2] for line in text.splitlines() if line.startswith("L ")}


class TestOurZones:
    def test_are_zones_with_rules_of_their_own(self) -> None:
        assert not zones.US_ZONES & links()
        for zone in zones.US_ZONES:
            assert zones.load(zone).key == zone

    def test_cover_every_state(self) -> None:
        assert {zone for kept in STATE_ZONES.values() for zone in kept} == zones.US_ZONES

    def test_do_not_come_from_the_operating_system(self) -> None:
        assert zones.data_version()[:4].isdigit()
        with pytest.raises(LookupError):
            zones.load("../../etc/passwd")

    @pytest.mark.parametrize(
        ("zone", "winter", "summer"),
        [
            ("America/Phoenix", -7, -7),
            ("America/Denver", -7, -6),
            ("America/Indiana/Indianapolis", -5, -4),
            ("America/Indiana/Knox", -6, -5),
            ("America/Puerto_Rico", -4, -4),
            ("Pacific/Guam", 10, 10),
            ("Pacific/Pago_Pago", -11, -11),
            ("America/Adak", -10, -9),
            ("Pacific/Honolulu", -10, -10),
        ],
    )
    def test_keep_the_right_clock(self, zone: str, winter: int, summer: int) -> None:
        rules = zones.load(zone)
        for month, hours in ((1, winter), (7, summer)):
            at = datetime(2026, month, 1, 12, tzinfo=UTC).astimezone(rules)
            assert at.utcoffset() == timedelta(hours=hours)

    def test_are_told_apart_by_clock_only_where_clocks_differ(self) -> None:
        assert zones.clock("America/Detroit") == zones.clock("America/New_York")
        assert zones.clock("America/Phoenix") != zones.clock("America/Denver")
        assert zones.clock("America/Adak") != zones.clock("Pacific/Honolulu")


class TestStatedZone:
    def test_is_accepted_by_its_name(self) -> None:
        assert zones.stated_zone("America/Chicago") == "America/Chicago"

    def test_is_canonical_for_the_territories(self) -> None:
        assert zones.stated_zone("America/St_Thomas") == "America/Puerto_Rico"
        assert zones.stated_zone("Pacific/Saipan") == "Pacific/Guam"

    @pytest.mark.parametrize(
        "text",
        [
            "../../x",
            "america/new_york",
            "EST5EDT",
            "EST",
            "UTC",
            "UTC+3",
            "Etc/GMT+5",
            "US/Eastern",
            "America/Indianapolis",
            "America/Shiprock",
            "Europe/Berlin",
            "America/Chicago\n",
            " America/Chicago",
            "",
        ],
    )
    def test_is_refused_otherwise(self, text: str) -> None:
        assert zones.stated_zone(text) is None


class TestStateEvidence:
    def test_is_every_zone_of_the_state(self) -> None:
        assert state_evidence("FL").zones == ("America/Chicago", "America/New_York")
        assert state_evidence("AZ").zones == ("America/Denver", "America/Phoenix")
        assert state_evidence("TX").zones == ("America/Chicago", "America/Denver")
        assert state_evidence("CA").zones == ("America/Los_Angeles",)

    def test_knows_all_states_and_territories(self) -> None:
        assert len(STATE_ZONES) == 50 + len({"DC", "PR", "VI", "GU", "AS", "MP"})
        for state in STATE_ZONES:
            found = state_evidence(state)
            assert found.is_known
            assert found.states == (state,)
            assert list(found.zones) == sorted(set(found.zones))

    @pytest.mark.parametrize("state", ["AA", "AE", "AP", "FM", "MH", "PW", "XX", "fl", ""])
    def test_is_unknown_where_the_place_is(self, state: str) -> None:
        assert not state_evidence(state).is_known

    def test_lists_postal_codes_in_order(self) -> None:
        assert list(POSTAL_STATES) == sorted(POSTAL_STATES)
        assert {"AE", "PW", "WY"} <= set(POSTAL_STATES)
