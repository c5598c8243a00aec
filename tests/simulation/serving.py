"""What every simulated process of a service has: its foundation, its routes, its readers.

The routes are the services' own functions; they are only called without a web server around.
"""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from pydantic import ValidationError
from sqlalchemy.sql import Executable
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from shared.eventstore.store import Idempotency, StoreUnavailable, TwinInProgress
from shared.http.call import Call
from shared.http.compliance_client import ComplianceRefused, ComplianceUnreachable
from shared.http.problem import Problem
from shared.kernel.errors import ConcurrencyConflict, DomainError
from shared.messaging.memory import MemoryEffects
from shared.messaging.subscription import Handler, Subscription
from shared.service.foundation import Foundation
from shared.vault.sealer import Sealer
from tests.simulation.composition import Composition
from tests.simulation.databases import Database
from tests.simulation.feeds import SimulatedFeed
from tests.simulation.network import Network, Reply, Request
from tests.simulation.processes import Process, SkewedIds

STATUS_OF = {"not_found": 404, "conflict": 409, "invalid": 422, "forbidden": 403}
UNAVAILABLE = (ConcurrencyConflict, StoreUnavailable, TwinInProgress, ComplianceUnreachable)

Route = Callable[..., Awaitable[Response]]


class Signer:
    """Writes the caller's name where a token would stand."""

    def token(self, *, audience: str, tenant: str, actor: str, scopes: Sequence[str]) -> str:
        """Return who is speaking, unsigned."""
        return f"{tenant}/{actor}"


class SimulatedCall(Call):
    """A request as routes see it; read models, which decide nothing, show what they are told."""

    found: list[Any] = []

    async def rows(self, query: Executable) -> list[Any]:
        """Return what was put here for this request."""
        return self.found


class ServerProcess:
    """One process of a service: its memory begins and ends with it."""

    def __init__(
        self,
        process: Process,
        databases: dict[str, Database],
        network: Network,
        sealer: Sealer,
        composition: Composition,
    ) -> None:
        self.process = process
        self.databases = databases
        self.network = network
        self.composition = composition
        self.ids = SkewedIds(process.chance, process.clock)
        self.connection = composition.connection(databases[process.service], process)
        self.transactor = composition.transactor(self.connection, self.ids, process)
        self.feeds: list[SimulatedFeed] = []
        self.state = SimpleNamespace()
        self.foundation = cast(
            Foundation,
            SimpleNamespace(
                name=process.service,
                store=self.connection,
                transactor=self.transactor,
                ids=self.ids,
                sealer=sealer,
                signer=Signer(),
            ),
        )
        self.effects = composition.effects(
            self.connection,
            MemoryEffects(
                cast(Database, self.connection),
                self.ids,
                rows=self.connection.database.rows,
                wake=self.connection.database.ring,
            ),
        )
        network.listen(process, self.serve)

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served, by method and path, `*` standing for an id."""
        raise NotImplementedError

    def subscribe(self, name: str, source: str, handlers: Sequence[Handler]) -> None:
        """Read another service's events in this process."""
        number = int(self.process.name.rpartition("-")[2])
        if number > self.process.chance.readers:
            return
        feed = SimulatedFeed(name, self.databases[source], self.process, self.connection)
        self.feeds.append(feed)
        subscription = Subscription(name, feed, self.effects, self.composition.handlers(handlers))
        self.process.spawn(subscription.run(), name)

    def call(self, request: Request) -> SimulatedCall:
        """Return the request as routes take it."""
        idempotency = None
        if request.key is not None:
            template, _ = _split(request.path)
            idempotency = Idempotency(
                scope=f"{request.method} {template}",
                key=request.key,
                fingerprint=sha256(request.path.encode() + request.body).hexdigest(),
            )
        web = SimpleNamespace(headers={}, scope={}, app=SimpleNamespace(state=self.state))
        return SimulatedCall(cast(WebRequest, web), request.caller, self.foundation, idempotency)

    async def serve(self, request: Request) -> Reply:
        """Answer one request."""
        template, ids = _split(request.path)
        route = self.routes()[request.method, template]
        body = msgspec.json.decode(request.body) if request.body else {}
        try:
            response = await route(self.call(request), body, *ids)
        except DomainError as error:
            return _problem(STATUS_OF[error.kind], error.code)
        except Problem as error:
            return _problem(error.status_code, error.code)
        except ComplianceRefused as error:
            return _problem(error.status, error.code)
        except UNAVAILABLE as error:
            return _problem(503, type(error).__name__)
        except ValidationError as error:
            raise AssertionError(f"{request.path}: {error}") from error
        return Reply(
            status=response.status_code,
            body=bytes(response.body),
            is_replayed=response.headers.get("idempotent-replayed") == "true",
        )


def _split(path: str) -> tuple[str, list[str]]:
    parts = path.split("/")
    ids = [part for part in parts if _is_id(part)]
    return "/".join("*" if _is_id(part) else part for part in parts), ids


def _is_id(part: str) -> bool:
    """Tell ids and the codes of authorities from the words of a route."""
    return "_" in part or part.isupper()


def _problem(status: int, code: str) -> Reply:
    return Reply(status=status, body=msgspec.json.encode({"code": code}))
