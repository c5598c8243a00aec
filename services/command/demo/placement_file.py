"""Reads a placement CSV: our own columns, or one of LendingClub's loan files."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from services.command.demo import columns, loans
from services.command.demo.draws import Draws
from services.command.demo.loans import Loans, UnreadableLoan
from services.command.demo.own_rows import placement_row
from shared.kernel.records import record

Kind = Literal["own", "lendingclub"]
CURRENT_CREDITOR = "Harbor Receivables"


class FileRefused(Exception):
    """The file cannot be played; the text says what is needed."""


@record
class PlacementFile:
    """The accounts of a file; `nothing_owed` counts lines left out because nothing is owed."""

    kind: Kind
    creditor_name: str
    rows: tuple[dict[str, Any], ...]
    nothing_owed: int = 0


def read(path: Path, draws: Draws, today: date, limit: int | None = None) -> PlacementFile:
    """Read at most `limit` accounts of a file, as of a day.

    Raises:
        FileRefused: it is not there, has not the columns, or has no account.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            kind = _kind(path, lines.fieldnames or ())
            found = _own(lines) if kind == "own" else _loans(lines, draws, today)
            return _collect(path, kind, found, limit)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileRefused(f"{path} cannot be read: {error}") from error
    except UnreadableLoan as error:
        raise FileRefused(f"{path}: {error}.") from error


def _kind(path: Path, header: Sequence[str]) -> Kind:
    names = set(header)
    if names.issuperset(loans.COLUMNS) and not names.isdisjoint(loans.KEY_COLUMNS):
        return "lendingclub"
    missing = [name for name in columns.REQUIRED if name not in names]
    unknown = sorted(names.difference(columns.NAMES))
    if not missing and not unknown:
        return "own"
    lines = [f"{path} has columns that are not understood."]
    if missing:
        lines.append(f"Missing: {', '.join(missing)}.")
    if unknown:
        lines.append(f"Unknown: {', '.join(unknown)}.")
    lines.append(f"A placement file has {', '.join(columns.REQUIRED)}")
    optional = [name for name in columns.NAMES if name not in columns.REQUIRED]
    lines.append(f"and may have {', '.join(optional)}.")
    lines.append(
        f"LendingClub's loan files are known by {', '.join(loans.COLUMNS)}, and row_key or id."
    )
    raise FileRefused("\n".join(lines))


def _own(lines: "csv.DictReader[str]") -> Iterator[dict[str, Any] | None]:
    for number, line in enumerate(lines, start=2):
        if None in line or None in line.values():
            raise csv.Error(f"line {number} has not as many fields as the header")
        yield placement_row(line)


def _loans(
    lines: "csv.DictReader[str]", draws: Draws, today: date
) -> Iterator[dict[str, Any] | None]:
    maker = Loans(draws, today, CURRENT_CREDITOR)
    return (maker.row(line) for line in lines)


def _collect(
    path: Path, kind: Kind, found: Iterator[dict[str, Any] | None], limit: int | None
) -> PlacementFile:
    skipped = 0

    def owing() -> Iterator[dict[str, Any]]:
        nonlocal skipped
        for row in found:
            if row is None:
                skipped += 1
            else:
                yield row

    rows = tuple(islice(owing(), limit))
    if not rows:
        raise FileRefused(f"There is no account in {path} on which anything is owed.")
    name = rows[0].get("current_creditor_name") or CURRENT_CREDITOR
    return PlacementFile(kind=kind, creditor_name=name, rows=rows, nothing_owed=skipped)
