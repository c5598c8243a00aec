"""`forbear migrate`: the job that runs before the services of many machines start."""

from typing import Annotated, Literal

import typer

from services.command.installation import SERVICES

Name = Literal["all", "ledger", "contact", "disputes", "compliance", "vault"]


def migrate(
    database: Annotated[Name, typer.Argument(help="Whose database.")] = "all",
    wait_s: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for the server.")
    ] = 60.0,
) -> None:
    """Bring databases up to date, with settings from the environment. Safe to repeat."""
    from services.command.migrating import bring_up_to_date

    names = (*SERVICES, "vault") if database == "all" else (database,)
    bring_up_to_date(names, wait_s)
