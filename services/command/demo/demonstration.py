"""One demonstration: a new tenant, its accounts placed, its days played, everything recounted."""

import asyncio
import secrets
import time
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from services.command import keys_administration, tenants
from services.command.administration import Stores, opened, urls_of
from services.command.clocks import ClockDriver, ClockRefused, NotQuiet
from services.command.demo import almanac, hosting, placement_file, planning, results
from services.command.demo.agenda import Agenda
from services.command.demo.almanac import Instant
from services.command.demo.apis import Apis, CallFailed
from services.command.demo.draws import Draws
from services.command.demo.placement_file import FileRefused, PlacementFile
from services.command.demo.placing import Placing, people_of, register
from services.command.demo.playing import Play
from services.command.demo.progress import Bars, bars
from services.command.demo.summary import Run
from services.command.demo.tally import Tally
from services.command.installation import SERVICES, Installation
from services.command.scopes import SCOPES
from services.command.terminal import Refused

KEY_NAME = "demo"


def demonstrate(
    installation: Installation, file: Path, *, limit: int | None, seed: int, days: int
) -> tuple[Run, Tally]:
    """Play a file in the installation, which is run for as long if it does not run.

    Raises:
        Refused: the file is not understood, or the services do not do as they should; the
            reason was printed.
    """
    draws = Draws(seed)
    began = time.monotonic()
    try:
        accounts = placement_file.read(file, draws, almanac.start_of(seed).date(), limit)
        with hosting.running(installation), bars(Console(stderr=True)) as shown:
            demonstration = Demonstration(installation, accounts, draws, days, shown, file.stem)
            return asyncio.run(demonstration.run(began))
    except FileRefused as error:
        raise Refused(str(error)) from None
    except ExceptionGroup as error:
        raise Refused(f"The play broke off: {error.exceptions[0]}") from error
    except (CallFailed, ClockRefused, NotQuiet) as error:
        raise Refused(f"The play broke off: {error}") from error


class Demonstration:
    """One file, one seed, one new tenant."""

    def __init__(
        self,
        installation: Installation,
        accounts: PlacementFile,
        draws: Draws,
        days: int,
        shown: Bars,
        name: str,
    ) -> None:
        self._installation = installation
        self._accounts = accounts
        self._draws = draws
        self._days = days
        self._shown = shown
        self._name = name
        self._start = almanac.start_of(draws.seed)
        self._end = self._start + timedelta(days=days)

    async def run(self, began: float) -> tuple[Run, Tally]:
        """Make the tenant, place, play, recount.

        Raises:
            CallFailed, NotQuiet: a service does not do as it should.
            Refused: the databases do not let us in.
        """
        async with opened(urls_of("owner", self._installation)) as stores:
            tenant, api_key = await self._tenant(stores)
            urls = {service: self._installation.url_of(service) for service in SERVICES}
            async with Apis(urls, api_key) as apis:
                return await self._play(stores, tenant, apis, began)

    async def _tenant(self, stores: Stores) -> tuple[str, str]:
        # Nobody else's name: every run is a tenant of its own.
        name = f"Demo of {self._name}, seed {self._draws.seed}, {secrets.token_hex(4)}"
        tenant = await tenants.create(stores, name, livemode=False, frozen_at=self._start)
        key = await keys_administration.create(stores, tenant.tenant_id, KEY_NAME, SCOPES)
        return tenant.tenant_id, key.key.text

    async def _play(
        self, stores: Stores, tenant: str, apis: Apis, began: float
    ) -> tuple[Run, Tally]:
        clock = ClockDriver(stores)
        rows = self._accounts.rows
        creditor = await register(apis, self._accounts.creditor_name)
        with self._shown.part("Placing accounts", len(rows)) as bar:
            placing = Placing(apis, creditor, self._start, lambda: clock.settle(tenant))
            placed = await placing.place(rows, bar.at)
        self._shown.note("Reading the accounts")
        people = await people_of(apis, rows, placed.account_ids, self._draws)
        self._shown.rest()
        agenda = Agenda(almanac.instants(self._start, self._days))
        planning.plan(agenda, self._draws, people)
        tally = Tally()
        play = Play(apis, clock, tenant, self._draws, agenda, tally)
        with self._shown.part(f"Playing {self._days} days", len(agenda.instants)) as bar:

            def played(instant: Instant) -> None:
                asked, done = sum(tally.decisions.values()), tally.done
                bar.at(
                    instant.index + 1,
                    f"{instant.date:%a %d %b} {instant.shift}: {asked:,} asked,"
                    f" {tally.decisions['permit']:,} permitted, {done['payments']:,} payments",
                )

            await play.run(self._end, played)
        found = await results.gather(apis, self._installation, stores, tenant, self._shown.note)
        self._shown.rest()
        run = Run(
            file=self._accounts,
            placed=placed,
            results=found,
            virtual_days=self._days,
            seconds=time.monotonic() - began,
        )
        return run, tally
