"""Personal data is nowhere in clear: a person is followed through all four services and looked for.

Looked through are every value of every table of every database, the vault's included, all logs,
spans and metrics, and every answer; found may be the number in the answer to a dispatch, and the
letter at the mail server.
"""

import base64
import io
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from shared.http.webhook_signature import SharedSecret, sign
from shared.telemetry import logging, metrics, tracing
from tests.databases import Server
from tests.hostile import personal
from tests.hostile.canaries import DIGITS_MIN, Search, forms
from tests.hostile.dump import everything_in
from tests.integration.contact.office import Office, Person, opened

pytestmark = pytest.mark.integration

SEARCH = Search(personal.NEEDLES)


@dataclass
class Trail:
    """All that one run leaves behind, outside the databases."""

    log: io.StringIO
    spans: Any
    reader: InMemoryMetricReader
    answers: list[tuple[str, bytes]] = field(default_factory=list)

    async def keep(self, response: httpx2.Response) -> None:
        """Remember an answer with its headers."""
        await response.aread()
        headers = json.dumps(dict(response.headers)).encode()
        name = f"{response.status_code} {response.request.method} {response.request.url.path}"
        self.answers.append((name, headers + response.content))

    def told(self) -> dict[str, list[bytes]]:
        """Return logs, spans and metrics."""
        collected = self.reader.get_metrics_data()
        return {
            "log": [line.encode() for line in self.log.getvalue().splitlines()],
            "spans": [each.to_json().encode() for each in self.spans.get_finished_spans()],
            "metrics": [collected.to_json().encode()] if collected else [],
        }


@contextmanager
def listening() -> Iterator[Trail]:
    """Keep logs, spans and metrics as they would leave the process."""
    reader, log = InMemoryMetricReader(), io.StringIO()
    logging.configure(log, level="DEBUG")
    metrics.bind(reader)
    try:
        with tracing.recording() as spans:
            yield Trail(log=log, spans=spans, reader=reader)
    finally:
        metrics.shutdown()
        logging.configure()


def found_in(held: Mapping[str, list[bytes]]) -> dict[str, set[str]]:
    """Return where something personal lies, and in which form."""
    found: dict[str, set[str]] = {}
    for name, values in held.items():
        for value in values:
            if hits := SEARCH.found_in(value):
                found.setdefault(name, set()).update(hits)
            if value == personal.SSN_LAST4.encode():
                found.setdefault(name, set()).add("the last four digits")
    return found


async def test_nothing_personal_is_anywhere_in_clear(postgres_server: Server) -> None:
    with listening() as trail:
        async with opened(postgres_server) as office:
            for client in office.clients.values():
                client.event_hooks = {"response": [trail.keep]}
            person = await _placed(office)
            dispatched = await _contacted(office, person, trail)
            await _spoken(office, person)
            await _paid(office, person)
            await _disputed(office, person)
            await _refused(office, person)
            await _read(office, person)
            await _settled(office, person)
            databases = office.system.databases
            held = {
                f"{name}: {place}": values
                for name, database in databases.items()
                for place, values in (await everything_in(database.admin)).items()
            }
            letters = [letter.as_bytes() for letter in office.letters.taken]
        told = trail.told()
    assert found_in(held) == {}
    assert found_in(told) == {}
    assert found_in({name: [content] for name, content in trail.answers}) == {}
    _contains_what_it_should(held, told, letters, dispatched)


def _contains_what_it_should(
    held: dict[str, list[bytes]],
    told: dict[str, list[bytes]],
    letters: list[bytes],
    dispatched: httpx2.Response,
) -> None:
    assert dispatched.json()["to"] == personal.PHONE
    assert personal.EMAIL.encode() in letters[0]
    assert personal.LETTER.encode() in letters[0]
    for service in ("ledger", "contact", "disputes", "compliance"):
        assert len(held[f"{service}: public.events.data"]) >= 3
    assert held["vault: public.subject_keys.wrapped"]
    assert len(told["log"]) > 50
    assert len(told["spans"]) > 50
    assert b"http.server.request.duration" in told["metrics"][0]


async def _placed(office: Office) -> Person:
    creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
    body = {
        "type": "placement.created",
        "timestamp": "2026-06-10T18:00:00Z",
        "data": {"rows": [personal.placement_row()]},
    }
    content = json.dumps(body).encode()
    secret = SharedSecret.parse(creditor["signing_secret"])
    signed = sign([secret], message_id="placed", sent_at=datetime.now(UTC), body=content)
    receipt = await office.clients["ledger"].post(
        creditor["inbound_path"],
        content=content,
        headers={"content-type": "application/json", **signed},
    )
    assert receipt.json()["accepted"] == 1, receipt.text
    account_id = receipt.json()["rows"][0]["account_id"]
    account = await office.get("ledger", f"/accounts/{account_id}")
    person = Person(office, account_id, account["consumer_ids"][0])
    await person.settle()
    return person


async def _contacted(office: Office, person: Person, trail: Trail) -> httpx2.Response:
    content = {"subject": personal.SUBJECT, "text": personal.LETTER}
    await person.permitted("email", content=content)

    async def sent() -> bool:
        return bool(office.letters.taken)

    await office.until(sent)
    office.letters.refusal = f"550 no such user {personal.EMAIL}"
    await person.permitted("email", content=content)
    call = await person.permitted()
    dispatched = await office.post("contact", f"/attempts/{call['id']}/dispatch")
    name, _ = trail.answers.pop()  # the one answer that may hold the number
    assert name.endswith("/dispatch")
    outcome = {
        "outcome": "third_party_no_disclosure",
        "note": personal.OUTCOME_NOTE,
        "statements": [{"kind": "inconvenient_place", "place": "work", "text": personal.STATEMENT}],
    }
    answer = await office.post("contact", f"/attempts/{call['id']}/outcome", outcome)
    assert answer.status_code == 201, answer.text
    return dispatched


async def _spoken(office: Office, person: Person) -> None:
    message = {
        "consumer_id": person.consumer_id,
        "channel": "email",
        "contact_point_id": person.points["email"],
        "text": personal.MESSAGE,
    }
    assert (await office.post("contact", "/inbound-messages", message)).status_code == 201
    told = await person.say(kind="attorney", attorney=personal.COUNSEL, text=personal.STATEMENT)
    assert told.status_code == 201, told.text
    release = {
        "consumer_id": person.consumer_id,
        "reason": "no_longer_represented",
        "note": personal.RELEASE_NOTE,
    }
    path = f"/protective-facts/{told.json()['id']}/release"
    assert (await office.post("contact", path, release)).status_code == 200
    written = await person.say(kind="opt_out", medium="email", text=personal.STATEMENT)
    assert written.status_code == 201, written.text


async def _paid(office: Office, person: Person) -> None:
    path = f"/accounts/{person.account_id}"
    payment = {
        "amount_minor": 700,
        "currency": "USD",
        "received_by": "agency",
        "instrument": "check",
        "external_ref": personal.PAYMENT_REFERENCE,
    }
    paid = await office.post("ledger", f"{path}/payments", payment)
    assert paid.status_code == 201, paid.text
    reversal = f"{path}/payments/{paid.json()['id']}/reversals"
    assert (await office.post("ledger", reversal, {"reason": "nsf"})).status_code == 201
    plan = {
        "instalments": [{"due_date": "2026-07-01", "amount_minor": 1000}],
        "total_minor": 1000,
        "agreed_with": person.consumer_id,
    }
    assert (await office.post("ledger", f"{path}/plans", plan)).status_code == 201


async def _disputed(office: Office, person: Person) -> None:
    dispute = {"account_id": person.account_id, "in_writing": True, "text": personal.DISPUTE}
    opened = await office.post("disputes", "/disputes", dispute)
    assert opened.status_code == 201, opened.text
    path = f"/disputes/{opened.json()['id']}"
    answered = await office.post("disputes", f"{path}/answer", {"answer": "verification"})
    assert answered.status_code == 201, answered.text
    resolution = {"resolution": "denied", "note": personal.RESOLUTION_NOTE}
    assert (await office.post("disputes", f"{path}/resolve", resolution)).status_code == 200


async def _refused(office: Office, person: Person) -> None:
    """Put what is personal where it does not belong."""
    row = personal.placement_row()
    spoiled = [
        {**row, "product_type": personal.DESCRIPTION},
        {**row, "delinquency_date": personal.BORN.replace("-", "/")},
        {**row, "total_balance": personal.PHONE},
        {**row, "parties": [{**row["parties"][0], "emails": [{"address": personal.STREET}]}]},
        {**row, personal.FIRST: personal.LAST},
    ]
    creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
    placement = {"creditor_id": creditor["id"], "rows": spoiled}
    assert (await office.post("ledger", "/placements", placement)).json()["rejected"] == 5
    cns, acct = f"/consumers/{person.consumer_id}", f"/accounts/{person.account_id}"
    wrong: list[tuple[str, str, Any]] = [
        ("ledger", "/creditors", {"name": {"first": personal.FIRST}}),
        ("ledger", f"{acct}/payments", {"amount_minor": personal.PHONE, personal.EMAIL: 1}),
        ("ledger", f"{acct}/plans", {"agreed_with": personal.CO_DEBTOR}),
        ("ledger", f"/accounts/{personal.ACCOUNT_NUMBER}/recall", {"reason": personal.STATEMENT}),
        ("contact", f"{cns}/statements", {"kind": personal.STATEMENT}),
        ("contact", "/inbound-messages", {"consumer_id": personal.EMAIL, "text": 1}),
        ("contact", "/attempts", {"channel": personal.PHONE, "purpose": personal.MESSAGE}),
        ("disputes", "/disputes", {"account_id": personal.ACCOUNT_NUMBER, "text": [personal.LAST]}),
        ("compliance", "/permits", {"consumer_id": personal.LAST, "seen": personal.ALIAS}),
    ]
    for service, path, body in wrong:
        assert (await office.post(service, path, body)).status_code in (404, 422)
    number = f"/v1/accounts/by-ref/{creditor['id']}/{personal.ACCOUNT_NUMBER}"
    assert (await office.clients["ledger"].get(number)).status_code == 404
    for service, client in office.clients.items():
        asked = await client.get(f"/v1/{personal.LAST}", params={"phone": personal.PHONE})
        assert asked.status_code == 404, service
    listed = await office.clients["contact"].get("/v1/attempts", params={"q": personal.EMAIL})
    assert listed.status_code == 400
    office.line.is_cut = True  # with compliance away, what fails must not say on what
    said = await person.say(kind="opt_out", medium="call", text=personal.STATEMENT)
    assert said.status_code == 202
    failed = await person.attempt("email", content={"subject": "x", "text": personal.LETTER})
    assert failed.status_code == 503
    office.line.is_cut = False


async def _read(office: Office, person: Person) -> None:
    cns, acct = f"/consumers/{person.consumer_id}", f"/accounts/{person.account_id}"
    reads = {
        "ledger": ("/accounts", acct, f"{acct}/holds", f"{acct}/plans", "/trial-balance"),
        "contact": ("/attempts", f"{cns}/contact-points", f"{cns}/consents", f"{cns}/statements"),
        "disputes": ("/disputes",),
        "compliance": (f"{cns}/decisions", f"{cns}/holds", f"{acct}/timeline"),
    }
    for service, paths in reads.items():
        for path in paths:
            await office.get(service, path)


async def _settled(office: Office, person: Person) -> None:
    async def told() -> bool:
        timeline = await office.get("compliance", f"/accounts/{person.account_id}/timeline")
        return any("isputes.dispute-resolved" in each["type"] for each in timeline["data"])

    await office.until(told)


class TestSearch:
    @pytest.mark.parametrize("needle", personal.NEEDLES)
    def test_finds_every_form_of_everything(self, needle: str) -> None:
        chance = random.Random(needle)
        for around in range(6):
            before, after = chance.randbytes(around), chance.randbytes(9)
            content = before + needle.encode() + after
            for held in (
                content,
                content.upper(),
                content.hex().encode(),
                base64.b64encode(content),
                base64.urlsafe_b64encode(content),
                before * 2 + needle.encode("utf-16-le") + after,
                before * 2 + needle.encode("utf-16-be") + after,
            ):
                assert SEARCH.found_in(b"{" + held + b"}"), (needle, held)
        digits = "".join(each for each in needle if each.isdigit())
        if len(digits) >= DIGITS_MIN:
            assert SEARCH.found_in(" - ".join(digits).encode())

    def test_does_not_find_what_is_not_there(self) -> None:
        chance = random.Random(5)
        for _ in range(200):
            content = chance.randbytes(5000)
            assert SEARCH.found_in(base64.b64encode(content) + content.hex().encode()) == set()

    async def test_finds_what_is_planted_in_a_table(self, postgres_server: Server) -> None:
        database = await postgres_server.database("contact")
        admin = await asyncpg.connect(database.admin)
        needle = "Zugzwang?>~"  # its base64 is not the same in both alphabets
        await admin.execute("CREATE TABLE planted (a text, b bytea, c jsonb, d text[])")
        search, planted = Search([needle]), dict(forms(needle))
        for form in planted.values():
            await admin.execute("INSERT INTO planted (b) VALUES ($1)", form)
        nested = json.dumps({"deep": [{"name": f"Ms. {needle}"}]})
        await admin.execute("INSERT INTO planted (c, d) VALUES ($1, $2)", nested, ["x", needle])
        await admin.execute("INSERT INTO planted (a) VALUES ($1)", personal.SSN_LAST4)
        await admin.close()
        held = await everything_in(database.admin)
        await postgres_server.drop(database)
        assert set(found_in(held)) == {f"public.planted.{column}" for column in "abcd"}
        values = held["public.planted.b"]
        assert len(values) == len(planted)
        assert all(search.found_in(value) for value in values)

    def test_finds_what_is_said_to_logs_spans_and_metrics(self) -> None:
        with listening() as trail:
            logging.get_logger("test").info("planted", reason=personal.EMAIL)
            with tracing.span("planted", attributes={"forbear.actor": personal.PHONE}):
                metrics.DECISIONS.add(1, {"forbear.channel": personal.FIRST})
            assert set(found_in(trail.told())) == {"log", "spans", "metrics"}
