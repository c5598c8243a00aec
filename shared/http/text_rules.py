"""What text may hold, and the one normal form in which it is kept.

Text is data: markup, quotes and formulas are accepted here and escaped where they are shown.
Refused is only what cannot be stored, or what makes a reader see something else than is there.
"""

import re
import unicodedata

from shared.contactpoints.problem import FieldProblem

_BYTES_PER_CHARACTER_MAX = 4
_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]")

# Format (zero-width, reordering, tag), private and line-separating characters; control characters
# have their own code. Unassigned ones pass: a later Unicode may have made them letters.
_DISALLOWED_CATEGORIES = frozenset({"Cf", "Co", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_NONCHARACTERS = frozenset(range(0xFDD0, 0xFDF0))

_CARD_LENGTHS = range(13, 20)  # ISO/IEC 7812-1
_CARD_CANDIDATE = re.compile(r"[0-9](?:[ -]?[0-9]){12,}")
_CARD_FIRST_DIGITS = "23456"  # payment networks; 1 and 7 to 9 are other industries


def single_line(text: str, characters_max: int) -> str:
    """Return a name or other short text: NFC, single spaces, none at either end.

    Raises:
        FieldProblem: `too-long`, `blank`, `invalid-unicode`, `control-character` or
            `disallowed-character`.
    """
    normal = _normalized(text, characters_max)
    for character in normal:
        category = unicodedata.category(character)
        if category == "Cc":
            raise _control_character()
        if category in _DISALLOWED_CATEGORIES or _is_blank_or_noncharacter(character):
            raise FieldProblem(
                "disallowed-character", "leave out invisible and reordering characters"
            )
    return _filled(" ".join(normal.split()))


def multi_line(text: str, characters_max: int) -> str:
    """Return free text: NFC, line feeds between lines; joiners, marks and emoji stay.

    Raises:
        FieldProblem: `too-long`, `blank`, `invalid-unicode` or `control-character`.
    """
    normal = _LINE_END.sub("\n", _normalized(text, characters_max))
    if any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in normal):
        raise _control_character()
    return _filled(normal.strip())


def refuse_card_numbers(text: str) -> None:
    """Refuse text with what looks like a payment card number (PCI DSS 4.0.1, requirement 3).

    Raises:
        FieldProblem: `card-number-not-allowed`.
    """
    ascii_digits = "".join(
        each if (digit := unicodedata.decimal(each, None)) is None else str(digit) for each in text
    )
    for candidate in _CARD_CANDIDATE.finditer(ascii_digits):
        if _holds_card_number(re.split("[ -]", candidate.group())):
            raise FieldProblem("card-number-not-allowed", "leave out payment card numbers")


def _holds_card_number(groups: list[str]) -> bool:
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > _CARD_LENGTHS[-1]:
                break
            if len(digits) in _CARD_LENGTHS and digits[0] in _CARD_FIRST_DIGITS and _luhn(digits):
                return True
    return False


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _normalized(text: str, characters_max: int) -> str:
    # Bytes are counted first, so that nothing large is ever normalized.
    if len(text) > characters_max * _BYTES_PER_CHARACTER_MAX:
        raise _too_long(characters_max)
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise FieldProblem("invalid-unicode", "leave out unpaired surrogates") from None
    normal = unicodedata.normalize("NFC", text)
    if (
        len(encoded) > characters_max * _BYTES_PER_CHARACTER_MAX
        or len(normal) > characters_max
        or len(normal.encode()) > characters_max * _BYTES_PER_CHARACTER_MAX
    ):
        raise _too_long(characters_max)
    return normal


def _is_blank_or_noncharacter(character: str) -> bool:
    point = ord(character)
    return character in _BLANK_LETTERS or point in _NONCHARACTERS or point & 0xFFFE == 0xFFFE


def _is_visible(character: str) -> bool:
    is_bare = unicodedata.category(character) in _DISALLOWED_CATEGORIES
    return not (character.isspace() or is_bare or _is_blank_or_noncharacter(character))


def _filled(text: str) -> str:
    if not any(map(_is_visible, text)):
        raise FieldProblem("blank", "give at least one visible character")
    return text


def _too_long(characters_max: int) -> FieldProblem:
    return FieldProblem("too-long", f"give at most {characters_max} characters")


def _control_character() -> FieldProblem:
    return FieldProblem("control-character", "leave out control characters")
