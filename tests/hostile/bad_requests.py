"""What can be wrong with a request besides its body: path, query, headers and credentials."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.hostile.canaries import NUMBER, TEXT, WORD
from tests.hostile.operations import Operation

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class BadRequest:
    """Changes to a right request, and how it must be refused. `...` leaves a header out."""

    name: str
    status: int
    code: str
    path: dict[str, str] | None = None
    query: str = ""
    headers: tuple[tuple[str, Any], ...] = ()
    content: bytes | None = None
    method: str | None = None


_KEY = "idempotency-key"
_TYPE = "content-type"
_NAMES = ("a word", "upper case", "an integer", "another kind of id")
_LIMITS = ("0", "-1", "101", "1.0", "1e1", "0x10", "%D9%A1", " 5", "5 ", "", WORD, str(NUMBER))


def of(operation: Operation, parameters: list[dict[str, Any]]) -> Iterator[BadRequest]:
    """Yield everything that can be wrong with a request of an operation."""
    yield from _paths(operation)
    yield from _queries({each["name"]: each for each in parameters if each["in"] == "query"})
    yield from _headers(operation)
    for method in ("DELETE", "PATCH", "TRACE", "PUT" if operation.method != "PUT" else "POST"):
        yield BadRequest(method, 405, "method-not-allowed", method=method)


def _paths(operation: Operation) -> Iterator[BadRequest]:
    for name in operation.parameters:
        for kind, value in _wrong_ids().items():
            is_free = name == "account_number" or operation.service + name == "compliancefact_id"
            if is_free and kind in _NAMES:
                continue  # a creditor's own number, or another service's name for a fact
            yield BadRequest(f"{kind} for {name}", 404, "not-found", path={name: value})
        yield BadRequest(f"far too long a {name}", 414, "uri-too-long", path={name: "a" * 3000})


def _wrong_ids() -> dict[str, str]:
    return {
        "a word": WORD,
        "an integer": str(NUMBER),
        "text": quote(TEXT) + quote(TEXT) + quote(TEXT) + quote(TEXT),
        "another kind of id": "xyz_01h455vb4pex5vsknk084sn02q" * 3,
        "upper case": "ACCT_01H455VB4PEX5VSKNK084SN02Q",
        "a line end": WORD + "%0A",
        "NUL": WORD + "%00",
        "dots": "%2e%2e",
        "an encoded slash": WORD + "%2F" + WORD,
        "encoded twice": WORD + "%252e",
        "not UTF-8": WORD + "%FF" * 40,
        "foreign letters": quote("Ж" * 70),
    }


def _queries(known: dict[str, Any]) -> Iterator[BadRequest]:
    unknown = "unknown-parameter"
    yield BadRequest("an unknown parameter", 400, unknown, query=f"{quote(TEXT)}={NUMBER}")
    yield BadRequest("a tenant", 400, unknown, query=f"tenant_id={WORD}")
    yield BadRequest("a key in the URL", 400, "credentials-in-query", query=f"api_key={WORD}")
    many = "&".join(f"a{number}={WORD}" for number in range(60))
    yield BadRequest("many parameters", 400, "malformed-query", query=many)
    yield BadRequest("a long query", 414, "uri-too-long", query="limit=" + WORD * 400)
    for name in known:
        twice = f"{name}={WORD}&{name}={WORD}"
        yield BadRequest(f"{name} twice", 400, "duplicate-parameter", query=twice)
        bad = "malformed-query"
        yield BadRequest(f"NUL in {name}", 400, bad, query=f"{name}={WORD}%00")
        yield BadRequest(f"{name} is not UTF-8", 400, bad, query=f"{name}={WORD}%ff")
        if name != "cursor":
            yield BadRequest(f"a strange {name}", 422, "validation-failed", query=f"{name}={WORD}")
    if "limit" in known:
        for each in _LIMITS:
            yield BadRequest(f"limit {each}", 422, "validation-failed", query=f"limit={each}")
    if "cursor" in known:
        for each in (WORD, "AAAA", str(NUMBER), "A" * 800):
            yield BadRequest(f"cursor {each[:20]}", 400, "invalid-cursor", query=f"cursor={each}")
        for each in ("", "a.b", "a" * 1100, quote(TEXT)):
            name = f"cursor {each[:9]!r}"
            yield BadRequest(name, 422, "validation-failed", query=f"cursor={each}")


def _headers(operation: Operation) -> Iterator[BadRequest]:
    yield _with("another host", 421, "misdirected", "host", f"{WORD}.example")
    yield _with("Accept of XML", 406, "not-acceptable", "accept", "text/xml")
    yield _with("a gzip body", 415, "unsupported-media-type", "content-encoding", "gzip")
    yield _with("a strange length", 400, "ambiguous-length", "content-length", "-1")
    yield _with("a large length", 413, "body-too-large", "content-length", str(NUMBER))
    if not operation.is_public:
        for kind, credential in _credentials().items():
            yield _with(kind, 401, "unauthenticated", "authorization", credential)
    if operation.takes_key:
        yield _with("no key", 400, "idempotency-key-required", _KEY, ...)
        for each in ("", "k" * 300, WORD + " x", WORD + "\n", WORD + "\xe9", "/" + WORD):
            yield _with(f"key {each[:9]!r}", 400, "idempotency-key-invalid", _KEY, each)
        yield BadRequest("two keys", 400, "duplicate-header", headers=((_KEY, WORD), (_KEY, "b")))
    if operation.body is not None:
        types = ("text/plain", "application/xml", "application/jsonp", "multipart/form-data", WORD)
        yield _with("no type", 415, "unsupported-media-type", _TYPE, ...)
        for each in (*types, "application/json; charset=utf-16", "application/json, a/b"):
            yield _with(f"type {each}", 415, "unsupported-media-type", _TYPE, each)
    elif not operation.is_public:
        content = b'{"note": "' + TEXT.encode() + b'"}'
        yield BadRequest("a body", 400, "unexpected-body", content=content)


def _with(name: str, status: int, code: str, header: str, value: Any) -> BadRequest:
    return BadRequest(name, status, code, headers=((header, value),))


def _credentials() -> dict[str, Any]:
    return {
        "no credentials": ...,
        "another scheme": f"Basic {WORD}",
        "no scheme": WORD,
        "an empty credential": "Bearer ",
        "a word": f"Bearer {WORD}",
        "a key that nobody holds": f"Bearer sk_test_{WORD}",
        "a key that looks right": "Bearer sk_test_" + "0" * 43,
        "an unsigned token": "Bearer eyJhbGciOiJub25lIn0.e30.",
        "a very long token": "Bearer " + "a." * 4000,
    }


def headers_of(right: dict[str, str], bad: BadRequest) -> Headers:
    """Return the headers of a right request with the wrong ones in their places."""
    replaced = {name for name, _ in bad.headers}
    kept = [(name, value) for name, value in right.items() if name not in replaced]
    return kept + [(name, value) for name, value in bad.headers if value is not ...]
