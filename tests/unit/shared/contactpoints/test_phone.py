import pytest

from shared.contactpoints.phone import PATTERN, parse_phone
from shared.contactpoints.problem import FieldProblem


def refusal(text: str) -> FieldProblem:
    with pytest.raises(FieldProblem) as caught:
        parse_phone(text)
    return caught.value


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "e164", "line", "region"),
        [
            ("+12125550100", "+12125550100", "mobile_or_landline", "US"),
            ("+1 212-555-0100", "+12125550100", "mobile_or_landline", "US"),
            ("+1.212.555.0100", "+12125550100", "mobile_or_landline", "US"),
            ("+17875550100", "+17875550100", "mobile_or_landline", "PR"),
            ("+18005550100", "+18005550100", "toll_free", "US"),
            ("+14165550100", "+14165550100", "mobile_or_landline", "CA"),
            ("+44 7911 123456", "+447911123456", "mobile", "GG"),
            ("+493012345678", "+493012345678", "landline", "DE"),
            ("+80012345678", "+80012345678", "toll_free", None),
        ],
    )
    def test_is_kept_in_one_form(self, text: str, e164: str, line: str, region: str | None) -> None:
        phone = parse_phone(text)
        assert (phone.e164, phone.line, phone.region) == (e164, line, region)
        assert phone.digest_form == e164

    def test_is_accepted_in_an_area_code_newer_than_the_package(self) -> None:
        assert parse_phone("+17295550123").line == "mobile_or_landline"
        assert refusal("+17291550123").code == "phone"

    @pytest.mark.parametrize(
        "text",
        [
            "2125550100",
            "12125550100",
            "٢١٢٥٥٥٠١٢٣",
            "+1٢١٢٥٥٥٠١٢٣",
            "+１２１２５５５０１００",
            "212-555-0123;ext=9",
            "+12125550123;ext=9",
            "+12125550123 x9",
            "+12125550123,9",
            "911",
            "+911",
            "+10012125550100",
            "+1 (212) 555-01OO",
            "+1 (212) 555-0100",
            "+1  2125550100",
            "+12125550100\n",
            " +12125550100",
            "+12125550100 ",
            "+1\u00a02125550100",
            "tel:+12125550100",
            "+12125550100+12125550101",
            "++12125550100",
            "+011442079460000",
            "+17105550100",
            "+1212555010",
            "+" + "1" * 16,
            "+" + "1" * 100_000,
            "+879123456789",
            "",
        ],
    )
    def test_is_refused_unless_international(self, text: str) -> None:
        assert refusal(text).code == "phone"

    @pytest.mark.parametrize(
        "text", ["+1-900-555-0100", "+19005550100", "+15005550100", "+33899700000"]
    )
    def test_is_refused_when_it_costs_extra_or_is_no_line(self, text: str) -> None:
        assert refusal(text).code == "phone-type"

    def test_is_never_repeated(self) -> None:
        assert "0100" not in str(refusal("+1-900-555-0100"))
        assert "0100" not in repr(parse_phone("+12125550100"))

    def test_has_a_pattern_for_openapi_that_is_anchored(self) -> None:
        assert PATTERN.startswith("^")
        assert PATTERN.endswith("$")
