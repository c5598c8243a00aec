"""`forbear dlq list|show|retry|discard`: events that could not be handled, and the way out.

An order is a mark on the parked event, made as the database's owner. The service that has parked
it carries it out, with its own handlers; the command waits and says what came of it.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.command import parked
from services.command.administration import Stores, administer, aligned, written
from services.command.installation import SERVICES
from services.command.options import AsJson, DataDir
from services.command.parked import Entry, Outcome, Parked
from services.command.terminal import Refused, console, say
from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.messaging.parking import Order

EXIT_UNRESOLVED = 1
TIMEOUT_S = 30.0
SHOWN_MAX = 50
AUDIT = "compliance-audit-from-"

app = typer.Typer(help="Parked events: what could not be handled.", no_args_is_help=True)

Service = Annotated[str | None, typer.Option(help="Only what this service has parked.")]
Tenant = Annotated[str | None, typer.Option(help="Only this tenant's.")]
Subscription = Annotated[
    str | None, typer.Option(help="Only of this one, such as compliance-facts-from-ledger.")
]
By = Annotated[str, typer.Option(help="Your name: it stands on record for ever.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for what comes of it.", min=0)]


@app.command("list")
def list_command(
    service: Service = None,
    tenant: Tenant = None,
    subscription: Subscription = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the events that failed, and how many wait behind each."""
    found = _read(data_dir, service, tenant, subscription)
    if as_json:
        console.print_json(json.dumps([_shown(each, found) for each in found.firsts]))
        return
    if not found.entries:
        say("No event is parked.")
        return
    rows = [("event", "type", "subscription", "tenant", "error", "tries", "for", "behind it")]
    for each in found.firsts:
        row, behind = each.row, len(found.behind(each))
        told = (row["type"], row["subscription"], row["tenant_id"], row["error"])
        rows.append((row["event_id"], *told, str(row["attempts"]), _age(row), str(behind)))
    for line in aligned(rows):
        say(line)


@app.command("show")
def show_command(
    event_id: Annotated[str, typer.Argument(help="Such as evt_01h455vb4pex5vsknk084sn02q.")],
    subscription: Subscription = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a parked event, but not its data."""

    async def work(stores: Stores) -> list[dict[str, Any]]:
        found = await parked.read(stores)
        entries = _chosen(found, event_id, subscription)
        return [
            _shown(each, found) | _detail(each, found, await parked.copy_of(stores, each))
            for each in entries
        ]

    shown = administer(data_dir, work)
    if as_json:
        console.print_json(json.dumps(shown))
        return
    for each in shown:
        for name, value in each.items():
            if value not in (None, [], ""):
                say(f"{name.replace('_', ' '):16}{_line(value)}")
        say("")


@app.command("retry")
def retry_command(  # noqa: PLR0913 - one for each option
    by: By,
    event_id: Annotated[str | None, typer.Argument(help="The event; or say --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that failed.")] = False,
    reason: Annotated[str, typer.Option(help="What was mended, for the record.")] = "",
    service: Service = None,
    tenant: Tenant = None,
    subscription: Subscription = None,
    timeout: Timeout = TIMEOUT_S,
    data_dir: DataDir = None,
) -> None:
    """Have an event handled after all, then what waits behind it. Exit code 1 if that fails."""
    if every == (event_id is not None):
        raise Refused("Say which event, or --all.")
    wanted = _order("retry", by, reason)

    async def work(stores: Stores) -> list[Outcome]:
        found = await parked.read(
            stores, service=_known(service), tenant=tenant, subscription=subscription
        )
        if event_id is None:
            entries = [each for each in found.firsts if each.is_kept]
        else:
            entries = _first(found, _chosen(found, event_id, subscription))
            _require_kept(entries)
        return await _carry_out(stores, found, entries, wanted, timeout)

    _say_outcomes("handled", administer(data_dir, work))


@app.command("discard")
def discard_command(
    event_id: Annotated[str, typer.Argument(help="The event.")],
    reason: Annotated[str, typer.Option(help="Why it may be left without effect.")],
    by: By,
    subscription: Subscription = None,
    timeout: Timeout = TIMEOUT_S,
    data_dir: DataDir = None,
) -> None:
    """Leave an event without effect, on record, and go on with what waits behind it."""
    wanted = _order("discard", by, reason)
    if not wanted.reason:
        raise Refused("Say in --reason why the event may be left without effect.")

    async def work(stores: Stores) -> list[Outcome]:
        found = await parked.read(stores)
        entries = _first(found, _chosen(found, event_id, subscription))
        if len(entries) > 1:
            names = ", ".join(each.row["subscription"] for each in entries)
            raise Refused(f"{event_id} is parked in {names}: say which with --subscription.")
        (entry,) = entries
        if entry.row["subscription"].startswith(AUDIT):
            raise Refused(
                "The audit log takes every event: mend the cause, and retry. A discarded event"
                " would be missing in `forbear audit verify` for ever."
            )
        return await _carry_out(stores, found, entries, wanted, timeout)

    _say_outcomes("discarded", administer(data_dir, work))


async def _carry_out(
    stores: Stores, found: Parked, entries: Sequence[Entry], wanted: Order, timeout: float
) -> list[Outcome]:
    ordered = await parked.order(stores, entries, wanted)
    return await parked.outcomes(stores, found, ordered, timeout)


def _say_outcomes(done: Literal["handled", "discarded"], found: Sequence[Outcome]) -> None:
    if not found:
        say("There was nothing to do.")
    for each in found:
        say(_sentence(done, each))
    if not all(each.is_resolved for each in found):
        raise typer.Exit(EXIT_UNRESOLVED)


def _sentence(done: Literal["handled", "discarded"], outcome: Outcome) -> str:
    service, _, subscription, event_id = outcome.place
    named, behind = f"{event_id} in {subscription}", len(outcome.waited)
    left, stopped_at = outcome.left, outcome.stopped_at
    if left is not None and not outcome.is_done:
        return f"{named}: not taken up yet. The order stands. Is {service} running?"
    if left is not None:
        tries = f"{left.row['attempts']} tries in all"
        return f"{named}: stays parked with {left.row['error']}, {tries}; {behind} wait behind it."
    if stopped_at is None:
        also = f", and {behind} that waited behind it were handled" if behind else ""
        return f"{named}: {done}{also}."
    if stopped_at.is_next:
        return f"{named}: {done}; what waited behind it is still being handled."
    next_id, error = stopped_at.row["event_id"], stopped_at.row["error"]
    why = f"is parked with {error}" if stopped_at.is_kept else "can only be discarded too"
    return f"{named}: {done}. Of {behind} that waited behind it, {next_id} {why}."


def _read(
    data_dir: Path | None, service: str | None, tenant: str | None, subscription: str | None
) -> Parked:
    known = _known(service)

    async def work(stores: Stores) -> Parked:
        return await parked.read(stores, service=known, tenant=tenant, subscription=subscription)

    return administer(data_dir, work)


def _known(service: str | None) -> str | None:
    if service is not None and service not in SERVICES:
        raise Refused(f"There is no service {service!r}: say one of {', '.join(SERVICES)}.")
    return service


def _order(action: Literal["retry", "discard"], by: str, reason: str) -> Order:
    by, reason = by.strip(), reason.strip()
    if not by or not (by + reason).isprintable() or len(by) > 200 or len(reason) > 2_000:
        raise Refused("--by is your name; it and --reason are short and printable.")
    return Order(action=action, by=by, reason=reason)


def _chosen(found: Parked, event_id: str, subscription: str | None) -> list[Entry]:
    entries = [
        each for each in found.of(event_id) if subscription in (None, each.row["subscription"])
    ]
    if not entries:
        raise Refused(f"{event_id} is not parked: `forbear dlq list` shows what is.")
    return entries


def _first(found: Parked, entries: Sequence[Entry]) -> list[Entry]:
    """Return those with nothing before them; of one that waits, that must be settled first."""
    firsts = [each for each in entries if found.is_first(each)]
    if not firsts:
        (waits, *_) = entries
        before = found.before(waits)[0].row["event_id"]
        raise Refused(f"{waits.row['event_id']} waits behind {before}: settle that first.")
    return firsts


def _require_kept(entries: Sequence[Entry]) -> None:
    for each in entries:
        if not each.is_kept:
            raise Refused(
                f"{each.row['event_id']} was parked by an earlier version, which kept no copy:"
                " see to its effect by hand, then discard it."
            )


def _shown(entry: Entry, found: Parked) -> dict[str, Any]:
    row = entry.row
    return {
        "event_id": row["event_id"],
        "type": row["type"],
        "service": entry.service,
        "subscription": row["subscription"],
        "tenant_id": row["tenant_id"],
        "keys": list(entry.keys),
        "error": row["error"],
        "attempts": row["attempts"],
        "parked_at": _instant(row["parked_at"]),
        "failed_at": _instant(row["failed_at"]),
        "age_s": round((row["now"] - row["parked_at"]).total_seconds()),
        "behind": len(found.behind(entry)),
        "ordered": row["ordered"],
    }


def _detail(entry: Entry, found: Parked, copy: Any) -> dict[str, Any]:
    row = entry.row
    if copy is None:
        raise Refused(f"{row['event_id']} is parked no more: it was settled just now.")
    return {
        "source": row["source"],
        "stream": row["stream"],
        "version": row["version"],
        "occurred_at": _instant(row["occurred_at"]),
        "recorded_at": _instant(row["recorded_at"]),
        **_origin(copy["metadata"]),
        "read_at": f"partition {row['partition']}, {row['transaction_id']}/{row['position']}",
        "data_bytes": copy["data_bytes"],
        "data_sha256": copy["data_sha256"],
        "dead_letter_at": _instant(row["published_at"]),
        "last_order_by": row["ordered_by"],
        "last_order_at": _instant(row["ordered_at"]),
        "last_reason": row["order_reason"],
        "waits_behind": [each.row["event_id"] for each in found.before(entry)],
        "behind_it": [each.row["event_id"] for each in found.behind(entry)[:SHOWN_MAX]],
    }


def _origin(metadata: bytes | None) -> dict[str, str | None]:
    try:
        known = codec.decode(Metadata, metadata or b"")
    except codec.UnreadableEvent:
        return {}
    return {
        "actor": known.actor,
        "correlation_id": known.correlation_id,
        "causation_id": known.causation_id,
        "traceparent": known.traceparent,
    }


def _instant(at: datetime | None) -> str | None:
    return written(at) or None


def _line(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _age(row: Any) -> str:
    age: timedelta = row["now"] - row["parked_at"]
    minutes, seconds = divmod(round(age.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
