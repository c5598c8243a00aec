"""`forbear rules`: run worked examples against the rules that production uses.

Compliance is imported when a file is checked, so that `forbear status` does not load it.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
import yaml
from rich.console import Console
from rich.table import Table

from services.command import rules_reading
from shared.telemetry import logging

if TYPE_CHECKING:
    from services.compliance.rules.check.report import Report

rules = typer.Typer(
    help="The law as rules: list and explain them, compare packs, check worked examples.",
    no_args_is_help=True,
)
rules.command("list")(rules_reading.list_rules)
rules.command()(rules_reading.explain)
rules.command()(rules_reading.diff)

USAGE_ERROR = 2


@rules.command()
def check(
    file: Annotated[Path, typer.Argument(help="Worked examples (YAML: meta, vectors).")],
    all_areas: Annotated[
        bool, typer.Option("--all", help="Also fail on areas that are not built yet.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Also fail on examples that say what nothing here reads."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object as the last line.")
    ] = False,
) -> None:
    """Run worked examples through the decider and, where they are decisions, over HTTP.

    Exits 0 when every example of the built areas passes, 1 when one fails, and 2 when there was
    none to run: nothing was checked then. What an example says that nothing here reads is listed:
    its verdict rests on the rest of it.
    """
    from services.command.rules_application import Api
    from services.command.rules_over_http import HttpDriver
    from services.compliance.rules.check.driver import DeciderDriver
    from services.compliance.rules.check.report import check_file
    from services.compliance.rules.loading import load_book
    from shared.location.zones import data_version

    document = _document(file)
    logging.configure(level="CRITICAL")  # examples tell of unlawful attempts, which are alarmed
    book, tz_version = load_book(), data_version()
    api = Api(book, tz_version)
    reports = {
        "decider": check_file(document, lambda: DeciderDriver(book, tz_version), book),
        "http": check_file(
            document,
            lambda: HttpDriver(api),
            book,
            kinds=frozenset({"decision"}),
            is_reading_checked=False,  # the same reading was checked in process
        ),
    }
    api.close()
    if not reports["decider"].is_run:
        _refuse_unchecked(file, document)
    console = Console(stderr=as_json)
    for way, report in reports.items():
        _show(console, way, report)
    if as_json:
        sys.stdout.write(json.dumps({way: _summary(each) for way, each in reports.items()}) + "\n")
    is_good = all(
        each.is_good(is_all_asked=all_areas, is_strict=strict) for each in reports.values()
    )
    raise typer.Exit(0 if is_good else 1)


def _document(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        is_usable = all({"id", "area", "kind"} <= each.keys() for each in document["vectors"] or ())
    except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        sys.stderr.write(f"{file.name}: not a file of worked examples ({type(error).__name__}).\n")
        raise typer.Exit(USAGE_ERROR) from None
    if not is_usable:
        sys.stderr.write(f"{file.name}: every example needs id, area and kind.\n")
        raise typer.Exit(USAGE_ERROR)
    if not document["vectors"]:
        sys.stderr.write(f"{file.name}: there is no example under vectors; nothing was checked.\n")
        raise typer.Exit(USAGE_ERROR)
    return document


def _refuse_unchecked(file: Path, document: dict[str, Any]) -> NoReturn:
    """End where no example was run at all: that nothing failed says nothing then."""
    areas, kinds = (
        ", ".join(sorted({str(each[name]) for each in document["vectors"]}))
        for name in ("area", "kind")
    )
    sys.stderr.write(
        f"{file.name}: no example was run; nothing was checked. Nothing judges its areas ({areas})"
        f" or its kinds ({kinds}); kinds are decision, classification and calculation.\n"
    )
    raise typer.Exit(USAGE_ERROR)


def _show(console: Console, way: str, report: "Report") -> None:
    table = Table(title=f"Worked examples, {way}")
    for column in ("area", "passed", "failed", "not built"):
        table.add_column(column, justify="left" if column == "area" else "right")
    for area, count in sorted(report.areas.items()):
        table.add_row(area, str(count.passed), str(count.failed), str(count.not_built))
    console.print(table)
    for failure in report.failures:
        console.print(f"[red]{failure.vector_id}[/red] {'; '.join(failure.reasons)}")
    for vector_id, parts in report.not_read.items():
        console.print(f"[yellow]{vector_id}[/yellow] holds; nothing reads {', '.join(parts)}")


def _summary(report: "Report") -> dict[str, object]:
    return {
        "areas": {
            area: {"passed": c.passed, "failed": c.failed, "not_built": c.not_built}
            for area, c in sorted(report.areas.items())
        },
        "failures": [each.vector_id for each in report.failures],
        "not_read": {vector_id: list(parts) for vector_id, parts in report.not_read.items()},
    }
