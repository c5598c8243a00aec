"""What is wrong with a body, field by field: pointer, code, advice; never a value.

Pydantic's own texts and contexts repeat what the caller sent, so only its kinds are read, and
each kind has one code and one text here. Errors of our own markers pass as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from shared.http.problem import pointer

_KINDS = {
    "missing": ("missing", "this field is required"),
    "extra_forbidden": ("unknown-field", "this field is not known here"),
    "none_required": ("type", "the value has the wrong type"),
    "string_too_long": ("too-long", "the text is too long"),
    "string_too_short": ("too-short", "the text is too short"),
    "string_pattern_mismatch": ("format", "the text does not have the required form"),
    "too_long": ("too-many-items", "there are too many items"),
    "too_short": ("too-few-items", "there are too few items"),
    "literal_error": ("value-not-allowed", "this is none of the documented values"),
    "enum": ("value-not-allowed", "this is none of the documented values"),
    "union_tag_invalid": ("value-not-allowed", "this is none of the documented values"),
    "union_tag_not_found": ("missing", "this field is required"),
    "greater_than": ("number-range", "the number is out of range"),
    "greater_than_equal": ("number-range", "the number is out of range"),
    "less_than": ("number-range", "the number is out of range"),
    "less_than_equal": ("number-range", "the number is out of range"),
}
_TYPE = ("type", "the value has the wrong type")
_INVALID = ("invalid", "the value is not valid")
_OF_PYDANTIC = frozenset(get_args(ErrorType))
_TAG_KINDS = frozenset({"union_tag_invalid", "union_tag_not_found"})


def error_entries(
    error: ValidationError, prefix: Sequence[str | int] | str = "", document: Any = None
) -> list[dict[str, str]]:
    """Return one entry of `pointer`, `code` and `detail` per complaint.

    Args:
        prefix: where the model stands in the whole body, as a JSON Pointer or as its parts.
        document: what was validated. Pydantic's paths name the member of a union too; with the
            document at hand such parts, which are no keys, are left out of the pointer.
    """
    start = _parts(prefix)
    entries = []
    for each in error.errors(include_url=False, include_input=False):
        context = each.get("ctx") or {}
        code, detail = _meaning(each["type"], each["msg"])
        if "expected_tags" in context:  # our own kinds, never the one that was sent
            kinds = str(context["expected_tags"]).replace("'", "")
            detail = f"give one of {kinds}"
        place = _place(each["type"], each["loc"], context, document)
        entries.append({"pointer": pointer((*start, *place)), "code": code, "detail": detail})
    return entries


def _parts(prefix: Sequence[str | int] | str) -> tuple[str | int, ...]:
    if not isinstance(prefix, str):
        return tuple(prefix)
    return tuple(int(part) if part.isdecimal() else part for part in prefix.split("/")[1:])


def _meaning(kind: str, text: str) -> tuple[str, str]:
    if kind not in _OF_PYDANTIC:
        return kind, text
    if kind in _KINDS:
        return _KINDS[kind]
    return _TYPE if kind.endswith("_type") else _INVALID


def _place(
    kind: str, location: tuple[str | int, ...], context: Mapping[str, Any], document: Any
) -> tuple[str | int, ...]:
    if document is not None:
        location = _existing(location, document, is_missing=kind == "missing")
    if kind in _TAG_KINDS:
        # The context also holds the caller's tag; only the name of our own field is taken.
        return (*location, str(context["discriminator"]).strip("'"))
    return location


def _existing(
    location: tuple[str | int, ...], document: Any, *, is_missing: bool
) -> tuple[str | int, ...]:
    kept: list[str | int] = []
    here = document
    named: Any = None  # the member of a union whose kind was left out already
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if not is_last and here is not named and _is_kind(part, here):
            named = here  # a kind may be called like one of its fields
            continue
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif not (is_missing and is_last):
            continue
        kept.append(part)
    return tuple(kept)


def _is_kind(part: str | int, here: Any) -> bool:
    return isinstance(here, Mapping) and here.get("kind") == part
