"""A small agency in this process: all four services, a mail server, and a line that can be cut."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx2
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.contact import main as contact
from services.contact.settings import Settings as ContactSettings
from services.disputes import main as disputes
from services.disputes.settings import Settings as DisputesSettings
from shared.http.compliance_client import ComplianceClient
from shared.http.compliance_client import ComplianceClient as DisputesLine
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.system import TENANT, Keys, System
from tests.unit.ledger.samples import row

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
PATIENCE_S = 60.0


class Line(httpx2.AsyncBaseTransport):
    """The way to compliance. While it is cut nothing gets through; `lost` loses one answer."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.is_cut = False
        self.lost = 0
        self.calls: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_cut:
            raise httpx2.ConnectError("cut", request=request)
        self.calls.append(f"{request.method} {request.url.path}")
        response = await self._inner.handle_async_request(request)
        if self.lost:
            self.lost -= 1
            raise httpx2.ReadTimeout("lost", request=request)
        return response


class Letters:
    """A mail server that keeps what it takes; `refusal` is its answer to every recipient."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusal: str | None = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.taken.append(message_from_bytes(raw, policy=policy.default))
        return "250 OK"


class Office:
    """One agency, its clients, and what can be asked of it."""

    def __init__(self, system: System, line: Line, letters: Letters, key: str) -> None:
        self.system = system
        self.line = line
        self.letters = letters
        self.ids = RandomIds()
        self.clients = {name: system.client(name, key) for name in system.services}
        self._people = itertools.count()

    def key(self) -> str:
        """Return an idempotency key that was never used."""
        return self.ids.new("req")

    def reset(self) -> None:
        """Mend the line and empty the mailbox."""
        self.line.is_cut, self.line.lost = False, 0
        self.letters.taken.clear()
        self.letters.refusal = None

    async def post(
        self, service: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx2.Response:
        headers = {"Idempotency-Key": key or self.key()}
        client = self.clients[service]
        if body is None:
            return await client.post(f"/v1{path}", headers=headers)
        return await client.post(f"/v1{path}", json=body, headers=headers)

    async def get(self, service: str, path: str, **query: str) -> Any:
        response = await self.clients[service].get(f"/v1{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def place(
        self, *others: dict[str, Any], creditor_id: str | None = None, **changes: Any
    ) -> "Person":
        """Place one account, with other parties, and wait until contact knows of it."""
        number = next(self._people)
        if creditor_id is None:
            creditor = await self.post("ledger", "/creditors", {"name": "Harbor Bank"})
            creditor_id = creditor.json()["id"]
        consent = {"procedure": "consumer_used", "medium": "email", "given_on": "2026-06-01"}
        phone, address = f"+1217555{1000 + number}", f"ada{number}@example.com"
        party = {
            **row()["parties"][0],
            "phones": [{"number": phone, "label": "mobile"}],
            "emails": [{"address": address, "consents": [consent]}],
        }
        named = {"account_number": f"4417-{number}", "customer_reference": f"C-{number}"}
        placed = row(**{**named, "parties": [party, *others], **changes})
        body = {"creditor_id": creditor_id, "rows": [placed]}
        receipt = (await self.post("ledger", "/placements", body)).json()
        account_id = receipt["rows"][0]["account_id"]
        account = await self.get("ledger", f"/accounts/{account_id}")
        person = Person(self, account_id, account["consumer_ids"][0])
        person.phone, person.address = phone, address
        await person.settle()
        return person

    async def place_together(self, **changes: Any) -> tuple["Person", "Person"]:
        """Place one account that two people owe."""
        number = next(self._people)
        other = {
            **row()["parties"][0],
            "role": "co_debtor",
            "first_name": "Grace",
            "phones": [{"number": f"+1217555{1000 + number}", "label": "mobile"}],
            "emails": [{"address": f"grace{number}@example.com"}],
        }
        first = await self.place(other, **changes)
        account = await self.get("ledger", f"/accounts/{first.account_id}")
        second = Person(self, first.account_id, account["consumer_ids"][1])
        await second.settle()
        return first, second

    async def permit_status(self, permit_id: str) -> str | None:
        """Return what became of a permit; None while compliance does not show it yet."""
        shown = await self.clients["compliance"].get(f"/v1/permits/{permit_id}")
        return str(shown.json()["status"]) if shown.is_success else None

    async def until(self, condition: Callable[[], Awaitable[Any]]) -> Any:
        """Wait for something to come to pass, and return it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not (found := await condition()):
            assert loop.time() < end, "it did not come to pass in time"
            await asyncio.sleep(0.02)
        return found


class Person:
    """A consumer with one account, one number and one address."""

    def __init__(self, office: Office, account_id: str, consumer_id: str) -> None:
        self.office = office
        self.account_id = account_id
        self.consumer_id = consumer_id
        self.points: dict[str, str] = {}
        self.phone = self.address = ""

    async def settle(self) -> None:
        """Wait until contact knows the points."""

        async def known() -> bool:
            found = await self.office.get(
                "contact", f"/consumers/{self.consumer_id}/contact-points"
            )
            self.points = {each["kind"]: each["id"] for each in found["data"]}
            return len(self.points) == 3

        await self.office.until(known)

    async def attempt(
        self, channel: str = "call", *, key: str | None = None, **changes: Any
    ) -> httpx2.Response:
        """Ask for an attempt as it is, permitted or not."""
        body: dict[str, Any] = {
            "account_id": self.account_id,
            "channel": channel,
            "contact_point_id": self.points["phone" if channel == "call" else "email"],
            "purpose": "collection",
        }
        if channel == "email":
            body["content"] = {"subject": "Your account", "text": "Please call us."}
        return await self.office.post("contact", "/attempts", body | changes, key=key)

    async def permitted(self, channel: str = "call", **changes: Any) -> Any:
        """Ask until compliance has heard of the placement and permits."""

        async def asked() -> Any:
            response = await self.attempt(channel, **changes)
            assert response.status_code == 201, response.text
            answer = response.json()
            return answer if answer["decision"] == "permit" else None

        return await self.office.until(asked)

    async def say(self, *, key: str | None = None, **statement: Any) -> httpx2.Response:
        """State something."""
        path = f"/consumers/{self.consumer_id}/statements"
        return await self.office.post("contact", path, statement, key=key)


@asynccontextmanager
async def opened(server: Server, **settings: Any) -> AsyncIterator[Office]:
    """Run an agency on fresh databases, its clock frozen at noon."""
    letters = Letters()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: SMTP(letters, hostname="mail.localhost"), "127.0.0.1", 0
    )
    port = listener.sockets[0].getsockname()[1]
    async with server.databases() as databases:
        system = System(databases, Keys())
        try:
            await system.start(["ledger", "compliance"], **settings)
            line = Line(system.services["compliance"].app)
            await _start(system, line, {"smtp_port": port, **settings})
            key = await system.key()
            await system.set_clock(TENANT, NOON)
            yield Office(system, line, letters, key)
        finally:
            await system.stop()
            listener.close()


async def _start(system: System, line: Line, settings: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        name.lower().removeprefix("forbear_"): value for name, value in system.environment().items()
    }
    values |= {"public_keys": json.loads(values["public_keys"]), **settings}
    to_compliance = ComplianceClient("http://127.0.0.1", line)
    system.services["contact"] = contact.build_service(
        ContactSettings(**values), system.bells, to_compliance
    )
    system.services["disputes"] = disputes.build_service(
        DisputesSettings(**values), system.bells, DisputesLine("http://127.0.0.1", line)
    )
    for name in ("contact", "disputes"):
        await system.services[name].start()
