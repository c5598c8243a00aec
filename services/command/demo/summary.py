"""Says what happened: as tables for a person, as one JSON object for a program."""

import json
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from services.command.demo.placement_file import PlacementFile
from services.command.demo.placing import Placed
from services.command.demo.results import Results
from services.command.demo.tally import Tally
from shared.kernel.records import record

VIOLATIONS_SHOWN = 10
ROWS_SHOWN = 5


@record
class Run:
    """One run of the demo, over."""

    file: PlacementFile
    placed: Placed
    results: Results
    virtual_days: int
    seconds: float


def as_json(run: Run) -> str:
    """Return the run as one line of JSON."""
    results = run.results
    permits, vetoes = results.count("permit-granted"), results.count("permit-refused")
    return json.dumps(
        {
            "accounts": results.count("account-placed"),
            "virtual_days": run.virtual_days,
            "permit_requests": permits + vetoes,
            "permits": permits,
            "vetoes": vetoes,
            "vetoes_by_rule": results.vetoes_by_rule,
            "attempts": results.attempts,
            "conversations": results.conversations,
            "disputes": results.count("dispute-opened"),
            "plans": results.count("plan-agreed"),
            "payments": results.count("payment-recorded"),
            "reversals": results.count("payment-reversed"),
            "trial_balance": results.trial_balance,
            "audit_verified": results.is_audited,
            "oracle_violations": len(results.oracle_violations),
            "seconds": round(run.seconds, 1),
        }
    )


def show(run: Run, tally: Tally, *, on_error_stream: bool) -> None:
    """Print the run for a person."""
    console = Console(stderr=on_error_stream, highlight=False)
    _show_placement(console, run)
    console.print(_happened(run, tally))
    console.print(_vetoes(run.results, tally))
    console.print(_money(run.results))
    _show_proof(console, run)


def _show_placement(console: Console, run: Run) -> None:
    placed, file = run.placed, run.file
    accepted = run.results.count("account-placed")
    console.print(
        f"\n{accepted:,} accounts of {file.creditor_name} came in {placed.deliveries} signed"
        " deliveries; "
        + (
            "the one sent twice changed nothing the second time."
            if placed.was_replayed
            else "the one sent twice was NOT recognized."
        )
    )
    if file.nothing_owed:
        console.print(f"{file.nothing_owed:,} lines were left out: nothing is owed on them.")
    console.print(f"{len(placed.refused)} rows were refused, each with every failing field:")
    for each in placed.refused[-ROWS_SHOWN:]:
        errors = ", ".join(f"{pointer} {code}" for pointer, code in each.errors)
        console.print(f"  row {each.row}: {errors}", markup=False)


def _happened(run: Run, tally: Tally) -> Table:
    results = run.results
    permits, vetoes = results.count("permit-granted"), results.count("permit-refused")
    table = _table("What happened", "", "")
    rows = {
        "days played": run.virtual_days,
        "permits asked for": permits + vetoes,
        "  given": permits,
        "  vetoed": vetoes,
        "  revoked by a stop before use": results.count("permit-revoked"),
        "attempts made": results.attempts,
        "conversations": results.conversations,
        "disputes": results.count("dispute-opened"),
        "  answered": results.count("dispute-answered"),
        "  resolved": results.count("dispute-resolved"),
        "demands to stop": results.count("cease-requested"),
        "opt-outs": results.count("opt-out-recorded"),
        "attorneys named": results.count("attorney-retained"),
        "wrong numbers": results.count("wrong-number-reported"),
        "statements released": results.count("protective-fact-released"),
        "messages from consumers": results.count("inbound-message-received"),
        "plans agreed": results.count("plan-agreed"),
        "  instalments paid": results.count("instalment-paid"),
        "  instalments missed": results.count("instalment-missed"),
        "  plans completed": results.count("plan-completed"),
        "payments": results.count("payment-recorded"),
        "reversals": results.count("payment-reversed"),
        "accounts recalled": results.count("account-recalled"),
        "accounts closed": results.count("account-closed"),
        **{f"refused: {what}": count for what, count in sorted(tally.refused.items())},
    }
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    return table


def _vetoes(results: Results, tally: Tally) -> Table:
    table = _table("Vetoes by rule", "rule", "vetoes", "citation", "for example")
    for rule, count in results.vetoes_by_rule.items():
        example = tally.examples.get(rule)
        citation, words = "", ""
        if example is not None:
            citation = example.citation
            words = f"{example.channel} on {example.at:%d %b %H:%M} UTC: {example.explanation}"
            if example.earliest_permitted_at:
                again = datetime.fromisoformat(example.earliest_permitted_at).astimezone(UTC)
                words += f" Not before {again:%d %b %H:%M} UTC."
        table.add_row(rule, f"{count:,}", citation, words)
    return table


def _money(results: Results) -> Table:
    money = results.money
    table = _table("Money", "", "USD")
    for name, amount in (
        ("placed", money.placed),
        ("received", money.received),
        ("reversed", money.reversed),
        ("given back with recalled accounts", money.recalled),
    ):
        table.add_row(name, dollars(amount))
    table.add_section()
    for code, amount in results.lines:
        table.add_row(code, dollars(amount))
    table.add_row("trial balance", dollars(results.trial_balance))
    return table


def _show_proof(console: Console, run: Run) -> None:
    results = run.results
    balanced = results.trial_balance == 0
    console.print("The books balance." if balanced else "[bold red]The books are off.[/]")
    if results.is_audited:
        console.print(
            f"The audit trail verifies: {results.leaves:,} records under"
            f" {results.checkpoints:,} signed checkpoints."
        )
    else:
        reason = results.bad_record or f"{results.unaudited} events are not in it"
        console.print(f"[bold red]The audit trail does not verify:[/] {reason}")
    found = results.oracle_violations
    console.print(
        f"The oracle made {results.oracle_checks:,} checks and found {len(found)} violations."
    )
    for violation in found[:VIOLATIONS_SHOWN]:
        console.print(f"  {violation}", markup=False)
    console.print(f"It took {run.seconds:.0f} seconds. Tenant: {results.tenant}")


def dollars(amount: int) -> str:
    """Write cents as dollars."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02}"


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=box.SIMPLE, title_justify="left", show_header=any(headings))
    for place, heading in enumerate(headings):
        is_number = heading in ("vetoes", "USD") or (place == 1 and not any(headings))
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    return table
