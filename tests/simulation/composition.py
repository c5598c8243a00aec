"""What a world is put together from; a planted bug is another part in the same place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.compliance.main import UPSTREAM
from services.compliance.permits.asking import Basis
from services.compliance.rules.book import Book
from services.compliance.rules.loading import load_book
from services.contact.attempts.calling import CallDispatch
from services.contact.attempts.dispatch import EmailDispatch, Gate
from shared.eventstore.transact import Transactor
from shared.http.compliance_client import ComplianceClient
from shared.kernel.decider import Decider
from shared.kernel.ids import Ids
from shared.location.zones import data_version
from shared.messaging.jobs import Handle
from shared.messaging.subscription import Handler
from tests.simulation.databases import Connection
from tests.simulation.feeds import Effects
from tests.simulation.processes import Process
from tests.simulation.rule_books import SimulatedLibrary

BOOK = load_book()
STALENESS = timedelta(seconds=5)

AnyDecider = Decider[Any, Any, Any]
Jobs = Mapping[str, Handle]


def _transactor(connection: Connection, ids: Ids, process: Process) -> Transactor:
    return Transactor(connection, ids)


def _same_handlers(handlers: Sequence[Handler]) -> Sequence[Handler]:
    return handlers


def _same_jobs(handlers: Jobs) -> Jobs:
    return handlers


def _same_gate(gate: Gate) -> Gate:
    return gate


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The parts, as they are in the real services unless said otherwise."""

    book: Book = BOOK
    books: type[SimulatedLibrary] = SimulatedLibrary
    staleness: timedelta = STALENESS
    connection: type[Connection] = Connection
    transactor: Callable[[Connection, Ids, Process], Transactor] = _transactor
    handlers: Callable[[Sequence[Handler]], Sequence[Handler]] = _same_handlers
    jobs: Callable[[Jobs], Jobs] = _same_jobs
    effects: type[Effects] = Effects
    compliance_client: type[ComplianceClient] = ComplianceClient
    gate: Callable[[Gate], Gate] = _same_gate
    email_dispatch: type[EmailDispatch] = EmailDispatch
    call_dispatch: type[CallDispatch] = CallDispatch

    def basis(self, library: SimulatedLibrary) -> Basis:
        """Return what every decision of a process is made with."""
        return Basis(
            books=library,
            tz_version=data_version(),
            upstream=UPSTREAM,
            staleness=self.staleness,
        )


REAL = Composition()
