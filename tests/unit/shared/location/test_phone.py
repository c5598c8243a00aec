import pytest

from shared.location.area_codes import AREA_CODE_STATES, area_code_zones
from shared.location.phone import phone_evidence
from shared.location.states import STATE_ZONES
from shared.location.zones import US_ZONES, clock


def clocks(zones: tuple[str, ...]) -> set[object]:
    return {clock(zone) for zone in zones}


class TestPhoneEvidence:
    @pytest.mark.parametrize(
        ("number", "zones", "state"),
        [
            ("+12125550100", {"America/New_York"}, "NY"),
            ("+13125550100", {"America/Chicago"}, "IL"),
            ("+16025550100", {"America/Phoenix"}, "AZ"),
            ("+17875550100", {"America/Puerto_Rico"}, "PR"),
            ("+13405550100", {"America/Puerto_Rico"}, "VI"),
            ("+16715550100", {"Pacific/Guam"}, "GU"),
            ("+16705550100", {"Pacific/Guam"}, "MP"),
            ("+16845550100", {"Pacific/Pago_Pago"}, "AS"),
            ("+18085550100", {"Pacific/Honolulu"}, "HI"),
        ],
    )
    def test_is_the_zone_of_an_area_code_with_one(
        self, number: str, zones: set[str], state: str
    ) -> None:
        found = phone_evidence(number)
        assert set(found.zones) == zones
        assert found.states == (state,)

    @pytest.mark.parametrize(
        ("number", "zone"),
        [
            ("+14232650100", "America/New_York"),  # Chattanooga
            ("+18504960100", "America/Chicago"),  # Gulf Breeze
            ("+16053420100", "America/Denver"),  # Rapid City
            ("+16053350100", "America/Chicago"),  # Sioux Falls
        ],
    )
    def test_follows_the_exchange_where_it_is_listed(self, number: str, zone: str) -> None:
        assert zone in phone_evidence(number).zones

    def test_is_narrow_where_the_exchange_is_listed(self) -> None:
        assert len(clocks(phone_evidence("+18504960100").zones)) == 1
        assert len(clocks(phone_evidence("+16053420100").zones)) == 1

    def test_does_not_believe_a_row_for_ten_exchanges(self) -> None:
        # 850-681 is in Tallahassee; the package's row for 850-68x says Chicago.
        assert "America/New_York" in phone_evidence("+18506810100").zones

    def test_holds_every_zone_of_a_split_area_code_for_other_exchanges(self) -> None:
        # The package answers Chicago alone for this Tennessee number.
        found = phone_evidence("+14235550123")
        assert found.zones == ("America/Chicago", "America/New_York")
        assert found.states == ("TN",)

    @pytest.mark.parametrize(
        ("code", "zones"),
        [
            ("208", {"America/Boise", "America/Los_Angeles"}),
            ("986", {"America/Boise", "America/Los_Angeles"}),
            ("448", {"America/Chicago", "America/New_York"}),
            ("729", {"America/Chicago", "America/New_York"}),
            ("931", {"America/Chicago", "America/New_York"}),
            ("915", {"America/Chicago", "America/Denver"}),
            ("775", {"America/Denver", "America/Los_Angeles"}),
            ("928", {"America/Denver", "America/Phoenix"}),
            ("906", {"America/Detroit", "America/Menominee"}),
            ("907", {"America/Anchorage", "America/Adak"}),
        ],
    )
    def test_knows_the_split_area_codes_and_their_overlays(
        self, code: str, zones: set[str]
    ) -> None:
        assert zones <= set(phone_evidence(f"+1{code}9990100").zones)

    def test_does_not_believe_a_single_answer_against_the_numbering_plan(self) -> None:
        # 689 overlays Orlando; the package says Chicago.
        assert set(phone_evidence("+16895550100").zones) == {"America/Chicago", "America/New_York"}

    @pytest.mark.parametrize(
        "number",
        [
            "+18005550100",
            "+18885550100",
            "+18335550100",
            "+19005550100",
            "+15005550100",
            "+15325550100",
            "+17105550100",
            "+14165550100",  # Toronto
            "+18765550100",  # Jamaica
            "+447911123456",
            "+1999",
            "+10012125550100",
            "2125550100",
            "",
        ],
    )
    def test_is_unknown_for_numbers_of_no_place_here(self, number: str) -> None:
        found = phone_evidence(number)
        assert not found.is_known
        assert found.states == ()

    def test_is_known_and_sorted_for_every_area_code(self) -> None:
        assert len(AREA_CODE_STATES) == 380  # the report's US codes less 532, which has no place
        for code, state in AREA_CODE_STATES.items():
            found = phone_evidence(f"+1{code}9990100")
            assert found.is_known
            assert found.states == (state,)
            assert list(found.zones) == sorted(set(found.zones))
            assert set(found.zones) <= US_ZONES
            assert set(area_code_zones(code)) <= set(found.zones)
            assert set(area_code_zones(code)) <= set(STATE_ZONES[state])
