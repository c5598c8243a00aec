"""The bad-input catalogue for JSON bodies, as data: what is sent and how it must be refused."""

import json
from dataclasses import dataclass

from tests.unit.shared.http.sample import CANARY, CANARY_NAME


@dataclass(frozen=True)
class BodyCase:
    name: str
    body: bytes
    status: int
    code: str
    pointer: str | None = None


GOOD_BODY = {"ref": "a", "due": "2026-01-01", "amount": 12500, "lines": []}


def changed(**fields: object) -> bytes:
    return json.dumps({**GOOD_BODY, **fields}).encode()


def with_amount(text: str) -> bytes:
    return b'{"ref":"a","due":"2026-01-01","amount":' + text.encode() + b"}"


def with_ref(text: str) -> bytes:
    return b'{"due":"2026-01-01","amount":1,"ref":' + text.encode("utf-8", "surrogatepass") + b"}"


BODIES = [
    BodyCase("B1 empty", b"", 400, "malformed-json"),
    BodyCase("B2 trailing garbage", b"{} " + CANARY.encode(), 400, "malformed-json"),
    BodyCase("B3 duplicate key", b'{"ref":"a","ref":"b"}', 400, "duplicate-key", "/ref"),
    BodyCase(
        "B3 duplicate key inside",
        b'{"lines":[{"sku":"a"},{"sku":"a","sku":"b"}]}',
        400,
        "duplicate-key",
        "/lines/1/sku",
    ),
    BodyCase("B4 NaN", with_amount("NaN"), 400, "malformed-json"),
    BodyCase("B4 Infinity", with_amount("Infinity"), 400, "malformed-json"),
    BodyCase("B4 -Infinity", with_amount("-Infinity"), 400, "malformed-json"),
    BodyCase("B5 1e400", with_amount("1e400"), 422, "number-range", "/amount"),
    BodyCase("B6 5,000 digits", with_amount("7" * 5000), 400, "number-too-long", "/amount"),
    BodyCase("B7 4,300 digits", with_amount("7" * 4300), 400, "number-too-long", "/amount"),
    BodyCase("B7 17 digits", with_amount("9" * 17), 422, "number-range", "/amount"),
    BodyCase("B8 depth 900", with_ref("[" * 900 + "]" * 900), 400, "too-deep"),
    BodyCase("B9 depth 100,000", b"[" * 100_000, 400, "too-deep"),
    BodyCase("B9 depth 100,000, balanced", b"[" * 100_000 + b"]" * 100_000, 400, "too-deep"),
    BodyCase("B10 many items", b"[" + b"1," * 400_000 + b"1]", 422, "too-many-items"),
    BodyCase("B10 many keys", b"{" + b'"a":1,' * 150_000 + b'"b":1}', 422, "too-many-items"),
    BodyCase("B11 invalid UTF-8", b'{"ref":"\xff\xfe"}', 400, "encoding"),
    BodyCase("B11 overlong UTF-8", b'{"ref":"\xc0\xaf"}', 400, "encoding"),
    BodyCase("B11 UTF-16", '{"ref":"a"}'.encode("utf-16"), 400, "encoding"),
    BodyCase("B11 UTF-16 without mark", '{"ref":"a"}'.encode("utf-16-be"), 400, "encoding"),
    BodyCase("B11 byte order mark", b"\xef\xbb\xbf{}", 400, "encoding"),
    BodyCase("B12 lone surrogate", with_ref('"\\ud800"'), 422, "invalid-unicode", "/ref"),
    BodyCase("B12 lone low surrogate", with_ref('"x\\uDC00"'), 422, "invalid-unicode", "/ref"),
    BodyCase("B12 encoded surrogate", with_ref('"\ud800"'), 400, "encoding"),
    BodyCase("B13 NUL", with_ref('"a\\u0000b"'), 422, "control-character", "/ref"),
    BodyCase("B13 C1 control", with_ref('"a\u0085b"'), 422, "control-character", "/ref"),
    BodyCase("B13 backspace", with_ref('"a\\b"'), 422, "control-character", "/ref"),
    BodyCase("B13 raw line end", with_ref('"a\nb"'), 400, "malformed-json"),
    BodyCase("B14 unknown field", changed(colour="red"), 422, "unknown-field", "/colour"),
    BodyCase("B15 true as integer", with_amount("true"), 422, "type", "/amount"),
    BodyCase("B15 1.0 as integer", with_amount("1.0"), 422, "type", "/amount"),
    BodyCase("B15 1e2 as integer", with_amount("1e2"), 422, "type", "/amount"),
    BodyCase("B15 text as integer", with_amount('" 1_0 "'), 422, "type", "/amount"),
    BodyCase("B16 array for object", b"[]", 422, "type", ""),
    BodyCase("B16 null for object", b"null", 422, "type", ""),
    BodyCase("B17 __proto__", changed(__proto__={}), 422, "unknown-field", "/__proto__"),
    BodyCase("B17 tenant_id", changed(tenant_id="agy_2"), 422, "unknown-field", "/tenant_id"),
    BodyCase("B17 status", changed(status="closed"), 422, "unknown-field", "/status"),
    BodyCase(
        "B18 personal data in a wrong type", changed(ref={"ssn": CANARY}), 422, "type", "/ref"
    ),
    BodyCase("B18 personal data as a key", changed(**{CANARY: 1}), 422, "unknown-field", "/*"),
    BodyCase("B18 a name as a key", changed(**{CANARY_NAME: 1}), 422, "unknown-field", "/*"),
    BodyCase("B18 personal data as a date", changed(due=CANARY), 422, "invalid", "/due"),
    BodyCase("B19 long text", changed(ref=CANARY * 50), 422, "too-long", "/ref"),
    BodyCase("too large", changed(ref="x" * 1_100_000), 413, "body-too-large"),
    BodyCase("missing field", b'{"ref":"a","amount":1}', 422, "missing", "/due"),
    BodyCase("an integer as a date", changed(due=20260101), 422, "type", "/due"),
    BodyCase("below the range", changed(amount=-1), 422, "number-range", "/amount"),
    BodyCase("single quotes", b"{'ref':'a'}", 400, "malformed-json"),
    BodyCase("comment", b'{"ref":"a" /* x */}', 400, "malformed-json"),
    BodyCase("trailing comma", b'{"ref":"a",}', 400, "malformed-json"),
    BodyCase("leading zero", with_amount("007"), 400, "malformed-json"),
    BodyCase("plus sign", with_amount("+7"), 400, "malformed-json"),
    BodyCase("hexadecimal", with_amount("0x10"), 400, "malformed-json"),
    BodyCase("foreign digits", with_amount("١٢"), 400, "malformed-json"),
    BodyCase("unbalanced, many", b'{"a":[}' * 5000, 400, "too-deep"),
    BodyCase("unterminated text", b'{"ref":"' + b'\\"' * 20_000, 400, "malformed-json"),
]
