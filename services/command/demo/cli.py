"""`forbear demo FILE`: places the accounts of a file and plays four weeks with them."""

from pathlib import Path
from typing import Annotated

import typer

from services.command.demo.columns import SAMPLE
from services.command.installation import locate
from services.command.options import DataDir

DAYS = 28


def demo(
    file: Annotated[
        Path, typer.Argument(help="A placement CSV; docs/demo.md lists the columns.")
    ] = SAMPLE,
    limit: Annotated[int | None, typer.Option(min=1, help="Take only so many accounts.")] = None,
    seed: Annotated[int, typer.Option(min=1, help="The same seed plays the same.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=365, help="How many days to play.")] = DAYS,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON object as the last line.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Play weeks of collections in a new sandbox: placements, calls, vetoes, disputes, payments."""
    # Loaded only now: no other sub-command needs any of it.
    from services.command.demo import summary
    from services.command.demo.demonstration import demonstrate

    run, tally = demonstrate(locate(data_dir), file, limit=limit, seed=seed, days=days)
    # The JSON has the output to itself; a person reads the summary on the error stream then.
    summary.show(run, tally, on_error_stream=as_json)
    if as_json:
        typer.echo(summary.as_json(run))
