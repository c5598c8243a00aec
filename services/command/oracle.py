"""`forbear oracle`: has the independent oracle recount a live installation from its event logs."""

import asyncio
import sys
from typing import Annotated

import typer

from services.command.administration import urls_of
from services.command.installation import locate
from services.command.options import AsJson, DataDir
from tests.oracle import examine


def oracle(
    tenant: Annotated[str | None, typer.Option(help="Examine one tenant only.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Recount every window, balance and hold from the event logs. Exits 1 if anything is wrong."""
    report = asyncio.run(examine(urls_of("feed", locate(data_dir)), tenant))
    sys.stdout.write((report.json() if as_json else report.text()) + "\n")
    raise typer.Exit(1 if report.violations else 0)
