"""Parts with a bug each, of a kind that real systems have had; `mutants` puts them in place."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.compliance.content.domain import ContentState
from services.compliance.permits.domain import GATES, GateState, commands, events
from services.compliance.permits.domain import decide as decide_gate
from services.compliance.rules import facts, rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import dispatch_bound
from services.compliance.rules.shelf import Shelf
from services.compliance.rules.slots import Slot
from services.contact.attempts.calling import CallDispatch, Leave
from services.contact.attempts.dispatch import (
    EmailDispatch,
    Gate,
    Letter,
    Mailer,
    Sending,
    redeemed,
)
from services.contact.attempts.domain import Attempt
from services.contact.permit_client import Redemption
from shared.eventstore.store import Batch, Metadata, Reading
from shared.eventstore.transact import Context, Guard, Issue, Moment, Outcome, Transactor
from shared.http.compliance_client import (
    Compliance,
    ComplianceClient,
    ComplianceRefused,
    ComplianceUnreachable,
)
from shared.http.service_token import ServiceTokenSigner
from shared.kernel.decider import Decider
from shared.kernel.ids import Ids
from shared.kernel.records import replace
from shared.messaging.effects import Effect, Taken
from shared.messaging.feed import Position
from shared.messaging.jobs import DueJob
from tests.simulation.composition import AnyDecider, Jobs
from tests.simulation.databases import Connection, Question
from tests.simulation.feeds import Effects
from tests.simulation.processes import Process
from tests.simulation.rule_books import SimulatedLibrary


def replace_decide(known: AnyDecider, decide: Callable[[Any, Any], Any]) -> AnyDecider:
    """Return a decider with another way to decide."""
    return Decider(
        initial=known.initial,
        evolve=known.evolve,
        decide=decide,
        events=known.events,
        state=known.state,
        claims=known.claims,
        is_guard=known.is_guard,
    )


def gate_deciding(decide: Callable[[Any, GateState], tuple[events.Event, ...]]) -> AnyDecider:
    """Return the gate's decider with another way to decide."""
    return Decider(
        initial=GATES.initial,
        evolve=GATES.evolve,
        decide=decide,
        events=GATES.events,
        state=GATES.state,
        claims=GATES.claims,
    )


# ------------------------------------------------------------------ leave that nobody gave


class Obliging:
    """A gate that says yes without asking, when asking takes a moment."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def redeem(self, attempt: Attempt, dispatch_id: str) -> Redemption:
        """Take silence for consent."""
        try:
            return await self._gate.redeem(attempt, dispatch_id)
        except (ComplianceUnreachable, ComplianceRefused):
            at = attempt.decided_at
            assert at is not None
            before = at + dispatch_bound(attempt.target.channel) + timedelta(minutes=5)
            return Redemption(is_redeemed=True, redeemed_at=at, dispatch_before=before)


def hasty() -> AnyDecider:
    """Redeem whatever was granted and not used, without deciding again."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        decided = decide_gate(command, state)
        if not isinstance(command, commands.RedeemPermit) or not decided:
            return decided
        slot = state.slots.get(command.permit_id)
        if slot is None or slot.redeemed_at is not None or slot.status == "released":
            return decided
        redeemed = events.PermitRedeemed(
            consumer_ids=(command.request.consumer_id,),
            permit_id=command.permit_id,
            redemption_id=command.redemption_id,
            request=command.request,
            circumstances=command.circumstances,
            flags=(),
            answers=None,
            confirms=(),
            dispatch_before=command.now + dispatch_bound(command.request.channel),
            rule_pack=command.book.label,
            tz_version=command.tz_version,
            watermarks=command.watermarks,
            trace_id=command.trace_id,
            at=command.now,
        )
        return (redeemed,)

    return gate_deciding(decide)


def permit_state(changed: Callable[[Slot, commands.RedeemPermit], Slot]) -> AnyDecider:
    """Redeem as if the permit stood otherwise than it does."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        if isinstance(command, commands.RedeemPermit) and command.permit_id in state.slots:
            slot = changed(state.slots[command.permit_id], command)
            state = replace(state, slots={**state.slots, command.permit_id: slot})
        return decide_gate(command, state)

    return gate_deciding(decide)


def never_expiring(slot: Slot, command: commands.RedeemPermit) -> Slot:
    """Take a permit for good however old it is."""
    return replace(slot, expires_at=command.now + timedelta(minutes=1))


def for_anything(slot: Slot, command: commands.RedeemPermit) -> Slot:
    """Take a permit for whatever is asked."""
    return replace(slot, request=command.request)


def given_back(slot: Slot, command: commands.RedeemPermit) -> Slot:
    """Take a permit that was given back for one that was not."""
    return replace(slot, status="open") if slot.status == "released" else slot


def used_again(slot: Slot, command: commands.RedeemPermit) -> Slot:
    """Take a permit that was used for one that was not."""
    return replace(slot, status="open", redemption_id=None) if slot.outcome is None else slot


# ------------------------------------------------------------------ gates wrongly folded


def gate_evolving(evolve: Callable[[GateState, Any], GateState]) -> AnyDecider:
    """Return the gate's decider with another way to fold, which also decides by it."""
    return Decider(
        initial=GATES.initial,
        evolve=evolve,
        decide=GATES.decide,
        events=GATES.events,
        state=GATES.state,
        claims=GATES.claims,
    )


def forgotten_after(days: int) -> AnyDecider:
    """Forget attempts after some days, because no rule looks back further, surely."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        folded = GATES.evolve(state, event)
        since = event.at - timedelta(days=days)
        slots = {key: slot for key, slot in folded.slots.items() if slot.granted_at >= since}
        return replace(folded, slots=slots)

    return gate_evolving(evolve)


def first_report_counts() -> AnyDecider:
    """Keep the first outcome, and take no correction."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.OutcomeReported):
            slot = state.slots.get(event.permit_id)
            if slot is not None and slot.outcome is not None:
                return state
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def without_accounts(kind: type[Any]) -> AnyDecider:
    """Take a fact that names no account for one about none, instead of all."""
    nothing = ("acct_none",)

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.FactRecorded) and isinstance(event.fact, kind):
            if not event.fact.account_ids:
                event = replace(event, fact=replace(event.fact, account_ids=nothing))
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def owed_alone() -> AnyDecider:
    """Know of no joint debt who else owes it."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.FactRecorded) and isinstance(event.fact, facts.JointDebt):
            event = replace(event, fact=replace(event.fact, consumer_ids=()))
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def without_withdrawals() -> AnyDecider:
    """Keep a consent that was taken back as it was given."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.FactRecorded) and hasattr(event.fact, "withdrawn_at"):
            event = replace(event, fact=replace(event.fact, withdrawn_at=None))
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def without_localities() -> AnyDecider:
    """Know a city by its state alone."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.FactRecorded) and getattr(event.fact, "localities", None):
            event = replace(event, fact=replace(event.fact, localities=()))
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def without_facts(kind: type[Any]) -> AnyDecider:
    """Keep no facts of a kind."""

    def evolve(state: GateState, event: events.Event) -> GateState:
        if isinstance(event, events.FactRecorded) and isinstance(event.fact, kind):
            return state
        return GATES.evolve(state, event)

    return gate_evolving(evolve)


def open_permits_not_counted() -> AnyDecider:
    """Grant as if nobody else had leave at the same time."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        if isinstance(command, commands.RequestPermit):
            slots = {key: each for key, each in state.slots.items() if each.status != "open"}
            state = replace(state, slots=slots)
        return decide_gate(command, state)

    return gate_deciding(decide)


def one_debt_per_call() -> AnyDecider:
    """Judge a call about several accounts by the first of them."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        decided = decide_gate(command, state)
        refused = (events.PermitRefused, events.RedemptionRefused)
        if not isinstance(command, commands.RequestPermit | commands.RedeemPermit) or not any(
            isinstance(each, refused) for each in decided
        ):
            return decided
        first = replace(command.request, account_ids=command.request.account_ids[:1])
        slots = {
            key: replace(slot, request=first) if slot.request == command.request else slot
            for key, slot in state.slots.items()
        }
        narrowed = decide_gate(replace(command, request=first), replace(state, slots=slots))
        return tuple(
            replace(each, request=command.request) if hasattr(each, "request") else each
            for each in narrowed
        )

    return gate_deciding(decide)


# ------------------------------------------------------------------ windows wrongly counted


def longer_day(book: Book) -> Book:
    """Give away the minute that a call may take to begin."""
    return rulebook.bind(
        [replace(each, terms=tuple(map(_longer, each.terms))) for each in book.packs]
    )


def _longer(terms: Terms) -> Terms:
    if terms.rule != "permitted-hours":
        return terms
    closes = terms.numbers["closes_minute"] + 1
    return replace(terms, numbers={**terms.numbers, "closes_minute": closes})


def only_reported() -> AnyDecider:
    """Count a call that was begun only once somebody says what came of it."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        slots = {
            key: slot
            for key, slot in state.slots.items()
            if slot.outcome is not None
            or slot.status == "open"
            or getattr(command, "permit_id", "") == key  # its own
        }
        return decide_gate(command, replace(state, slots=slots))

    return gate_deciding(decide)


class ByOwnWatch(Transactor):
    """Decides by this machine's clock instead of the database's."""

    def __init__(self, connection: Connection, ids: Ids, process: Process) -> None:
        super().__init__(connection, ids)
        self._process = process

    async def transact(self, context: Context, issues: Sequence[Issue], **how: Any) -> Outcome:
        """Put the wrong time into every moment."""
        return await super().transact(context, [self._wrong(each) for each in issues], **how)

    def _wrong(self, issue: Issue) -> Issue:
        if issue.decider is not GATES:
            return issue
        return replace(
            issue,
            command=lambda moment: issue.command(replace(moment, now=self._process.clock())),
        )


# ------------------------------------------------------------------ streams and facts


class LastWins(Connection):
    """Appends behind whatever came in between, without deciding again."""

    async def commit(self, group: Sequence[tuple[str, Batch]]) -> None:
        """Commit one after another."""
        for tenant, batch in group:
            await self._commit(tenant, batch)

    async def _commit(self, tenant: str, batch: Batch) -> None:
        """Give the events the next versions, whatever they are."""
        versions: dict[str, int] = {}
        renumbered = []
        for event in batch.events:
            reading = await self.database.load(tenant, [event.stream])
            newest = versions.get(event.stream, reading.streams[event.stream].version)
            versions[event.stream] = newest + 1
            renumbered.append(replace(event, version=newest + 1))
        states = tuple(
            replace(each, version=versions.get(each.stream, each.version)) for each in batch.states
        )
        moved = replace(batch, events=tuple(renumbered), states=states, guards={})
        await super().commit([(tenant, moved)])


class Crossed(Connection):
    """Hands the answers of a group out in the wrong order."""

    async def load_together(self, group: Sequence[Question]) -> Sequence[Reading]:
        """Give everybody the next one's answer."""
        readings = list(await super().load_together(group))
        return [*readings[1:], *readings[:1]]


class FirstOnly(Connection):
    """Checks the first of those that go together, and takes the others along."""

    async def commit(self, group: Sequence[tuple[str, Batch]]) -> None:
        """Append all of it at once."""
        self.database.refuse_conflicts(*group[0])
        for tenant, batch in group:
            self.database.write(tenant, batch)
        self.database.ring()


def newest_is_what_comes_last() -> AnyDecider:
    """Take facts in the order in which they arrive."""

    def decide(command: commands.Command, state: GateState) -> tuple[events.Event, ...]:
        if isinstance(command, commands.RecordFact | commands.ReleaseFact):
            kept = state.facts.get(f"{command.source_stream} {command.fact_key}")
            if kept is not None and kept.source_version > command.source_version:
                command = replace(command, source_version=kept.source_version + 1)
        return decide_gate(command, state)

    return gate_deciding(decide)


class Unguarded(Transactor):
    """Looks at the consumer's gate and not at the address's own opt-outs."""

    async def transact(
        self,
        context: Context,
        issues: Sequence[Issue],
        *,
        guards: Sequence[Guard] = (),
        **how: Any,
    ) -> Outcome:
        """Decide as if no address had ever been opted out."""
        blind = {each.stream: each.decider.initial for each in guards}
        return await super().transact(context, [_with(each, blind) for each in issues], **how)


def _with(issue: Issue, guards: Mapping[Any, Any]) -> Issue:
    def command(moment: Moment) -> Any:
        return issue.command(replace(moment, guards={**guards, **moment.guards}))

    return replace(issue, command=command)


def blind_to(*streams: str) -> type[Transactor]:
    """Return a transactor that takes some of an agency's own records for empty."""

    class Blind(Transactor):
        async def transact(
            self,
            context: Context,
            issues: Sequence[Issue],
            *,
            guards: Sequence[Guard] = (),
            **how: Any,
        ) -> Outcome:
            nothing = {
                each.stream: each.decider.initial
                for each in guards
                if str(each.stream).startswith(streams)
            }
            unseen = [_instead(each, nothing) for each in issues]
            return await super().transact(context, unseen, guards=guards, **how)

    return Blind


class Washed(Transactor):
    """Takes content for fit everywhere that was found fit anywhere."""

    async def transact(self, context: Context, issues: Sequence[Issue], **how: Any) -> Outcome:
        """Decide by what was found in the kindest check."""
        return await super().transact(context, [_washed(each) for each in issues], **how)


def _washed(issue: Issue) -> Issue:
    def clean(state: Any) -> Any:
        if not isinstance(state, ContentState):
            return state
        every = (state.by_use, *state.by_message.values())
        found = [rules for uses in every for each in uses.values() for rules in each.values()]
        return ContentState(check_id=state.check_id) if not all(found) else state

    def command(moment: Moment) -> Any:
        guards = {stream: clean(state) for stream, state in moment.guards.items()}
        return issue.command(replace(moment, guards=guards))

    return replace(issue, command=command)


def _instead(issue: Issue, nothing: Mapping[Any, Any]) -> Issue:
    def command(moment: Moment) -> Any:
        return issue.command(replace(moment, guards={**moment.guards, **nothing}))

    return replace(issue, command=command)


class Keyless(Transactor):
    """Does whatever is asked as often as it is asked."""

    async def transact(self, context: Context, issues: Sequence[Issue], **how: Any) -> Outcome:
        """Forget the idempotency key, and answer all the same."""
        return await super().transact(replace(context, idempotency=None), issues, **how)


# ------------------------------------------------------------------ sending and hearing


class Insistent(EmailDispatch):
    """Sends again whatever it finds begun and not concluded."""

    async def run(self, attempt_id: str, dispatch_id: str) -> None:
        """Send, and never mind who else may have."""
        attempt = await self._log.find(attempt_id)
        if attempt.phase != "dispatching":
            await super().run(attempt_id, dispatch_id)
            return
        letter = await self._desk.open(attempt)
        assert letter is not None
        await self._mailer.send(letter, begin_within_s=10.0)
        await self._log.conclude(attempt_id, "email_sent", None)


class Hasty(EmailDispatch):
    """Puts on record that it sends once it has sent."""

    async def run(self, attempt_id: str, dispatch_id: str) -> None:
        """Use the permit, send, and claim the attempt at last."""
        attempt = await self._log.find(attempt_id)
        if attempt.phase != "permitted":
            return
        letter = await self._desk.open(attempt)
        assert letter is not None
        redemption, _ = await redeemed(self._gate, attempt, attempt_id)
        if redemption is not None:
            await self._mailer.send(letter, begin_within_s=9.0)
        await self._log.start(attempt_id, dispatch_id)
        await self._log.conclude(attempt_id, "email_sent", None)


class Optimistic(EmailDispatch):
    """Takes what the mail server never answered for not sent."""

    async def run(self, attempt_id: str, dispatch_id: str) -> None:
        """Send, and put silence down as nothing."""
        self._mailer = _Hopeful(self._mailer)
        await super().run(attempt_id, dispatch_id)


class _Hopeful:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        sending = await self._mailer.send(letter, begin_within_s=begin_within_s)
        return "not_sent" if sending == "unknown" else sending


class Patient(EmailDispatch):
    """Sends however long it has taken to get leave."""

    async def run(self, attempt_id: str, dispatch_id: str) -> None:
        """Give the mail server all the time it wants."""
        self._mailer = _Unhurried(self._mailer)
        await super().run(attempt_id, dispatch_id)


class _Unhurried:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        return await self._mailer.send(letter, begin_within_s=1000.0)


class LateLeave(CallDispatch):
    """Counts the minute in which to dial from when it is told."""

    async def run(self, attempt_id: str, dispatch_id: str) -> Leave:
        """Give whoever has leave a new minute."""
        leave = await super().run(attempt_id, dispatch_id)
        if leave.dial_before is None:
            return leave
        return replace(leave, dial_before=leave.dial_before + timedelta(seconds=60))


def untold(handlers: Jobs) -> Jobs:
    """Forget to tell compliance what came of an attempt."""

    async def nothing(job: DueJob) -> None:
        return None

    return {**handlers, "report-outcome": nothing}


# ------------------------------------------------------------------ packs


class FirstBook(SimulatedLibrary):
    """Judges by the packs that shipped, whatever was adopted."""

    def shelf(self, tenant: str) -> Shelf:
        """Return the first edition alone."""
        return Shelf(editions=super().shelf(tenant).editions[:1])


class NeverStale(SimulatedLibrary):
    """Looks packs up once, when it begins."""

    async def run(self) -> None:
        """Do nothing more."""

    def is_stale(self, system_now: datetime) -> bool:
        """Trust what it knows."""
        return False


class AtOnce(SimulatedLibrary):
    """Ends what is enforced as soon as somebody has said so."""

    def shelf(self, tenant: str) -> Shelf:
        """Return the last edition from the beginning."""
        return Shelf.of(super().shelf(tenant).editions[-1].book)


class Reassuring(ComplianceClient):
    """Says that compliance has heard before it has."""

    def speaking_for(
        self, signer: ServiceTokenSigner, tenant: str, metadata: Metadata
    ) -> Compliance:
        """Return what answers at once."""
        return _Reassuring(self._http, signer, tenant, metadata)


class _Reassuring(Compliance):
    async def put_fact(self, fact_id: str, statement: dict[str, Any]) -> bool:
        self._telling = asyncio.ensure_future(super().put_fact(fact_id, statement))
        return True


# ------------------------------------------------------------------ feeds


class Forgetful(Effects):
    """Moves the checkpoint first and does the work afterwards."""

    async def commit(
        self,
        taken: Taken,
        effects: Sequence[Effect],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Commit in the wrong order."""
        nothing = [Effect(each.envelope, run=each.run, is_handled=False) for each in effects]
        moved = await super().commit(taken, nothing, upto, fresh_as_of)
        await self._work(moved, effects)
        return moved

    async def _work(self, moved: Taken, effects: Sequence[Effect]) -> None:
        await self.connection.process.step("works")
        self.connection.fail_before_commit()
        await self.effects.commit(moved, effects, moved.position, None)
