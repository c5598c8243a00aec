from typing import Any

import pytest

from shared.http.fields import AmountMinor, Count, CurrencyCode, NonNegativeAmount, SignedAmount
from tests.unit.shared.fields.reading import accepted, refused, schema

LARGEST = 2**53 - 1

NOT_INTEGERS = [
    1.10,
    1.0,
    12345678901234567.89,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    "1",
    "125.00",
    "1e999999",
    "١٢.٣٤",
    "１２",
    "1_000.00",
    " 12.00 ",
    "+12.00",
    "012.00",
    "12.345",
    ".50",
    "12.",
    "1,234.56",
    "1.234,56",
    "$12.00",
    "NaN",
    "sNaN",
    "Infinity",
    [1],
    {"amount": 1},
]


class TestAmountMinor:
    @pytest.mark.parametrize("value", [1, 12500, LARGEST])
    def test_is_a_positive_integer(self, value: int) -> None:
        assert accepted(AmountMinor, value) == value

    @pytest.mark.parametrize("value", NOT_INTEGERS)
    def test_is_nothing_but_an_integer(self, value: Any) -> None:
        assert refused(AmountMinor, value) == "amount-format"

    @pytest.mark.parametrize("value", [0, -1, -500, LARGEST + 1, 2**64, 10**400])
    def test_stays_in_range(self, value: int) -> None:
        assert refused(AmountMinor, value) == "amount-range"

    def test_shows_its_range(self) -> None:
        assert schema(AmountMinor) == {"type": "integer", "minimum": 1, "maximum": LARGEST}


class TestOtherAmounts:
    @pytest.mark.parametrize("value", [0, LARGEST])
    def test_may_be_nothing(self, value: int) -> None:
        assert accepted(NonNegativeAmount, value) == value
        assert refused(NonNegativeAmount, -1) == "amount-range"

    @pytest.mark.parametrize("value", [-LARGEST, 0, LARGEST])
    def test_may_be_negative(self, value: int) -> None:
        assert accepted(SignedAmount, value) == value

    @pytest.mark.parametrize("value", [-LARGEST - 1, LARGEST + 1])
    def test_stay_exact(self, value: int) -> None:
        assert refused(SignedAmount, value) == "amount-range"

    @pytest.mark.parametrize("value", NOT_INTEGERS)
    @pytest.mark.parametrize("kind", [NonNegativeAmount, SignedAmount])
    def test_are_nothing_but_integers(self, kind: Any, value: Any) -> None:
        assert refused(kind, value) == "amount-format"


class TestCount:
    def test_is_an_integer_from_zero(self) -> None:
        assert accepted(Count, 0) == 0
        assert refused(Count, -1) == "number-range"

    @pytest.mark.parametrize("value", [True, 1.0, " 1_0 ", "1"])
    def test_is_nothing_but_an_integer(self, value: Any) -> None:
        assert refused(Count, value) == "type"


class TestCurrencyCode:
    def test_is_one_that_we_support(self) -> None:
        assert accepted(CurrencyCode, "USD") == "USD"
        assert schema(CurrencyCode)["enum"] == ["USD"]

    @pytest.mark.parametrize("value", ["JPY", "usd", "XXX", "", "USD ", "USD\n", "ＵＳＤ"])
    def test_is_refused_otherwise(self, value: str) -> None:
        assert refused(CurrencyCode, value) == "currency"

    @pytest.mark.parametrize("value", [None, 840, ["USD"]])
    def test_is_text(self, value: Any) -> None:
        assert refused(CurrencyCode, value) == "type"
