"""The kinds of text that only placement rows hold.

Card numbers are refused in names and notes, where people write freely. They are not looked for in
references: one in ten honest account numbers of that length would pass for one.
"""

import re
from typing import Annotated, Any

from shared.contactpoints.problem import FieldProblem
from shared.http import text_rules
from shared.http.field_markers import Checked, matching, text_of
from shared.http.fields import NAME_CHARACTERS_MAX, FreeText

NOTE_CHARACTERS_MAX = 2000
REFERENCE_PATTERN = "^[A-Za-z0-9](?:[A-Za-z0-9 ._/:#-]{0,62}[A-Za-z0-9])?$"
_REFERENCE_SHAPE = {"type": "string", "pattern": REFERENCE_PATTERN}
_REFERENCE = re.compile(REFERENCE_PATTERN)
_SOCIAL_SECURITY = re.compile("[0-9]{3}-[0-9]{2}-[0-9]{4}")


def _read_name(value: Any) -> str:
    text = text_rules.single_line(text_of(value), NAME_CHARACTERS_MAX)
    text_rules.refuse_card_numbers(text)
    return text


def _read_reference(value: Any) -> str:
    text = text_of(value)
    if not _REFERENCE.fullmatch(text):
        raise FieldProblem(
            "format", "use 1 to 64 letters, digits, spaces and . _ / : # -, no space at the ends"
        )
    return text


def _read_impersonal_reference(value: Any) -> str:
    if _SOCIAL_SECURITY.fullmatch(text_of(value)):
        raise FieldProblem("personal-identifier", "use a reference of your own, not a person's")
    return _read_reference(value)


Name = Annotated[
    str,
    Checked(_read_name, {"type": "string", "minLength": 1, "maxLength": NAME_CHARACTERS_MAX}),
]
Note = Annotated[str, FreeText(NOTE_CHARACTERS_MAX)]
Reference = Annotated[str, Checked(_read_reference, _REFERENCE_SHAPE)]
ImpersonalReference = Annotated[str, Checked(_read_impersonal_reference, _REFERENCE_SHAPE)]
Slug = Annotated[
    str, matching("^[a-z][a-z0-9_]{0,39}$", code="format", detail="use 1 to 40 of a-z, 0-9 and _")
]
Rate = Annotated[
    str,
    matching(
        r"^(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,6})?$",
        code="rate-format",
        detail='give a decimal string such as "0.25"',
    ),
]
