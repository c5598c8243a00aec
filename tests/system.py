"""The services in this process, on real databases, called over ASGI: for integration tests."""

import base64
import importlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.compliance.main import UPSTREAM
from shared.http import api_key
from shared.kernel.clock import RandomIds
from shared.service.foundation import Bells
from shared.service.service import Service
from tests.databases import SERVICES, Database, Server
from tests.schemas.checking import faults_in_logs
from tests.waiting import until

TENANT = "agy_01h455vb4pex5vsknk084sn02q"
ALL_SCOPES = ("*",)


class Keys:
    """One installation's keys, drawn for one test."""

    def __init__(self) -> None:
        self.signing = {name: Ed25519PrivateKey.generate() for name in (*SERVICES, "audit")}

    def environment(self) -> dict[str, str]:
        """Return the settings that hold keys."""
        public = {
            name: base64.b64encode(key.public_key().public_bytes_raw()).decode()
            for name, key in self.signing.items()
        }
        values = {
            f"FORBEAR_{name.upper()}_SIGNING_KEY": base64.b64encode(
                key.private_bytes_raw()
            ).decode()
            for name, key in self.signing.items()
        }
        filler = base64.b64encode(bytes(range(32))).decode()
        return values | {
            "FORBEAR_PUBLIC_KEYS": json.dumps(public),
            "FORBEAR_MASTER_KEY": filler,
            "FORBEAR_CURSOR_KEY": filler,
        }


class System:
    """Running services and the databases under them."""

    def __init__(self, databases: dict[str, Database], keys: Keys) -> None:
        self.databases = databases
        self.keys = keys
        self.bells = Bells()
        self.services: dict[str, Service] = {}
        self.has_planted_faults = False
        self._ids = RandomIds()

    def environment(self) -> dict[str, str]:
        """Return every setting of every service."""
        values = self.keys.environment()
        for name, database in self.databases.items():
            for role in ("app", "feed", "jobs"):
                values[f"FORBEAR_{name.upper()}_{role.upper()}_DATABASE_URL"] = getattr(
                    database, role
                )
        for offset, name in enumerate(SERVICES, start=1):
            values[f"FORBEAR_{name.upper()}_URL"] = f"http://{name}"
            values[f"FORBEAR_{name.upper()}_PORT"] = str(8100 + offset)
        values["FORBEAR_CANARIES"] = "false"  # tests count events and rows; those of canaries ask
        return values | {"FORBEAR_SMTP_HOST": "127.0.0.1", "FORBEAR_SMTP_PORT": "8126"}

    async def start(self, names: Sequence[str], **settings: Any) -> None:
        """Build and start services from settings alone."""
        values = {
            name.lower().removeprefix("forbear_"): value
            for name, value in self.environment().items()
        } | settings
        values["public_keys"] = json.loads(values["public_keys"])
        for name in names:
            main = importlib.import_module(f"services.{name}.main")
            service: Service = main.build_service(main.Settings(**values), self.bells)
            await service.start()
            self.services[name] = service

    async def stop(self) -> None:
        """Stop every service. What they stored, unless faults were planted, fits the schemas."""
        for service in self.services.values():
            await service.stop()
        if not self.has_planted_faults:
            faults = await faults_in_logs(self.databases)
            assert faults == [], faults

    async def behind(self) -> int:
        """Count what subscriptions have still to read."""
        services = self.services.values()
        return sum([await each.behind() for service in services for each in service.subscriptions])

    async def heard(self) -> None:
        """Wait until compliance, in whatever process, has heard from every feed it decides by."""
        connection = await asyncpg.connect(self.databases["compliance"].owner)

        async def are_known() -> bool:
            rows = await connection.fetch("SELECT DISTINCT subscription FROM watermarks")
            return {row["subscription"] for row in rows} >= set(UPSTREAM)

        try:
            await until(are_known)
        finally:
            await connection.close()

    async def key(self, tenant: str = TENANT, scopes: Sequence[str] = ()) -> str:
        """Make an API key that every service knows."""
        key = api_key.mint("test")
        granted = list(scopes) or sorted(self.scopes())
        for database in self.databases.values():
            if database.service == "vault":
                continue
            connection = await asyncpg.connect(database.owner)
            await connection.execute(
                "INSERT INTO tenants (tenant_id, name, livemode) VALUES ($1, 'Test', false)"
                " ON CONFLICT DO NOTHING",
                tenant,
            )
            await connection.execute(
                "INSERT INTO api_keys (digest, tenant_id, key_id, actor, scopes, livemode)"
                " VALUES ($1, $2, $3, $3, $4, false)",
                key.digest,
                tenant,
                self._ids.new("key"),
                granted,
            )
            await connection.close()
        return key.text

    def scopes(self) -> set[str]:
        """Return every scope that a route of the running services asks for."""
        routes: list[Any] = []
        for service in self.services.values():
            routes.extend(service.app.api.routes)
        policies = [route.policy for route in routes if hasattr(route, "policy")]
        return {policy.scope for policy in policies if policy.scope}

    async def set_clock(self, tenant: str, instant: datetime) -> None:
        """Freeze a tenant's clock in every service."""
        for database in self.databases.values():
            if database.service == "vault":
                continue
            connection = await asyncpg.connect(database.owner)
            await connection.execute(
                "INSERT INTO clocks VALUES ($1, $2)"
                " ON CONFLICT (tenant_id) DO UPDATE SET frozen_at = $2",
                tenant,
                instant,
            )
            await connection.close()

    def client(self, service: str, key: str | None = None) -> httpx2.AsyncClient:
        """Return a client of one service's API."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx2.ASGITransport(app=self.services[service].app)
        return httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers, timeout=30
        )


@asynccontextmanager
async def running(server: Server, *names: str, **settings: Any) -> AsyncIterator[System]:
    """Run services on fresh databases."""
    async with server.databases() as databases:
        system = System(databases, Keys())
        try:
            await system.start(names, **settings)
            yield system
        finally:
            await system.stop()
