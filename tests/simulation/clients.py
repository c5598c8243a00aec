"""Those who call the services from outside: they repeat what was not answered, under its key."""

import asyncio
from typing import Any

import msgspec

from shared.http.auth import Caller
from tests.simulation.network import Reply, Request, Unanswered
from tests.simulation.simulation import TENANT, Simulation

TRIES_MAX = 5


class Client:
    """One caller with an API key."""

    def __init__(self, simulation: Simulation, actor: str) -> None:
        self.simulation = simulation
        self._caller = Caller(tenant=TENANT, actor=actor, scopes=("*",))

    async def ask(
        self,
        path: str,
        body: dict[str, Any],
        *,
        service: str | None = None,
        method: str = "POST",
        key: str | None = None,
        tries_max: int = TRIES_MAX,
        is_stored: bool = True,
    ) -> Reply | None:
        """Ask until there is an answer; None when there never is one."""
        simulation = self.simulation
        key = key or simulation.ids.new("req")
        request = Request(
            service=service or _service_of(path),
            method=method,
            path=path,
            body=msgspec.json.encode(body, order="sorted"),
            key=key,
            caller=self._caller,
        )
        for attempt in range(tries_max):
            if attempt:
                await asyncio.sleep(simulation.chance.between(0.2, 4.0) * attempt)
            try:
                reply = await simulation.network.send(request)
            except Unanswered:
                continue
            if reply.status == 503:
                continue
            if is_stored:
                simulation.history.answered(path, key, reply.status, reply.body)
            return reply
        return None


_SERVICES = {
    **dict.fromkeys(
        ("attempts", "consumers", "protective-facts", "inbound-calls", "inbound-messages"),
        "contact",
    ),
    "consents": "contact",
    "disputes": "disputes",
    **dict.fromkeys(
        ("permits", "clearances", "content-checks", "call-reviews", "licences", "rule-packs"),
        "compliance",
    ),
}


def _service_of(path: str) -> str:
    return _SERVICES.get(path.split("/")[2], "ledger")
