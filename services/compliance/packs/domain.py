"""One version of one rule pack: draft, then in shadow, then active, then withdrawn.

What is enforced or observed changes only at instants that lie `LEAD` ahead, so that every process
knows of it in time; what is enforced is approved by somebody other than its author.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, assert_never

from shared.kernel.decider import Claim, Decider, StreamOf
from shared.kernel.errors import DomainError
from shared.kernel.records import event, record, replace

LEAD = timedelta(seconds=60)
"""Twice the time for which a process may go on without looking: see `books.shelves`."""

LABEL = "rule-pack"
Status = Literal["draft", "shadow", "active", "withdrawn"]


class RulePackNotFound(DomainError):
    """There is no such rule pack."""

    kind = "not_found"
    code = "rule-pack-not-found"


class RulePackExists(DomainError):
    """Another pack has this name and version."""

    kind = "conflict"
    code = "rule-pack-exists"


class RulePackChanged(DomainError):
    """It is no longer what the decision was based on."""

    kind = "conflict"
    code = "precondition-failed"


class RulePackNotThere(DomainError):
    """This step does not follow from where the pack stands."""

    kind = "conflict"
    code = "rule-pack-status"


class FourEyes(DomainError):
    """The author may not do it alone."""

    kind = "forbidden"
    code = "four-eyes"


class EffectiveTooSoon(DomainError):
    """Not every process would know of it in time."""

    kind = "invalid"
    code = "effective-too-soon"


@record
class DraftRulePack:
    """Take in a pack's document, checked and in canonical form; `is_taken`: its label is."""

    pack_id: str
    pack: str
    version: str
    jurisdiction: str
    document: str
    author: str
    now: datetime
    is_taken: bool = False


@record
class ObserveRulePack:
    """Let a draft judge in shadow; `revision` is what the caller has seen."""

    pack_id: str
    revision: int
    by: str
    now: datetime


@record
class ActivateRulePack:
    """Approve a pack in shadow, to be enforced from an instant on."""

    pack_id: str
    revision: int
    approved_by: str
    effective_at: datetime
    now: datetime


@record
class WithdrawRulePack:
    """End a pack; one that is or will be enforced only from an instant on."""

    pack_id: str
    revision: int
    withdrawn_by: str
    reason: str
    effective_at: datetime | None
    now: datetime


Command = DraftRulePack | ObserveRulePack | ActivateRulePack | WithdrawRulePack


@event("forbear.compliance.rule-pack-drafted.v1")
class RulePackDrafted:
    """A pack was written down. `document` is its canonical JSON."""

    pack_id: str
    pack: str
    version: str
    jurisdiction: str
    document: str
    author: str
    at: datetime


@event("forbear.compliance.rule-pack-observed.v1")
class RulePackObserved:
    """From `effective_at` on it judges in shadow: recorded beside decisions, not enforced."""

    pack_id: str
    effective_at: datetime
    by: str
    at: datetime


@event("forbear.compliance.rule-pack-activated.v1")
class RulePackActivated:
    """It was approved, and is enforced from `effective_at` on."""

    pack_id: str
    effective_at: datetime
    approved_by: str
    at: datetime


@event("forbear.compliance.rule-pack-withdrawn.v1")
class RulePackWithdrawn:
    """From `effective_at` on it judges no more."""

    pack_id: str
    effective_at: datetime
    withdrawn_by: str
    reason: str
    at: datetime


Event = RulePackDrafted | RulePackObserved | RulePackActivated | RulePackWithdrawn


@record
class PackState:
    """A pack and the instants from which on it is observed, enforced, withdrawn.

    `revision` counts its events; 0 means there is no such pack.
    """

    revision: int = 0
    pack_id: str = ""
    pack: str = ""
    version: str = ""
    jurisdiction: str = ""
    document: str = ""
    author: str = ""
    drafted_at: datetime | None = None
    observed_from: datetime | None = None
    active_from: datetime | None = None
    approved_by: str | None = None
    withdrawn_from: datetime | None = None
    withdrawn_by: str | None = None
    reason: str | None = None


def stream(pack_id: str) -> str:
    """Name the stream of one version of a pack."""
    return f"rulepack-{pack_id}"


def id_of(stream: str) -> str:
    """Return the pack's id that a stream is named by."""
    return stream.removeprefix("rulepack-")


def name_of(pack: str, version: str) -> StreamOf:
    """Return what leads to the pack of that name and version."""
    return StreamOf(kind=LABEL, digest=sha256(f"{pack}@{version}".encode()).hexdigest())


def status_at(state: PackState, at: datetime) -> Status:
    """Return where a pack stands at an instant."""
    if state.withdrawn_from is not None and state.withdrawn_from <= at:
        return "withdrawn"
    if state.active_from is not None and state.active_from <= at:
        return "active"
    if state.observed_from is not None and state.observed_from <= at:
        return "shadow"
    return "draft"


def evolve(state: PackState, event: Event) -> PackState:
    """Apply one event."""
    state = replace(state, revision=state.revision + 1)
    match event:
        case RulePackDrafted():
            return PackState(
                revision=state.revision,
                pack_id=event.pack_id,
                pack=event.pack,
                version=event.version,
                jurisdiction=event.jurisdiction,
                document=event.document,
                author=event.author,
                drafted_at=event.at,
            )
        case RulePackObserved():
            return replace(state, observed_from=event.effective_at)
        case RulePackActivated():
            return replace(state, active_from=event.effective_at, approved_by=event.approved_by)
        case RulePackWithdrawn():
            return replace(
                state,
                withdrawn_from=event.effective_at,
                withdrawn_by=event.withdrawn_by,
                reason=event.reason,
            )
        case _:
            assert_never(event)


def decide(command: Command, state: PackState) -> tuple[Event, ...]:
    """Take the pack one step on.

    Raises:
        RulePackNotFound, RulePackExists, RulePackChanged, RulePackNotThere: it cannot be taken.
        FourEyes: the author approves or withdraws what is enforced.
        EffectiveTooSoon: the instant is less than `LEAD` away.
    """
    match command:
        case DraftRulePack():
            return _draft(command, state)
        case ObserveRulePack():
            return _observe(command, state)
        case ActivateRulePack():
            return _activate(command, state)
        case WithdrawRulePack():
            return _withdraw(command, state)
        case _:
            assert_never(command)


def _draft(command: DraftRulePack, state: PackState) -> tuple[Event, ...]:
    if state.revision:
        return ()
    if command.is_taken:
        raise RulePackExists(
            "There is a pack of this name and version already. Give a newer version.",
            pointer="/document",
        )
    drafted = RulePackDrafted(
        pack_id=command.pack_id,
        pack=command.pack,
        version=command.version,
        jurisdiction=command.jurisdiction,
        document=command.document,
        author=command.author,
        at=command.now,
    )
    return (drafted,)


def _observe(command: ObserveRulePack, state: PackState) -> tuple[Event, ...]:
    effective_at = command.now + LEAD
    if state.observed_from == effective_at:
        return ()
    _refuse_changed(command.revision, state)
    if state.observed_from is not None or state.withdrawn_from is not None:
        raise RulePackNotThere("Only a draft can be put in shadow.")
    observed = RulePackObserved(
        pack_id=command.pack_id, effective_at=effective_at, by=command.by, at=command.now
    )
    return (observed,)


def _activate(command: ActivateRulePack, state: PackState) -> tuple[Event, ...]:
    if (state.active_from, state.approved_by) == (command.effective_at, command.approved_by):
        return ()
    _refuse_changed(command.revision, state)
    if state.observed_from is None:
        raise RulePackNotThere("Put the pack in shadow before it is activated.")
    if state.active_from is not None or state.withdrawn_from is not None:
        raise RulePackNotThere("The pack was activated or withdrawn before.")
    if command.approved_by == state.author:
        raise FourEyes("Somebody other than the pack's author has to approve it.")
    _refuse_too_soon(command.effective_at, command.now)
    activated = RulePackActivated(
        pack_id=command.pack_id,
        effective_at=command.effective_at,
        approved_by=command.approved_by,
        at=command.now,
    )
    return (activated,)


def _withdraw(command: WithdrawRulePack, state: PackState) -> tuple[Event, ...]:
    # A draft judges nothing. What is only observed ends as it began: once all have heard of it.
    soonest = command.now if state.observed_from is None else command.now + LEAD
    effective_at = command.effective_at or soonest
    if (state.withdrawn_from, state.withdrawn_by) == (effective_at, command.withdrawn_by):
        return ()
    _refuse_changed(command.revision, state)
    if state.withdrawn_from is not None:
        raise RulePackNotThere("The pack was withdrawn before.")
    if state.active_from is not None and command.withdrawn_by == state.author:
        raise FourEyes("Somebody other than the pack's author has to withdraw what is enforced.")
    if effective_at < soonest:
        _refuse_too_soon(effective_at, command.now)
    withdrawn = RulePackWithdrawn(
        pack_id=command.pack_id,
        effective_at=effective_at,
        withdrawn_by=command.withdrawn_by,
        reason=command.reason,
        at=command.now,
    )
    return (withdrawn,)


def _refuse_changed(revision: int, state: PackState) -> None:
    if state.revision == 0:
        raise RulePackNotFound("There is no such rule pack.")
    if revision != state.revision:
        raise RulePackChanged(
            f"If-Match names another version: the pack has changed and its ETag is now"
            f' "{state.revision}". Read it again before you decide, and send that.'
        )


def _refuse_too_soon(effective_at: datetime, now: datetime) -> None:
    if effective_at < now + LEAD:
        raise EffectiveTooSoon(
            f"Give an instant at least {LEAD.seconds} seconds ahead, so that every process"
            " knows of it in time.",
            pointer="/effective_at",
        )


def _claims(event: Event) -> tuple[Claim, ...]:
    if not isinstance(event, RulePackDrafted):
        return ()
    name = name_of(event.pack, event.version)
    return (Claim(kind=name.kind, digest=name.digest, target=stream(event.pack_id)),)


RULE_PACKS: Decider[Command, PackState, Event] = Decider(
    initial=PackState(),
    evolve=evolve,
    decide=decide,
    events=(RulePackDrafted, RulePackObserved, RulePackActivated, RulePackWithdrawn),
    claims=_claims,
)
