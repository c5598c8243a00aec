"""When everything has come to rest, nothing is left over and everybody knows the same.

What a gate holds of every fact must be what the newest event that states it says: facts come by
feed and by request, twice and in any order.
"""

from collections.abc import Iterator
from typing import Any

from services.compliance.facts.from_ledger import AccountPlaced
from services.compliance.permits.domain import GATES, commands
from services.compliance.permits.domain.state import GateState, address
from services.compliance.rules import facts
from shared.eventstore import codec
from shared.eventstore.memory import LoggedEvent
from shared.eventstore.transact import Issue
from shared.kernel.records import event_name
from shared.messaging.feed import Envelope, Position
from shared.messaging.subscription import Handler
from tests.simulation.compliance_process import FACTS
from tests.simulation.logs import Log
from tests.simulation.simulation import SERVICES, TENANT, Simulation

_HANDLERS: dict[str, list[Handler]] = {}
for _handler in (each for handlers in FACTS.values() for each in handlers):
    if _handler.event is not None:
        _HANDLERS.setdefault(event_name(_handler.event), []).append(_handler)


def check_rest(simulation: Simulation, contact: Log) -> Iterator[str]:
    """Name what did not come to rest."""
    for name in SERVICES:
        database = simulation.databases[name]
        for parked in database.rows.parked:
            error = parked.failure.error
            yield f"{parked.subscription} parked {parked.envelope.type}: {error}"
        for (_, key), job in database.jobs.items():
            if job.due_at <= simulation.loop.now():
                yield f"the job {key} was never done"
        for (subscription, _), fresh in database.rows.fresh_as_of.items():
            source = simulation.databases[subscription.rpartition("-")[2]]
            if source.log and fresh < source.log[-1].recorded_at:
                yield f"{subscription} has not caught up"
    yield from _attempts(contact)
    yield from _gates(simulation)


def _attempts(contact: Log) -> Iterator[str]:
    begun = {each.body.attempt_id for each in contact.of("dispatch-started")}
    ended = {
        each.body.attempt_id
        for each in contact.of("dispatch-refused", "attempt-concluded", "attempt-cancelled")
    }
    for attempt_id in sorted(begun - ended):
        yield f"{attempt_id} was begun and never concluded"


def _gates(simulation: Simulation) -> Iterator[str]:
    expected = _stated(simulation)
    gates: dict[str, GateState] = {}
    for logged in simulation.databases["compliance"].log:
        if logged.event.stream.startswith("gate-"):
            kinds = codec.classes_by_name(GATES.events)
            event: Any = codec.decode(kinds[logged.event.type], logged.event.data)
            state = gates.get(logged.event.stream, GATES.initial)
            gates[logged.event.stream] = GATES.evolve(state, event)
    for (stream, where), (version, fact) in expected.items():
        kept = gates.get(stream, GATES.initial).facts.get(where)
        if kept is None:
            if fact is None or facts.kept_until(fact) is None:
                yield f"{stream} never learned of {where}"
        elif kept.source_version != version or not _is_same(kept.fact, fact):
            yield f"{stream} holds {where} as of {kept.source_version}, not {version}"
    yield from _joint_debts(simulation, expected, gates)


def _joint_debts(
    simulation: Simulation,
    expected: dict[tuple[str, str], tuple[int, Any]],
    gates: dict[str, GateState],
) -> Iterator[str]:
    """Name what one person said of a debt and another who owes it is not protected by, or still."""
    together = [
        (placed.account_id, placed.consumer_ids)
        for placed in _placed(simulation.databases["ledger"])
    ]
    for (stream, where), (version, fact) in expected.items():
        who = stream.removeprefix("gate-")
        if not where.startswith(f"contact-{who} "):
            continue
        for account_id, consumer_ids in together:
            for other in set(consumer_ids) - {who} if who in consumer_ids else ():
                kept = gates.get(f"gate-{other}", GATES.initial).facts.get(f"{where}-{account_id}")
                known = kept.fact if kept else None
                if not _is_about(fact, account_id):
                    if known is not None:
                        yield f"gate-{other} still holds {where} of {account_id}"
                elif kept is None or kept.source_version != version:
                    yield f"gate-{other} never learned of {where} on {account_id}"
                elif getattr(known, "party_id", None) != who:
                    yield f"gate-{other} does not know that {who} said {where}"


def _is_about(fact: Any, account_id: str) -> bool:
    match fact:
        case facts.Bankruptcy():
            return not fact.account_ids or account_id in fact.account_ids
        case facts.IdentityTheftReport() | facts.ReportingDispute():
            return fact.account_id == account_id
        case _:
            return isinstance(fact, facts.MilitaryService)


def _placed(ledger: Any) -> Iterator[AccountPlaced]:
    for logged in ledger.log:
        if logged.event.type == event_name(AccountPlaced):
            yield codec.decode(AccountPlaced, logged.event.data)


def _is_same(kept: Any, stated: Any) -> bool:
    """Compare what a gate holds with what was stated: a consent taken back is one let go of."""
    if stated is None and getattr(kept, "withdrawn_at", None) is not None:
        return True
    return bool(kept == stated)


def _stated(simulation: Simulation) -> dict[tuple[str, str], tuple[int, Any]]:
    """Return the newest word on every fact of every gate, straight from the logs."""
    newest: dict[tuple[str, str], tuple[int, Any]] = {}
    for name in FACTS:
        for logged in simulation.databases[name].log:
            for issue in _issues(name, logged):
                command = issue.command(_Now(logged.event.occurred_at))  # type: ignore[arg-type]
                if not isinstance(command, commands.RecordFact | commands.ReleaseFact):
                    continue
                fact = command.fact if isinstance(command, commands.RecordFact) else None
                where = (issue.stream, address(command.source_stream, command.fact_key))
                if where not in newest or newest[where][0] <= command.source_version:
                    newest[where] = (command.source_version, fact)
    return newest


def _issues(source: str, logged: LoggedEvent) -> Iterator[Issue]:
    """Yield what the readers of a service make of one of its events."""
    for handler in _HANDLERS.get(logged.event.type, ()):
        if handler.event is None or handler.react is None:
            continue
        envelope = Envelope(
            source=source,
            position=Position(transaction_id=0, position=logged.position),
            tenant=TENANT,
            stream=logged.event.stream,
            version=logged.event.version,
            event_id=logged.event.event_id,
            type=logged.event.type,
            data=logged.event.data,
            metadata_bytes=logged.event.metadata,
            occurred_at=logged.event.occurred_at,
            recorded_at=logged.recorded_at,
        )
        yield from handler.react(codec.decode(handler.event, logged.event.data), envelope)


class _Now:
    def __init__(self, now: Any) -> None:
        self.now = now
