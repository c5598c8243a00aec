import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contactpoints.problem import FieldProblem
from shared.http import text_rules
from shared.http.fields import NAME_CHARACTERS_MAX, FreeText, PersonName, ShortText
from tests.unit.shared.fields.reading import accepted, refused, schema

Note = Annotated[str, FreeText(2000)]
Label = Annotated[str, ShortText(10)]
Message = Annotated[str, FreeText(2000, may_hold_card_numbers=True)]

FAMILY = "👨\u200d👩\u200d👧"
VISA = "4111111111111111"
Read = Callable[[str, int], str]


def outcome(read: Read, text: str) -> str | FieldProblem:
    try:
        return read(text, 50)
    except FieldProblem as problem:
        return problem


class TestPersonName:
    @pytest.mark.parametrize(
        "name",
        [
            "Cher",
            "X",
            "Anne-Marie",
            "O'Brien",
            "O’Brien",
            "Nguyễn",
            "李",
            "Иван",
            "Groß",
            "İbrahim",
            "Ms. A. B. Clark, Jr.",
            "<script>alert(1)</script>",
            "{{7*7}}",
            "${jndi:ldap://x}",
            "'; DROP TABLE accounts; --",
            "=1+1",
            "@SUM(A1)",
        ],
    )
    def test_is_kept_as_data(self, name: str) -> None:
        assert accepted(PersonName, name) == name

    def test_has_one_normal_form(self) -> None:
        composed, decomposed = "Jos\u00e9", "Jose\u0301"
        assert accepted(PersonName, composed) == accepted(PersonName, decomposed) == composed

    def test_keeps_letters_apart_that_only_look_alike(self) -> None:
        assert accepted(PersonName, "\u0410nna") != accepted(PersonName, "Anna")
        assert accepted(PersonName, "Strauß") != accepted(PersonName, "Strauss")

    def test_has_single_spaces_and_none_at_its_ends(self) -> None:
        assert accepted(PersonName, "  Ann \u00a0 Lee ") == "Ann Lee"

    @pytest.mark.parametrize(
        "name",
        [
            "Ann\u202eLee",  # right-to-left override
            "Ann\u2066Lee\u2069",
            "Ann\u200dLee",  # zero-width joiner
            "Ann\u200bLee",
            "\ufeffAnn",
            "Ann\u00adLee",
            "Ann\U000e0041\U000e0042",  # tag characters
            "Ann\u2028Lee",
            "Ann\u2029Lee",
            "Ann\ue000",
            "Ann\uffff",
            "\u3164",  # a letter that shows nothing
            "\u2800",
        ],
    )
    def test_holds_nothing_invisible(self, name: str) -> None:
        assert refused(PersonName, name) == "disallowed-character"

    @pytest.mark.parametrize(
        "name",
        ["Ann\nLee", "Ann\rLee", "Ann\tLee", "a\u0000b", "\x1b[31mAnn", "Ann\x7f", "Ann\x9b31m"],
    )
    def test_stays_on_one_line(self, name: str) -> None:
        assert refused(PersonName, name) == "control-character"

    def test_is_valid_unicode(self) -> None:
        assert refused(PersonName, "Ann \ud800") == "invalid-unicode"

    @pytest.mark.parametrize("name", ["", " ", "\u00a0\u2003"])
    def test_is_not_blank(self, name: str) -> None:
        assert refused(PersonName, name) == "blank"

    @pytest.mark.parametrize(
        "name",
        [
            "a" * (NAME_CHARACTERS_MAX + 1),
            "e" + "\u0301" * 10_000,
            "a" * 5_000_000,
            "李" * (NAME_CHARACTERS_MAX + 1),
            "\ufdfa" * (NAME_CHARACTERS_MAX + 1),
        ],
    )
    def test_is_not_too_long(self, name: str) -> None:
        assert refused(PersonName, name) == "too-long"

    def test_may_be_as_long_as_it_says(self) -> None:
        longest = "𠮷" * NAME_CHARACTERS_MAX
        assert accepted(PersonName, longest) == longest
        assert schema(PersonName) == {
            "type": "string",
            "minLength": 1,
            "maxLength": NAME_CHARACTERS_MAX,
        }

    @pytest.mark.parametrize("value", [1, True, None, ["Ann"], {"ssn": "123-45-6789"}, b"Ann"])
    def test_is_text(self, value: Any) -> None:
        assert refused(PersonName, value) == "type"


class TestShortText:
    def test_counts_characters(self) -> None:
        assert accepted(Label, "a" * 10) == "a" * 10
        assert refused(Label, "a" * 11) == "too-long"

    def test_counts_the_normal_form(self) -> None:
        assert accepted(Label, "e\u0301" * 10) == "\u00e9" * 10


class TestFreeText:
    @pytest.mark.parametrize(
        "text", ["one\ntwo\tthree", f"stop calling {FAMILY}", "نامه\u200cها", "a\u202eb", "=1+1"]
    )
    def test_keeps_what_people_write(self, text: str) -> None:
        assert accepted(Note, text) == text

    def test_has_one_kind_of_line_end(self) -> None:
        assert accepted(Note, "a\r\nb\rc\u2028d\n") == "a\nb\nc\nd"

    @pytest.mark.parametrize("text", ["a\u0000b", "\x1b[2J", "a\x08"])
    def test_holds_no_control_characters(self, text: str) -> None:
        assert refused(Note, text) == "control-character"

    def test_is_valid_unicode(self) -> None:
        assert refused(Note, "\udfff") == "invalid-unicode"

    @pytest.mark.parametrize("text", ["", " \n\t "])
    def test_is_not_blank(self, text: str) -> None:
        assert refused(Note, text) == "blank"

    def test_is_not_too_long(self) -> None:
        assert accepted(Note, "a" * 2000) == "a" * 2000
        assert refused(Note, "a" * 2001) == "too-long"

    @pytest.mark.parametrize(
        "text",
        [
            VISA,
            f"card {VISA}.",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111 1111 1111 1111 12/27 123",
            "order 12 4111 1111 1111 1111",
            "5555555555554444",
            "378282246310005",
            "6011 0000 0000 0004",
            "2223003122003222",
            "4222222222222",
            "٤١١١١١١١١١١١١١١١",
            "４１１１１１１１１１１１１１１１",
        ],
    )
    def test_holds_no_card_number(self, text: str) -> None:
        assert refused(Note, text) == "card-number-not-allowed"
        assert accepted(Message, text)

    @pytest.mark.parametrize(
        "text",
        [
            "4111111111111112",  # fails the check digit
            "41111111111111110000000",  # too long for a card
            "call +12125550100 or +12125550101",
            "2026-03-08 17:30 account 000123456789",
            "9111111111111111",
        ],
    )
    def test_may_hold_other_numbers(self, text: str) -> None:
        assert accepted(Note, text) == text


class TestAnyText:
    @pytest.mark.parametrize("read", [text_rules.single_line, text_rules.multi_line])
    @given(text=st.text())
    def test_is_either_kept_in_normal_form_or_refused_with_a_code(
        self, read: Read, text: str
    ) -> None:
        found = outcome(read, text)
        if isinstance(found, str):
            assert unicodedata.is_normalized("NFC", found)
            assert 0 < len(found) <= 50
            assert read(found, 50) == found
        else:
            assert found.code
