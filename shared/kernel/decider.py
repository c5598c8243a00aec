"""The one shape of every state change: state + command → events, state + event → state.

`decide` is deterministic and pure; deciding again on the resulting state yields nothing, so a
retry after a crash or a version conflict can never act twice.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import record

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


@record
class Claim:
    """A name that leads to one target for good within a tenant, such as a creditor's own number.

    `digest` is a keyed digest, or an id of ours, never a clear name; `target` is the id or stream
    it leads to. Claiming it again for the same target changes nothing.
    """

    kind: str
    digest: str
    target: str


@record
class StreamOf:
    """The stream that a claimed name leads to, for those who know the name alone."""

    kind: str
    digest: str


def no_jobs(event: Any) -> tuple[Job | Cancel, ...]:
    """Schedule nothing."""
    return ()


def no_claims(event: Any) -> tuple[Claim, ...]:
    """Claim nothing."""
    return ()


class Decider(Generic[C, S, E]):
    """Ties together the pure functions of one aggregate.

    Args:
        events: every event class of the stream; the codec reads the union from here.
        state: the state's class; given when the folded state is kept as a row beside the events.
        jobs: due work that an event causes or cancels, written in the same transaction.
        claims: names that an event takes, written in the same transaction.
        is_guard: other streams' decisions read this one; its appends exclude their writes.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, and most have a default
        self,
        *,
        initial: S,
        evolve: Callable[[S, E], S],
        decide: Callable[[C, S], tuple[E, ...]],
        events: tuple[type, ...],
        state: type[S] | None = None,
        jobs: Callable[[E], tuple[Job | Cancel, ...]] = no_jobs,
        claims: Callable[[E], tuple[Claim, ...]] = no_claims,
        is_guard: bool = False,
    ) -> None:
        self.initial = initial
        self.evolve = evolve
        self.decide = decide
        self.events = events
        self.state = state
        self.jobs = jobs
        self.claims = claims
        self.is_guard = is_guard

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """Apply events in order, from the initial state unless one is given."""
        folded = self.initial if state is None else state
        for each in events:
            folded = self.evolve(folded, each)
        return folded
