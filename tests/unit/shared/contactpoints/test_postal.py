import pytest

from shared.contactpoints.postal import PostalAddress
from shared.contactpoints.problem import FieldProblem


def address(
    *lines: str, city: str = "Portland", state: str = "OR", zip_code: str = "97201"
) -> PostalAddress:
    return PostalAddress(lines=lines or ("12 Oak St.",), city=city, state=state, zip_code=zip_code)


class TestPostalAddress:
    @pytest.mark.parametrize(
        "same",
        [
            address("12 OAK ST"),
            address("12  Oak   St"),
            address("12 Oak", "St."),
            address(zip_code="97201-1234"),
            address(city="PORTLAND "),
        ],
    )
    def test_is_looked_up_by_a_leveled_form(self, same: PostalAddress) -> None:
        assert same.digest_form == address().digest_form

    @pytest.mark.parametrize(
        "other",
        [
            address("13 Oak St"),
            address(city="Salem"),
            address(state="ME"),
            address(zip_code="97202"),
            address("1 2 Oak St"),
        ],
    )
    def test_is_told_apart(self, other: PostalAddress) -> None:
        assert other.digest_form != address().digest_form

    def test_levels_accents_in_either_form(self) -> None:
        composed = address("1 Pe\u00f1a Blvd").digest_form
        assert address("1 Pen\u0303a Blvd").digest_form == composed
        assert address("1 Pena Blvd").digest_form == composed

    @pytest.mark.parametrize(
        ("zip_code", "zip5"), [("97201", "97201"), ("97201-1234", "97201"), ("00501", "00501")]
    )
    def test_knows_the_five_digits(self, zip_code: str, zip5: str) -> None:
        assert address(zip_code=zip_code).zip5 == zip5

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"state": "XX"}, "state"),
            ({"state": "or"}, "state"),
            ({"state": ""}, "state"),
            ({"zip_code": "9720"}, "zip-code"),
            ({"zip_code": "97201\n"}, "zip-code"),
            ({"zip_code": "٩٧٢٠١"}, "zip-code"),
            ({"zip_code": "97201-12"}, "zip-code"),
        ],
    )
    def test_is_refused_otherwise(self, change: dict[str, str], code: str) -> None:
        with pytest.raises(FieldProblem) as caught:
            address(**change)
        assert caught.value.code == code

    def test_needs_a_line(self) -> None:
        with pytest.raises(FieldProblem) as caught:
            PostalAddress(lines=(), city="Portland", state="OR", zip_code="97201")
        assert caught.value.code == "address-line"

    def test_is_never_repeated(self) -> None:
        assert "Oak" not in repr(address())
