"""New York City beside its state, by ZIP code and by area code."""

import pytest

from shared.location.area_codes import AREA_CODE_STATES
from shared.location.localities import AREA_CODES
from shared.location.phone import phone_evidence
from shared.location.postal import postal_evidence


class TestNewYorkCity:
    @pytest.mark.parametrize(
        "zip5", ["10001", "10301", "10451", "11101", "11201", "11354", "11432", "11691", "11004"]
    )
    def test_is_told_by_zip_code(self, zip5: str) -> None:
        assert postal_evidence(zip5, "NY").localities == ("NYC",)

    @pytest.mark.parametrize("zip5", ["10501", "11501", "11550", "12201", "14201"])
    def test_is_not_the_rest_of_the_state(self, zip5: str) -> None:
        assert postal_evidence(zip5, "NY").localities == ()

    @pytest.mark.parametrize("area_code", sorted(AREA_CODES))
    def test_is_told_by_area_code(self, area_code: str) -> None:
        assert phone_evidence(f"+1{area_code}5550100").localities == ("NYC",)

    def test_has_area_codes_of_its_state_only(self) -> None:
        assert {AREA_CODE_STATES[each] for each in AREA_CODES} == {"NY"}

    @pytest.mark.parametrize("number", ["+15165550100", "+19145550100", "+18455550100"])
    def test_is_not_its_suburbs(self, number: str) -> None:
        assert phone_evidence(number).localities == ()

    def test_may_be_where_the_zip_code_is_though_another_state_is_given(self) -> None:
        assert postal_evidence("10001", "NJ").localities == ("NYC",)
