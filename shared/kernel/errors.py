"""Why something could not be done, said without knowing how the caller is reached."""

from typing import ClassVar, Literal

Kind = Literal["not_found", "conflict", "invalid", "forbidden"]


class DomainError(Exception):
    """The command does not fit the state. Subclasses stand beside the decider that raises them.

    `kind` says which sort of refusal it is, `code` is stable and machine-readable, `pointer`
    (RFC 6901) names the field at fault where there is one. The text never holds a caller's value.
    """

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "conflict"

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class ConcurrencyConflict(Exception):
    """Another writer appended first; read again and decide again."""


class ClaimTaken(ConcurrencyConflict):
    """A name was claimed by another stream; look it up again before deciding again."""


class OperatorNeeded(Exception):
    """Work stops until a person mends something. Its attributes are keys of the log line about it.

    They are names, numbers and sizes, never a value out of an event.
    """


class InvariantViolated(Exception):
    """A programmer's error: something that cannot be, is."""
