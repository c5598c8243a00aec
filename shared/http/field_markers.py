"""How a field of a request body is read: one function per kind, refusals with a stable code.

Markers stand in `Annotated[type, marker]`. They replace pydantic's own reading of the type, whose
messages repeat the value and whose conversions guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.contactpoints.problem import FieldProblem
from shared.kernel.money import AMOUNT_LIMIT


@dataclass(frozen=True, eq=False)
class Checked:
    """A field that `read` turns into its value; OpenAPI shows it as `json_schema`."""

    read: Callable[[Any], Any]
    json_schema: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate with `read` alone."""
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the shape for OpenAPI."""
        return dict(self.json_schema)

    def _validate(self, value: Any) -> Any:
        try:
            return self.read(value)
        except FieldProblem as problem:
            code: Any = problem.code  # pydantic wants literals, so that no value gets in; nor does
            detail: Any = problem.detail  # one here: a FieldProblem never holds it
            raise PydanticCustomError(code, detail) from None


def text_of(value: Any) -> str:
    """Return a string, and nothing that is not one.

    Raises:
        FieldProblem: `type`.
    """
    if not isinstance(value, str):
        raise FieldProblem("type", "give a string")
    return value


def matching(pattern: str, *, code: str, detail: str, **shape: Any) -> Checked:
    """Mark strings that match a whole pattern, written for OpenAPI with `^` and `$`."""
    compiled = re.compile(pattern.removeprefix("^").removesuffix("$"))

    def read(value: Any) -> str:
        text = text_of(value)
        # Never `re.match` with `$`: it lets a line feed pass at the end.
        if not compiled.fullmatch(text):
            raise FieldProblem(code, detail)
        return text

    return Checked(read, {"type": "string", "pattern": pattern, **shape})


def one_of(choices: tuple[str, ...], *, code: str, detail: str, **shape: Any) -> Checked:
    """Mark strings out of a list that has a code of its own.

    OpenAPI shows the list, unless `shape` says otherwise.
    """
    allowed = frozenset(choices)

    def read(value: Any) -> str:
        text = text_of(value)
        if text not in allowed:
            raise FieldProblem(code, detail)
        return text

    return Checked(read, {"type": "string", **(shape or {"enum": list(choices)})})


def integer(minimum: int, *, type_code: str, range_code: str, detail: str) -> Checked:
    """Mark integers from a minimum up to what every JSON reader reads exactly."""

    def read(value: Any) -> int:
        # To Python a bool is an int and 1.0 equals 1; in JSON neither is an integer.
        if type(value) is not int:
            raise FieldProblem(type_code, detail)
        if not minimum <= value < AMOUNT_LIMIT:
            raise FieldProblem(range_code, detail)
        return value

    return Checked(read, {"type": "integer", "minimum": minimum, "maximum": AMOUNT_LIMIT - 1})
