"""Cities beside their states, by ZIP code and by area code."""

import pytest

from shared.location.area_codes import AREA_CODE_STATES
from shared.location.localities import CITIES
from shared.location.phone import phone_evidence
from shared.location.postal import postal_evidence

AREA_CODES = [(each.code, code) for each in CITIES for code in sorted(each.area_codes)]


class TestCities:
    @pytest.mark.parametrize(
        ("zip5", "city"),
        [
            *((each, "NYC") for each in ("10001", "10301", "10451", "11101", "11201", "11354")),
            *((each, "NYC") for each in ("11432", "11691", "11004")),
            *((each, "BUF") for each in ("14201", "14222")),
            *((each, "YON") for each in ("10701", "10708", "10710")),
        ],
    )
    def test_of_new_york_are_told_by_zip_code(self, zip5: str, city: str) -> None:
        assert postal_evidence(zip5, "NY").localities == (city,)

    @pytest.mark.parametrize("zip5", ["60601", "60661", "60707", "60827"])
    def test_chicago_is_told_by_zip_code(self, zip5: str) -> None:
        assert postal_evidence(zip5, "IL").localities == ("CHI",)

    @pytest.mark.parametrize(
        ("zip5", "state"),
        [
            *((each, "NY") for each in ("10501", "11501", "11550", "12201", "14301", "10601")),
            *((each, "IL") for each in ("60201", "60302", "62701")),
        ],
    )
    def test_are_not_the_rest_of_their_states(self, zip5: str, state: str) -> None:
        assert postal_evidence(zip5, state).localities == ()

    @pytest.mark.parametrize(("city", "area_code"), AREA_CODES)
    def test_are_told_by_area_code(self, city: str, area_code: str) -> None:
        assert phone_evidence(f"+1{area_code}5550100").localities == (city,)

    def test_have_area_codes_of_their_states_only(self) -> None:
        for city in CITIES:
            assert {AREA_CODE_STATES[each] for each in city.area_codes} <= {city.state}

    @pytest.mark.parametrize(
        "number", ["+15165550100", "+19145550100", "+18455550100", "+17165550100", "+17085550100"]
    )
    def test_are_not_told_by_area_codes_of_their_surroundings(self, number: str) -> None:
        assert phone_evidence(number).localities == ()

    def test_may_be_where_the_zip_code_is_though_another_state_is_given(self) -> None:
        assert postal_evidence("10001", "NJ").localities == ("NYC",)
        assert postal_evidence("60601", "IN").localities == ("CHI",)
