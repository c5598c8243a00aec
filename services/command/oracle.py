"""`forbear oracle`: has the independent oracle recount a live installation from its event logs.

The oracle shares no code with what it examines and is kept with the tests: it is there wherever
Forbear runs from its repository.
"""

import asyncio
import sys
from typing import Annotated

import typer

from services.command.administration import urls_of
from services.command.installation import locate
from services.command.options import AsJson, DataDir
from services.command.terminal import Refused


def oracle(
    tenant: Annotated[str | None, typer.Option(help="Examine one tenant only.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Recount every window, balance and hold from the event logs. Exits 1 if anything is wrong."""
    try:
        from tests.oracle import examine
    except ModuleNotFoundError as error:
        raise Refused("The oracle is part of the repository: run it from a clone.") from error
    report = asyncio.run(examine(urls_of("feed", locate(data_dir)), tenant))
    sys.stdout.write((report.json() if as_json else report.text()) + "\n")
    raise typer.Exit(1 if report.violations else 0)
