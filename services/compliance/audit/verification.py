"""Holds the log against the source tables, both ways, and names the first bad record.

What is found: a changed, dropped, moved or left-out event; a changed, dropped, swapped or added
entry; a log that was cut off, or that no longer leads to what was signed. What a checkpoint that
was itself removed had vouched for can be held against copies of it only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.compliance.audit.checkpoint import CheckpointRefused, verify
from services.compliance.audit.leaf import Entry, leaf_bytes
from services.compliance.audit.merkle import EMPTY, Frontier, leaf_hash
from services.compliance.audit.sources import LogState, Place, Sources, Unentered
from shared.kernel.records import record

LEFT_OUT_MAX = 2  # enough to tell whether there is exactly one


@record
class BadRecord:
    """The first thing found wrong; `leaf_index` is absent where the log has no entry for it."""

    problem: str
    service: str
    stream: str
    version: int
    leaf_index: int | None = None

    def __str__(self) -> str:
        place = f"{self.service} {self.stream} version {self.version}"
        index = "" if self.leaf_index is None else f" (leaf {self.leaf_index})"
        return f"{self.problem}: {place}{index}"


@record
class Verification:
    """What a verification of one tenant's log came to.

    `unaudited` counts events that the log's reader has not come to yet.
    """

    tenant: str
    leaves: int
    checkpoints: int
    bad: BadRecord | None
    unaudited: int = 0

    @property
    def is_verified(self) -> bool:
        """Tell whether nothing was found wrong."""
        return self.bad is None


class Verifier:
    """Reads the log of compliance and the event tables of all services, while they run.

    Args:
        connections: by service, with a role that reads events of all tenants.
        keys: the public keys with which checkpoints were signed.
        progress: told how many leaves were checked.
    """

    def __init__(
        self,
        connections: Mapping[str, Any],
        keys: Sequence[Ed25519PublicKey],
        progress: Callable[[int], None] = lambda leaves: None,
    ) -> None:
        self._sources = Sources(connections)
        self._keys = keys
        self._progress = progress

    async def tenants(self) -> list[str]:
        """Return every tenant that has a log or an event."""
        return await self._sources.tenants()

    async def verify(self, tenant: str) -> Verification:
        """Check one tenant's log from its first leaf to its last, then look for what it lacks."""
        # In this order: whatever was passed is entered, whatever is entered is in the size, and
        # what is signed has been entered before. The log may grow meanwhile.
        passed = await self._sources.passed()
        state = await self._sources.state(tenant)
        walk = _Walk(tenant, state, self._keys)
        async for page in self._sources.entries(tenant):
            events = await self._sources.events_of(tenant, page)
            for row in page:
                walk.step(row, events.get(_place(row)))
                if walk.bad is not None:
                    break
            self._progress(walk.frontier.size)
            if walk.bad is not None:
                break
        left_out: list[Unentered] = []
        unaudited = 0
        if walk.bad is None or walk.has_gap:
            async for event in self._sources.unentered(tenant, passed):
                unaudited += not event.was_passed
                if event.was_passed and len(left_out) < LEFT_OUT_MAX:
                    left_out.append(event)
        return Verification(
            tenant=tenant,
            leaves=walk.frontier.size,
            checkpoints=len(state.notes),
            bad=_named(walk, left_out),
            unaudited=unaudited,
        )


class _Walk:
    """Goes through the entries in order, growing the log anew."""

    def __init__(self, tenant: str, state: LogState, keys: Sequence[Ed25519PublicKey]) -> None:
        self.frontier = EMPTY
        self.bad: BadRecord | None = None
        self.has_gap = False
        self._tenant = tenant
        self._state = state
        self._keys = keys
        self._signed_to = 0

    def step(self, row: Any, event: Entry | None) -> None:
        """Check the next entry; `event` is what its service has in its place."""
        if row["leaf_index"] != self.frontier.size:
            self.has_gap = True
            problem = f"the entry of leaf {self.frontier.size} is gone; the next one is of"
        elif event is None:
            problem = "the event was dropped from its service"
        elif event.event_id != row["event_id"]:
            problem = "another event stands in the place of the one that was entered"
        elif leaf_hash(leaf_bytes(event)) != row["leaf_hash"]:
            problem = "the event and its entry differ"
        else:
            self.frontier = self.frontier.append(row["leaf_hash"])
            problem = self._against_roots(row)
        if problem:
            self.bad = _bad(problem, row)

    def end(self) -> BadRecord | None:
        """Return what is wrong with where the log ends."""
        size, signed = self.frontier.size, max(self._state.notes, default=0)
        if size >= max(self._state.size, signed):
            return None
        self.has_gap = True
        said = (
            f"a checkpoint was signed at {signed} leaves"
            if signed > size
            else f"the log has {self._state.size} leaves by its own account"
        )
        return BadRecord(
            problem=f"{said}, and the entry of leaf {size} is gone",
            service="compliance",
            stream="audit",
            version=size,
            leaf_index=size,
        )

    def _against_roots(self, row: Any) -> str:
        size, root = self.frontier.size, self.frontier.root
        if root != row["root_after"]:
            return "the log does not lead to this entry's root"
        if size == self._state.size and _written(self.frontier) != self._state.frontier:
            return "the log does not lead to the frontier it goes on from"
        note = self._state.notes.get(size)
        if note is None:
            return ""
        try:
            signed = verify(note, self._tenant, self._keys)
        except CheckpointRefused as error:
            return f"the checkpoint here is not good ({error.code})"
        if signed.root != root or signed.size != size:
            return (
                f"leaves {self._signed_to} to {size - 1} are not all those that were signed;"
                " the checkpoint is at"
            )
        self._signed_to = size
        return ""


def _named(walk: _Walk, left_out: Sequence[Unentered]) -> BadRecord | None:
    """Return the first bad record; where an entry is gone, by the one event that lacks it."""
    bad = walk.bad or walk.end()
    if bad is None and left_out:
        return _at(left_out[0], "the event was never entered, or the log was cut off before it")
    if bad is not None and walk.has_gap and len(left_out) == 1:
        return _at(left_out[0], bad.problem.removesuffix("; the next one is of"))
    return bad


def _at(event: Unentered, problem: str) -> BadRecord:
    return BadRecord(
        problem=problem, service=event.service, stream=event.stream, version=event.version
    )


def _written(frontier: Frontier) -> bytes:
    return b"".join(frontier.hashes)


def _place(row: Any) -> Place:
    return row["service"], row["stream"], row["version"]


def _bad(problem: str, row: Any) -> BadRecord:
    return BadRecord(
        problem=problem,
        service=row["service"],
        stream=row["stream"],
        version=row["version"],
        leaf_index=row["leaf_index"],
    )
