"""`forbear clocks show|set|advance`: a sandbox tenant's test clock."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import Progress

from services.command.administration import Stores, administer, instant, written
from services.command.clocks import ClockDriver, ClockRefused, NotQuiet
from services.command.options import AsJson, DataDir
from services.command.terminal import Refused, console, say

T = TypeVar("T")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(?:[0-9]{1,6}[wdhms])+")

app = typer.Typer(help="Test clocks of sandbox tenants.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option(help="A sandbox tenant that has a test clock.")]
To = Annotated[str | None, typer.Option(help="An instant such as 2026-03-02T14:00:00Z.")]
By = Annotated[str | None, typer.Option(help="A span such as 1d2h (w, d, h, m, s).")]


@app.command("show")
def show(tenant: Tenant, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show at which instant a tenant's time stands in each service."""
    clocks = _drive(data_dir, lambda driver: driver.show(tenant))
    if as_json:
        console.print_json(json.dumps({name: written(at) or None for name, at in clocks.items()}))
        return
    for name, at in clocks.items():
        say(f"{name:12}{written(at) or 'real time'}")
    if len(set(clocks.values())) > 1:
        say("They differ because a move was interrupted: set or advance brings them together.")


@app.command("set")
def set_to(tenant: Tenant, to: To = None, by: By = None, data_dir: DataDir = None) -> None:
    """Move a clock straight to an instant; what was due on the way is done there, late."""

    async def work(driver: ClockDriver) -> datetime:
        target = await _target(driver, tenant, to, by)
        await driver.set(tenant, target)
        return target

    say(f"It is {written(_drive(data_dir, work))} for {tenant}.")


@app.command("advance")
def advance(tenant: Tenant, to: To = None, by: By = None, data_dir: DataDir = None) -> None:
    """Move a clock on, stopping wherever something is due until it is done."""

    async def work(driver: ClockDriver) -> tuple[datetime, int]:
        target = await _target(driver, tenant, to, by)
        began = await _now(driver, tenant)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("advancing", total=(target - began).total_seconds())

            def reached(at: datetime) -> None:
                done = (at - began).total_seconds()
                progress.update(task, completed=done, description=written(at))

            return target, await driver.advance(tenant, target, reached=reached)

    target, stops = _drive(data_dir, work)
    say(f"It is {written(target)} for {tenant}; stopped {stops} times on the way.")


def span(text: str) -> timedelta:
    """Read a span such as 1d2h.

    Raises:
        Refused: it is none.
    """
    if not _SPAN.fullmatch(text):
        raise Refused(f"{text!r} is not a span such as 1d2h (w, d, h, m, s).")
    parts = re.findall(r"([0-9]+)([wdhms])", text)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


async def _target(driver: ClockDriver, tenant: str, to: str | None, by: str | None) -> datetime:
    if (to is None) == (by is None):
        raise Refused("Say either --to INSTANT or --by SPAN.")
    if to is not None:
        return instant(to)
    return await _now(driver, tenant) + span(by or "")


async def _now(driver: ClockDriver, tenant: str) -> datetime:
    frozen = [at for at in (await driver.show(tenant)).values() if at is not None]
    if not frozen:
        raise Refused(f"{tenant} has no test clock: it is given one when it is created.")
    return max(frozen)


def _drive(data_dir: Path | None, work: Callable[[ClockDriver], Awaitable[T]]) -> T:
    async def with_driver(stores: Stores) -> T:
        return await work(ClockDriver(stores))

    try:
        return administer(data_dir, with_driver)
    except (ClockRefused, NotQuiet) as error:
        raise Refused(str(error)) from None
