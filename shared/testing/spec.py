"""Given events, when a command, then events: the grammar of every decider's tests.

`then` also decides once more on the folded result and expects nothing, so each test of what
happens is a test of the retry as well.
"""

from typing import Any, Generic, TypeVar

from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


class Spec(Generic[C, S, E]):
    """A sentence about one decider; each step returns a new one."""

    def __init__(
        self, decider: Decider[C, S, E], past: tuple[E, ...] = (), command: C | None = None
    ) -> None:
        self._decider = decider
        self._past = past
        self._command = command

    def given(self, *events: E) -> "Spec[C, S, E]":
        """Say what has happened."""
        return Spec(self._decider, (*self._past, *events), self._command)

    def when(self, command: C) -> "Spec[C, S, E]":
        """Say what is asked."""
        return Spec(self._decider, self._past, command)

    def then(self, *expected: E) -> None:
        """Expect exactly these events, and nothing when asked again."""
        happened, again = self._decide()
        if happened != expected:
            raise AssertionError(f"expected {_lines(expected)}\ngot {_lines(happened)}")
        if again:
            raise AssertionError(f"asked again, expected nothing\ngot {_lines(again)}")

    def then_nothing(self) -> None:
        """Expect no event."""
        self.then()

    def then_raises(self, error: type[DomainError]) -> DomainError:
        """Expect a refusal, and return it."""
        try:
            happened = self._decider.decide(self._asked(), self._decider.fold(self._past))
        except error as refusal:
            return refusal
        raise AssertionError(f"expected {error.__name__}\ngot {_lines(happened)}")

    def events(self) -> tuple[E, ...]:
        """Return what happens, having checked that asking again yields nothing."""
        happened, again = self._decide()
        if again:
            raise AssertionError(f"asked again, expected nothing\ngot {_lines(again)}")
        return happened

    def _decide(self) -> tuple[tuple[E, ...], tuple[E, ...]]:
        before = self._decider.fold(self._past)
        happened = self._decider.decide(self._asked(), before)
        after = self._decider.fold(happened, before)
        return happened, self._decider.decide(self._asked(), after)

    def _asked(self) -> C:
        if self._command is None:
            raise AssertionError("say what is asked: .when(command)")
        return self._command


def _lines(events: tuple[Any, ...]) -> str:
    return "".join(f"\n  {event}" for event in events) or "nothing"
