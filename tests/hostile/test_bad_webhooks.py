"""Placement webhooks that are unsigned, altered, replayed, stale, malformed, or only partly right.

Nothing of them changes anything, but the rows of a valid delivery that are right.
"""

import asyncio
import base64
import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.ledger.placements.rows.schema import PlacementRow
from shared.http.webhook_signature import SharedSecret
from tests.hostile import mutations
from tests.hostile.agency import JSON, Agency
from tests.hostile.canaries import NUMBER, TEXT
from tests.hostile.refusals import echo_in, refused
from tests.unit.ledger.samples import party, row

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="package")]

FLIPS = 150
ROWS_MAX = 500
_numbers = itertools.count()


def placed(**changes: Any) -> dict[str, Any]:
    number = f"HOOK-{next(_numbers)}"
    return row(**{"account_number": number, "customer_reference": number, **changes})


def enveloped(*rows: Any, **changes: Any) -> bytes:
    timestamp = "2026-06-10T18:00:00Z"
    body = {"type": "placement.created", "timestamp": timestamp, "data": {"rows": list(rows)}}
    return json.dumps(body | changes).encode()


class Sender:
    """A creditor that sends webhooks, rightly or not."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.path = f"/v1/inbound/{agency.objects['hooked']}/placements"

    def signed(self, body: bytes, **changed: Any) -> dict[str, str]:
        return self.agency.signed(body, self.agency.office.key(), **changed)

    async def send(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        return await self.agency.send("ledger", "POST", self.path, headers, body)

    async def sent(self, body: bytes, **changed: Any) -> httpx2.Response:
        return await self.send(body, self.signed(body, **changed))


@pytest.fixture
def sender(agency: Agency) -> Sender:
    return Sender(agency)


@pytest.fixture
def body() -> bytes:
    return enveloped(placed())


class TestSignature:
    async def test_is_required(self, sender: Sender, body: bytes) -> None:
        before = await sender.agency.written()
        right = sender.signed(body)
        for absent in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            headers = {name: value for name, value in right.items() if name != absent}
            refused(await sender.send(body, headers), 401, "signature-missing")
        refused(await sender.send(body, {"content-type": JSON}), 401, "signature-missing")
        assert await sender.agency.written() == before

    @pytest.mark.parametrize(
        "altered",
        [
            lambda body: body.replace(b", ", b","),
            lambda body: json.dumps(json.loads(body), sort_keys=True).encode(),
            lambda body: body + b" ",
            lambda body: b"",
            lambda body: body.replace(b"10000", b"90000"),
        ],
        ids=["spaces", "order", "a space more", "nothing", "another amount"],
    )
    async def test_covers_the_bytes_as_they_were(
        self, sender: Sender, body: bytes, altered: Any
    ) -> None:
        before = await sender.agency.written()
        refused(await sender.send(altered(body), sender.signed(body)), 401, "signature-invalid")
        assert await sender.agency.written() == before

    async def test_does_not_survive_a_flipped_bit(self, sender: Sender, body: bytes) -> None:
        before = await sender.agency.written()
        chance = random.Random(11)
        for _ in range(FLIPS):
            parts = {"body": body, **{n: v.encode() for n, v in sender.signed(body).items()}}
            del parts["content-type"]
            name = chance.choice(sorted(parts))
            flipped = bytearray(parts[name])
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(7)
            parts[name] = bytes(flipped)
            sent = parts.pop("body")
            headers = {n: v.decode("latin-1") for n, v in parts.items()}
            response = await sender.send(sent, {"content-type": JSON, **headers})
            assert response.status_code in (400, 401), (name, response.text)
            refused(response, response.status_code)
        assert await sender.agency.written() == before

    @pytest.mark.parametrize(
        "written",
        [
            lambda raw: "v1," + raw.hex(),
            lambda raw: "v1," + base64.b64encode(raw).decode().rstrip("="),
            lambda raw: "v1," + base64.b64encode(raw).decode().replace("=", "=="),
            lambda raw: "v1," + base64.b64encode(raw[:-1]).decode(),
            lambda raw: "v1a," + base64.b64encode(raw).decode(),
            lambda raw: "v2," + base64.b64encode(raw).decode(),
            lambda raw: "V1," + base64.b64encode(raw).decode(),
            lambda raw: base64.b64encode(raw).decode(),
            lambda raw: "v1,",
            lambda raw: "",
            lambda raw: "v1,\xe9\xe9",
        ],
    )
    async def test_has_one_way_to_be_written(
        self, sender: Sender, body: bytes, written: Any
    ) -> None:
        right = sender.signed(body)
        raw = base64.b64decode(right["webhook-signature"].removeprefix("v1,"))
        headers = {**right, "webhook-signature": written(raw)}
        refused(await sender.send(body, headers), 401, "signature-invalid")

    async def test_is_not_sought_among_thousands(self, sender: Sender, body: bytes) -> None:
        right = sender.signed(body)
        listed = " ".join([right["webhook-signature"]] * 5000)
        headers = {**right, "webhook-signature": listed}
        refused(await sender.send(body, headers), 400, "too-many-signatures")

    async def test_of_another_secret_looks_like_an_unknown_creditor(
        self, sender: Sender, body: bytes
    ) -> None:
        agency = sender.agency
        before = await agency.written()
        stranger = SharedSecret(b"x" * 32)
        wrong = refused(await sender.sent(body, secret=stranger), 401, "signature-invalid")
        unknown = Sender(agency)
        unknown.path = f"/v1/inbound/{agency.office.ids.new('crd')}/placements"
        nobody = refused(await unknown.sent(body), 401, "signature-invalid")
        same = ("type", "title", "status", "detail", "code", "retryable")
        assert [wrong[each] for each in same] == [nobody[each] for each in same]
        assert await agency.written() == before

    async def test_of_another_tenant_is_worth_nothing_here(
        self, sender: Sender, body: bytes
    ) -> None:
        agency = sender.agency
        key = await agency.office.system.key(agency.office.ids.new("agy"))
        headers = {"authorization": f"Bearer {key}", "idempotency-key": "theirs"}
        theirs = await agency.clients["ledger"].post(
            "/v1/creditors", json={"name": "Other Bank"}, headers=headers
        )
        secret = SharedSecret.parse(theirs.json()["signing_secret"])
        before = await agency.settled()
        refused(await sender.sent(body, secret=secret), 401, "signature-invalid")
        crossed = Sender(agency)
        crossed.path = theirs.json()["inbound_path"]
        refused(await crossed.sent(body), 401, "signature-invalid")
        assert await agency.written() == before


class TestTimestamp:
    @pytest.mark.parametrize("seconds", [-86_400, -301, 310, 86_400])
    async def test_is_near(self, sender: Sender, body: bytes, seconds: int) -> None:
        before = await sender.agency.written()
        sent_at = datetime.now(UTC) + timedelta(seconds=seconds)
        response = await sender.sent(body, sent_at=sent_at)
        refused(response, 401, "timestamp-out-of-tolerance")
        assert await sender.agency.written() == before

    @pytest.mark.parametrize(
        "written", ["1e9", "-1", "3.0", "9" * 40, "1781114400000", "", " 1", "0x10", "1\xb2"]
    )
    async def test_is_whole_seconds(self, sender: Sender, body: bytes, written: str) -> None:
        headers = {**sender.signed(body), "webhook-timestamp": written}
        refused(await sender.send(body, headers), 400, "timestamp-invalid")


class TestDelivery:
    @pytest.mark.parametrize("id", ["a.b", "", "x" * 1000, "a b", "a\n", "\xe9"])
    async def test_id_is_one_plain_word(self, sender: Sender, body: bytes, id: str) -> None:
        headers = {**sender.signed(body), "webhook-id": id}
        refused(await sender.send(body, headers), 400, "webhook-id-invalid")

    async def test_repeated_gets_the_recorded_answer(self, sender: Sender, body: bytes) -> None:
        headers = sender.signed(body)
        first = await sender.send(body, headers)
        assert first.status_code == 201, first.text
        after = await sender.agency.settled()
        again = await sender.send(body, headers)
        later = datetime.now(UTC) + timedelta(seconds=200)
        signed = sender.agency.signed(body, headers["webhook-id"], sent_at=later)
        resigned = await sender.send(body, signed)
        for response in (again, resigned):
            assert (response.status_code, response.json()) == (201, first.json())
            assert response.headers["idempotent-replayed"] == "true"
        assert await sender.agency.settled() == after

    async def test_sent_many_times_at_once_takes_effect_once(
        self, sender: Sender, body: bytes
    ) -> None:
        headers = sender.signed(body)
        answers = await asyncio.gather(*(sender.send(body, headers) for _ in range(12)))
        assert {each.status_code for each in answers} <= {201, 409}
        receipts = {each.text for each in answers if each.status_code == 201}
        assert len(receipts) == 1
        assert json.loads(receipts.pop())["accepted"] == 1
        await sender.agency.settled()

    async def test_with_a_used_id_and_another_body_is_refused(
        self, sender: Sender, body: bytes
    ) -> None:
        headers = sender.signed(body)
        assert (await sender.send(body, headers)).status_code == 201
        after = await sender.agency.settled()
        other = enveloped(placed())
        signed = sender.agency.signed(other, headers["webhook-id"])
        refused(await sender.send(other, signed), 422, "webhook-id-reused")
        assert await sender.agency.settled() == after


ENVELOPES = {
    "not JSON": (b"{" + TEXT.encode(), 400, "malformed-json"),
    "nothing": (b"", 400, "malformed-json"),
    "not UTF-8": (enveloped(placed()).replace(b"HOOK", b"\xff\xfe"), 400, "encoding"),
    "NaN": (enveloped(placed(fees=float("nan"))), 400, "malformed-json"),
    "a float": (enveloped(placed(fees=1.5)), 422, "type"),
    "a key twice": (b'{"type": 1, ' + enveloped(placed())[1:], 400, "duplicate-key"),
    "an array": (b"[" + enveloped(placed()) + b"]", 422, "type"),
    "too deep": (enveloped(placed(parties=[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]])), 400, "too-deep"),
    "another type": (enveloped(placed(), type=TEXT), 422, "value-not-allowed"),
    "no rows": (enveloped(), 422, "too-few-items"),
    "rows of another kind": (enveloped(data={"rows": TEXT}), 422, "type"),
    "a row that is no object": (enveloped(placed(), TEXT), 422, "type"),
    "an unknown field": (enveloped(placed(), tenant_id=TEXT), 422, "unknown-field"),
    "a long timestamp": (enveloped(placed(), timestamp=TEXT * 5), 422, "too-long"),
    "too many rows": (enveloped(*[{}] * (ROWS_MAX + 1)), 422, "too-many-items"),
    "a lone surrogate": (enveloped(placed(description="\ud800")), 422, "invalid-unicode"),
    "five megabytes": (enveloped({"x": TEXT * 180_000}), 413, "body-too-large"),
}


class TestEnvelope:
    @pytest.mark.parametrize("name", ENVELOPES)
    async def test_malformed_stores_nothing(self, sender: Sender, name: str) -> None:
        before = await sender.agency.written()
        body, status, code = ENVELOPES[name]
        refused(await sender.sent(body), status, code)
        assert await sender.agency.written() == before

    async def test_repaired_may_use_its_id_again(self, sender: Sender) -> None:
        id = sender.agency.office.key()
        bad, good = enveloped(), enveloped(placed())
        refused(await sender.send(bad, sender.agency.signed(bad, id)), 422)
        assert (await sender.send(good, sender.agency.signed(good, id))).status_code == 201
        await sender.agency.settled()


RELATED: dict[str, dict[str, Any]] = {
    "/total_balance": {"total_balance": NUMBER},
    "/itemization/date": {"itemization": {**row()["itemization"], "date": "2099-01-01"}},
    "/customer_reference": {"customer_reference": "571-83-4462"},
    "/parties/0/phones/0/number": {"parties": [party(phones=[{"number": TEXT}])]},
    "/parties/0/emails/0/address": {"parties": [party(emails=[{"address": TEXT}])]},
    "/parties/0/date_of_birth": {"parties": [party(date_of_birth="5718-34-46")]},
    "/parties/0/ssn_last4": {"parties": [party(ssn_last4=TEXT)]},
    "/description": {"description": f"{TEXT} 4111 1111 1111 1111"},
}


def _spoiled_rows() -> list[tuple[str, dict[str, Any]]]:
    schema = PlacementRow.model_json_schema()
    spoiled = []
    for bad in mutations.of(schema, schema, row()):
        if bad.pointer and bad.code in (None, "missing", "unknown-field"):
            spoiled.append((bad.pointer, json.loads(bad.content)))
    related = [(pointer, placed(**changes)) for pointer, changes in RELATED.items()]
    return spoiled + related


class TestRows:
    async def test_that_are_right_are_stored_and_the_others_named(self, sender: Sender) -> None:
        spoiled = _spoiled_rows()
        assert len(spoiled) > 200
        for start in range(0, len(spoiled), ROWS_MAX - 1):
            await self._send(sender, spoiled[start : start + ROWS_MAX - 1])

    async def _send(self, sender: Sender, batch: Any) -> None:
        before = await sender.agency.settled()
        good = placed()
        body = enveloped(*(each for _, each in batch), good)
        response = await sender.sent(body)
        assert response.status_code == 201, response.text
        receipt = response.json()
        missed = []
        for (pointer, spoiled), result in zip(batch, receipt["rows"], strict=False):
            named = [error["pointer"] for error in result["errors"]]
            if result["status"] != "rejected" or pointer not in named:
                missed.append((pointer, result, spoiled))
        assert missed == []
        assert (receipt["accepted"], receipt["rejected"]) == (1, len(batch))
        assert echo_in(response) == set()
        read = await sender.agency.office.get("ledger", f"/placements/{receipt['id']}")
        assert read == receipt
        after = await sender.agency.settled()
        # One account and the receipt; contact, disputes and compliance hear of that account only.
        assert after["ledger.events"] - before["ledger.events"] == 3
