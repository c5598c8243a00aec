"""Headers, paths and queries of the bad-input catalogue; what needs a socket is in test_server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.unit.shared.http import sample
from tests.unit.shared.http.test_bad_bodies import leaks

JSON = ("content-type", "application/json")
BODY = b'{"ref":"a","due":"2026-01-01","amount":1}'
KEY = ("idempotency-key", "k-1")
AUTHORIZATION = ("authorization", f"Bearer {sample.KEY}")


@dataclass(frozen=True)
class Case:
    name: str
    status: int
    code: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def post(name: str, status: int, code: str, *headers: tuple[str, str]) -> Case:
    """Exactly these headers."""
    return Case(name, status, code, "POST", "/v1/orders", headers, BODY)


def typed(name: str, status: int, code: str, *headers: tuple[str, str]) -> Case:
    """Good credentials, key and type, and these headers."""
    return post(name, status, code, AUTHORIZATION, KEY, JSON, *headers)


def keyed(name: str, status: int, code: str, key: str) -> Case:
    return post(name, status, code, AUTHORIZATION, JSON, ("idempotency-key", key))


def of_type(name: str, status: int, code: str, content_type: str) -> Case:
    return post(name, status, code, AUTHORIZATION, KEY, ("content-type", content_type))


def at(name: str, status: int, code: str, path: str, method: str = "POST") -> Case:
    return Case(name, status, code, method, path, (AUTHORIZATION, KEY, JSON), BODY)


def asked(name: str, status: int, code: str, query: str) -> Case:
    return Case(name, status, code, "GET", f"/v1/orders?{query}", (AUTHORIZATION,), b"")


CASES = [
    typed("A10 foreign host", 421, "misdirected", ("host", "evil.example")),
    typed("A10 malformed host", 421, "misdirected", ("host", "a b")),
    typed("A11 two signatures", 400, "duplicate-header", *[("webhook-signature", "v1,x")] * 2),
    typed("A11 two authorizations", 400, "duplicate-header", AUTHORIZATION),
    typed("A11 two keys", 400, "duplicate-header", KEY),
    of_type("A12 text/plain", 415, "unsupported-media-type", "text/plain"),
    of_type("A12 similar type", 415, "unsupported-media-type", "application/jsonp"),
    of_type("A12 vendor type", 415, "unsupported-media-type", "application/x+json"),
    post("A12 no type", 415, "unsupported-media-type", AUTHORIZATION, KEY),
    of_type("A13 utf-16", 415, "unsupported-media-type", "application/json; charset=utf-16"),
    typed("A14 gzip", 415, "unsupported-media-type", ("content-encoding", "gzip")),
    typed("A15 accept xml", 406, "not-acceptable", ("accept", "text/xml")),
    typed("A15 accept refuses", 406, "not-acceptable", ("accept", "application/*;q=0")),
    typed("A16 large by length", 413, "body-too-large", ("content-length", "314572800")),
    at("A19 PUT", 405, "method-not-allowed", "/v1/orders", "PUT"),
    at("A19 TRACE", 405, "method-not-allowed", "/v1/orders", "TRACE"),
    post("A22 no key", 400, "idempotency-key-required", AUTHORIZATION, JSON),
    keyed("A22 empty key", 400, "idempotency-key-invalid", ""),
    keyed("A22 long key", 400, "idempotency-key-invalid", "k" * 256),
    keyed("A22 control character", 400, "idempotency-key-invalid", "a\tb"),
    keyed("A22 not ASCII", 400, "idempotency-key-invalid", "k\xe9"),
    keyed("A22 line end", 400, "idempotency-key-invalid", "k\n"),
    at("A26 long path", 414, "uri-too-long", "/v1/" + "a" * 5000),
    asked("A26 long query", 414, "uri-too-long", "state=" + "a" * 5000),
    at("A26 NUL in path", 404, "not-found", "/v1/orders%00"),
    at("A26 dots in path", 404, "not-found", "/v1/x/%2e%2e/orders"),
    at("A26 slash in path", 404, "not-found", "/v1/orders/ord_abcd%2Fcancel"),
    at("A26 twice encoded", 404, "not-found", "/v1/orders%252Fx"),
    at("A26 parameter in path", 404, "not-found", "/v1/orders;a=b"),
    asked("A27 repeated parameter", 400, "duplicate-parameter", "state=a&state=b"),
    asked("unknown parameter", 400, "unknown-parameter", f"{sample.CANARY}=1"),
    asked("key in query", 400, "credentials-in-query", "api_key=x"),
    asked("control in query", 400, "malformed-query", "state=a%00"),
    asked("not UTF-8 in query", 400, "malformed-query", "state=%ff"),
    asked("many parameters", 400, "malformed-query", "&".join(["a=1"] * 60)),
    asked("limit of zero", 422, "format", "limit=0"),
    asked("limit beyond", 422, "number-range", "limit=101"),
    asked("limit in foreign digits", 422, "format", "limit=%D9%A1"),
    asked("cursor of another form", 422, "invalid-cursor", "cursor=a.b"),
    asked("long state", 422, "too-long", f"state={sample.CANARY}"),
    asked("forged cursor", 400, "invalid-cursor", "cursor=AAAA"),
    post("no credentials", 401, "unauthenticated", KEY, JSON),
    post("wrong key", 401, "unauthenticated", ("authorization", f"Bearer {sample.CANARY}"), KEY),
    at("a body where none belongs", 400, "unexpected-body", "/v1/orders/ord_abcd/cancel"),
    at("unknown path", 404, "not-found", "/v1/nothing"),
    at("trailing slash", 404, "not-found", "/v1/orders/"),
    typed("negative length", 400, "ambiguous-length", ("content-length", "-1")),
]


class TestBadTransport:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    async def test_is_refused(self, case: Case) -> None:
        async with sample.client(sample.build()) as client:
            request = httpx2.Request(
                case.method,
                f"http://localhost{case.path}",
                headers=[(name.encode(), value.encode("latin-1")) for name, value in case.headers],
                content=case.body,
            )
            response = await client.send(request)
        problem = response.json()
        found = [problem["code"], *(error["code"] for error in problem.get("errors", []))]
        assert response.status_code == case.status
        assert case.code in found
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["request_id"] == response.headers["request-id"]
        assert not leaks(response.text)

    async def test_finds_nothing_under_an_id_of_another_kind(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.post("/v1/orders/acct_1/cancel", headers=sample.GOOD)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")

    async def test_names_the_allowed_methods_of_all_routes_of_the_path(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.put("/v1/orders")
        assert response.headers["allow"] == "GET, HEAD, POST"

    @pytest.mark.parametrize(
        ("query", "fix"),
        [
            ("limit=0", "give a number from 1 to 100"),
            ("limit=101", "give a number from 1 to 100"),
            ("cursor=a.b", "give next_cursor as it was answered, or none to start again"),
            (
                "cursor=AAAA",
                "Use next_cursor as it was answered, or start again without a cursor.",
            ),
            ("state=abcdefghijk", "Give at most 10 characters."),
        ],
    )
    async def test_says_what_to_give_instead(self, query: str, fix: str) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.get(f"/v1/orders?{query}", headers=sample.GOOD)
        (error,) = response.json()["errors"]
        assert error["parameter"] == query.partition("=")[0]
        assert error["detail"] == fix

    async def test_names_the_parameters_that_there_are(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.get("/v1/orders?colour=red", headers=sample.GOOD)
        assert response.json()["detail"] == "Give only cursor, limit, state."

    async def test_names_the_accepted_types(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.post("/v1/raw", content=b"x", headers={"Content-Type": "a/b"})
        assert response.headers["accept"] == "text/csv, application/json"

    async def test_stops_reading_a_stream_that_passes_the_limit(self) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while sent < 300 * 1024 * 1024:
                sent += 65536
                yield b"x" * 65536

        async with sample.client(sample.build()) as client:
            headers = {**sample.GOOD, "Content-Type": "application/json"}
            response = await client.post("/v1/orders", content=endless(), headers=headers)
        assert response.status_code == 413
        assert response.headers["connection"] == "close"
        assert "1048576" in response.json()["detail"]

    @pytest.mark.parametrize(
        "accept", ["*/*", "application/json", "text/html, application/*;q=0.1", "*/*;q=0.5"]
    )
    async def test_takes_an_accept_header_that_can_be_met(self, accept: str) -> None:
        async with sample.client(sample.build()) as client:
            headers = {**sample.GOOD, "Accept": accept}
            assert (await client.get("/v1/orders", headers=headers)).status_code == 200

    @pytest.mark.parametrize("host", ["localhost:8101", "127.0.0.1", "[::1]:8101", "x.localhost"])
    async def test_takes_loopback_hosts(self, host: str) -> None:
        async with sample.client(sample.build()) as client:
            headers = {**sample.GOOD, "Host": host}
            assert (await client.get("/v1/orders", headers=headers)).status_code == 200

    async def test_takes_a_host_of_ours(self) -> None:
        async with sample.client(sample.build(hosts=["api.agency.example"])) as client:
            headers = {**sample.GOOD, "Host": "API.agency.example"}
            assert (await client.get("/v1/orders", headers=headers)).status_code == 200
