"""A running agency with one object of every kind, and how hostile requests are sent to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2

from shared.http.service_token import ServiceTokenSigner
from shared.http.webhook_signature import SharedSecret, sign
from shared.kernel.clock import SystemClock
from shared.telemetry import logging
from tests.databases import SERVICES, Server
from tests.hostile.operations import Operation, house_rules
from tests.integration.contact.office import Office, Person, opened
from tests.system import TENANT

JSON = "application/json"
#: What a request that was refused may not have touched.
WRITTEN = ("events", "states", "claims", "idempotency", "jobs")
_DUE = (
    "SELECT count(*) FROM jobs LEFT JOIN clocks USING (tenant_id)"
    " WHERE status = 'waiting' AND due_at <= coalesce(frozen_at, now()) AND last_error IS NULL"
)


@dataclass
class Agency:
    """The services, the agency's objects by prefix, and who may call."""

    office: Office
    objects: dict[str, str]
    key: str
    secret: SharedSecret
    clients: dict[str, httpx2.AsyncClient] = field(default_factory=dict)
    admins: dict[str, Any] = field(default_factory=dict)

    def signer(self, service: str) -> ServiceTokenSigner:
        """Return what signs a service's tokens."""
        keys = self.office.system.keys
        return ServiceTokenSigner(service, keys.signing[service], clock=SystemClock().now)

    def token(self, service: str, audience: str, tenant: str = TENANT) -> str:
        """Return one service's token for another."""
        return self.signer(service).token(
            audience=audience, tenant=tenant, actor="key_test", scopes=()
        )

    def credential(self, operation: Operation) -> str:
        """Return what is right for an operation."""
        if operation.scope is None and operation.services:
            return self.token(operation.services[0], operation.service)
        return self.key

    def headers(self, operation: Operation, credential: str | None = None) -> dict[str, str]:
        """Return the headers of a right request, or of one with another credential."""
        if operation.is_public:
            return {"content-type": JSON}
        headers = {"authorization": f"Bearer {credential or self.credential(operation)}"}
        if operation.takes_key:
            headers["idempotency-key"] = self.office.key()
        if operation.seen is not None:
            headers["if-match"] = f'"{operation.seen}"'
        if operation.body is not None:
            headers["content-type"] = JSON
        return headers

    async def send(
        self,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        content: bytes = b"",
    ) -> httpx2.Response:
        """Send exactly this, byte for byte."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        request = httpx2.Request(
            method, f"http://127.0.0.1{path}", headers=raw, content=content or None
        )
        return await self.clients[service].send(request)

    async def written(self, tenant: str = "%") -> dict[str, int]:
        """Count what is stored anywhere as a consequence of requests."""
        counts: dict[str, int] = {}
        for name, admin in self.admins.items():
            tables = WRITTEN if name in SERVICES else ("tenant_keys", "subject_keys")
            each = "(SELECT count(*) FROM {0} WHERE tenant_id LIKE $1) AS {0}"
            query = ", ".join(each.format(table) for table in tables)
            row = await admin.fetchrow(f"SELECT {query}", tenant)
            counts.update({f"{name}.{table}": row[table] for table in tables})
        return counts

    async def is_readable(self) -> bool:
        """Say whether compliance shows what it decided, and a checkpoint of the audit."""
        client = self.office.clients["compliance"]
        paths = (
            f"/v1/permits/{self.objects['prm']}",
            f"/v1/clearances/{self.objects['clr']}",
            f"/v1/content-checks/{self.objects['check']}",
            f"/v1/call-reviews/{self.objects['review']}",
            "/v1/audit/checkpoint",
        )
        return all([(await client.get(path)).status_code == 200 for path in paths])

    async def settled(self) -> dict[str, int]:
        """Wait until nothing more follows from earlier requests, and count."""
        # Compliance takes in rule packs, and records their books, when it looks: have it look now.
        await self.office.system.services["compliance"].app.api.state.basis.books.look()
        counts = await self.written()
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.2)
            again = await self.written()
            is_calm = again == counts and not await self._is_busy()
            calm = calm + 1 if is_calm else 0
            counts = again
        return counts

    async def _is_busy(self) -> bool:
        """Tell whether an event is still to be read, or a job that is due still to be done."""
        due = [await self.admins[name].fetchval(_DUE) for name in SERVICES]
        return bool(sum(due)) or await self.office.system.behind() > 0

    def signed(self, body: bytes, delivery_id: str, **changed: Any) -> dict[str, str]:
        """Return a webhook's headers, rightly signed unless told otherwise."""
        secret = changed.get("secret", self.secret)
        sent_at = changed.get("sent_at", datetime.now(UTC))
        headers = sign([secret], message_id=delivery_id, sent_at=sent_at, body=body)
        return {"content-type": JSON, **headers}


@asynccontextmanager
async def seeded(server: Server) -> AsyncIterator[Agency]:
    """Run an agency that has one of everything."""
    logging.configure(level="WARNING")  # a line a request would drown what went wrong
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(opened(server))
        admins = {}
        for name, database in office.system.databases.items():
            connection = await asyncpg.connect(database.admin)
            stack.push_async_callback(connection.close)
            admins[name] = connection
        objects, secret = await _seed(office)
        key = office.clients["ledger"].headers["authorization"].removeprefix("Bearer ")
        agency = Agency(
            office=office,
            objects=objects,
            key=key,
            secret=secret,
            clients={name: office.system.client(name) for name in SERVICES},
            admins=admins,
        )
        await office.until(agency.is_readable)
        await agency.settled()
        yield agency


async def _seed(office: Office) -> tuple[dict[str, str], SharedSecret]:
    person = await office.place()
    account = await office.get("ledger", f"/accounts/{person.account_id}")
    creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
    attempt = await person.permitted()
    told = await person.say(kind="inconvenient_place", place="work")
    payment = {
        "amount_minor": 500,
        "currency": "USD",
        "received_by": "agency",
        "instrument": "ach",
    }
    plan = {
        "instalments": [{"due_date": "2026-07-01", "amount_minor": 1000}],
        "total_minor": 1000,
        "agreed_with": person.consumer_id,
    }
    consent = {
        "consumer_id": person.consumer_id,
        "medium": "email",
        "procedure": "direct_consent",
        "contact_point_id": person.points["email"],
    }
    dispute = {"account_id": person.account_id, "in_writing": False, "disputed_amount_minor": 100}
    accounts = f"/accounts/{person.account_id}"
    objects = {
        "crd": account["creditor_id"],
        "acct": person.account_id,
        "cns": person.consumer_id,
        "cp": person.points["phone"],
        "mail": person.points["email"],
        "plc": account["placement_id"],
        "number": "4417-0",
        "authority": "IL",
        "att": attempt["id"],
        "prm": attempt["permit_id"],
        "fact": told.json()["id"],
        "pay": await _made(office, "ledger", f"{accounts}/payments", payment),
        "plan": await _made(office, "ledger", f"{accounts}/plans", plan),
        "cst": await _made(office, "contact", "/consents", consent),
        "dsp": await _made(office, "disputes", "/disputes", dispute),
    }
    clearance = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "act": {"kind": "furnish"},
    }
    objects["clr"] = await _made(office, "compliance", "/clearances", clearance)
    script = {"channel": "call", "text": "This is a debt collector."}
    objects["check"] = await _made(office, "compliance", "/content-checks", script)
    review = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "factor": "required_by_law",
        "decision": "refused",
    }
    objects["review"] = await _made(office, "compliance", "/call-reviews", review)
    objects["rpk"] = await _drafted(office)
    objects["book"] = await _book(office, person)
    objects["rpl"] = await _replayed(office)
    objects["hooked"] = creditor["id"]
    return objects, SharedSecret.parse(creditor["signing_secret"])


async def _made(office: Office, service: str, path: str, body: dict[str, Any]) -> str:
    response = await office.post(service, path, body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def _drafted(office: Office) -> str:
    """Have somebody else write a rule pack down: its author may not approve it."""
    client = office.system.client("compliance", await office.system.key())
    body, headers = {"document": house_rules()}, {"Idempotency-Key": office.key()}
    answer = await client.post("/v1/rule-packs", json=body, headers=headers)
    await client.aclose()
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _replayed(office: Office) -> str:
    """Have the decisions of a day made again."""
    period = {"from": "2026-06-01T00:00:00Z", "to": "2026-06-02T00:00:00Z"}
    answer = await office.post("compliance", "/replays", period)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def _book(office: Office, person: Person) -> str:
    body = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "channel": "call",
        "contact_point_id": person.points["phone"],
        "purpose": "collection",
    }
    answer = await office.post("compliance", "/permits:preview", body)
    return str(answer.json()["rule_pack"])
