import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from shared.http.field_errors import error_entries
from shared.http.fields import AmountMinor, Count, Date, FreeText, PersonName, StrictBody, TypeId

CANARY = "123-45-6789"


class Cease(StrictBody):
    kind: Literal["cease"]
    note: Annotated[str, FreeText(100)]


class OptOut(StrictBody):
    kind: Literal["opt_out"]
    medium: Literal["call", "email"]


class Medium(StrictBody):
    kind: Literal["medium"]
    medium: Literal["call", "email"]
    windows: list[int] = []


class Row(StrictBody):
    name: PersonName
    amount: AmountMinor
    day: Date | None = None


class Body(StrictBody):
    account_id: Annotated[str, TypeId("acct")]
    rows: Annotated[list[Row], Field(max_length=3)] = []
    statement: Annotated[Cease | OptOut | Medium, Field(discriminator="kind")] | None = None
    buckets: dict[str, Count] = {}
    is_urgent: bool = False
    medium: Literal["call", "email"] = "call"


GOOD = {"account_id": "acct_01h455vb4pex5vsknk084sn02q"}


def complaints(document: Any, prefix: Any = "") -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate(document)
    entries = error_entries(caught.value, prefix, document)
    assert CANARY not in json.dumps(entries)
    assert all(set(entry) == {"pointer", "code", "detail"} for entry in entries)
    assert all(entry["detail"] for entry in entries)
    return [(entry["pointer"], entry["code"]) for entry in entries]


class TestErrorEntries:
    def test_lists_the_kinds_where_the_kind_is_none_of_them(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Body.model_validate(GOOD | {"statement": {"kind": CANARY}})
        (entry,) = error_entries(caught.value)
        assert entry["detail"] == "give one of cease, opt_out, medium"

    def test_accepts_a_good_body(self) -> None:
        body = Body.model_validate(
            GOOD
            | {
                "rows": [{"name": "Ann", "amount": 1, "day": "2026-01-01"}],
                "statement": {"kind": "cease", "note": "stop"},
            }
        )
        assert body.rows[0].amount == 1

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"account_id": CANARY}, ("/account_id", "id")),
            ({"rows": {}}, ("/rows", "type")),
            ({"rows": [3]}, ("/rows/0", "type")),
            ({"rows": [{"name": "Ann"}]}, ("/rows/0/amount", "missing")),
            ({"rows": [{"name": {"ssn": CANARY}, "amount": 1}]}, ("/rows/0/name", "type")),
            ({"rows": [{"name": "Ann", "amount": True}]}, ("/rows/0/amount", "amount-format")),
            ({"rows": [{"name": "Ann", "amount": 0}]}, ("/rows/0/amount", "amount-range")),
            (
                {"rows": [{"name": "Ann", "amount": 1, "day": "2026-02-30"}]},
                ("/rows/0/day", "date"),
            ),
            ({"rows": [{"name": "A", "amount": 1}] * 4}, ("/rows", "too-many-items")),
            ({"status": "closed"}, ("/status", "unknown-field")),
            ({"tenant_id": CANARY}, ("/tenant_id", "unknown-field")),
            ({"__proto__": {}}, ("/__proto__", "unknown-field")),
            ({CANARY: 1}, ("/*", "unknown-field")),
            ({"a/b~c": 1}, ("/*", "unknown-field")),
            ({"is_urgent": 1}, ("/is_urgent", "type")),
            ({"is_urgent": "true"}, ("/is_urgent", "type")),
            ({"medium": CANARY}, ("/medium", "value-not-allowed")),
            ({"buckets": {"fees": "1"}}, ("/buckets/fees", "type")),
            ({"buckets": {CANARY: "1"}}, ("/buckets/*", "type")),
            ({"statement": CANARY}, ("/statement", "type")),
            ({"statement": {}}, ("/statement/kind", "missing")),
            ({"statement": {"kind": CANARY}}, ("/statement/kind", "value-not-allowed")),
            ({"statement": {"kind": "cease"}}, ("/statement/note", "missing")),
            ({"statement": {"kind": "medium"}}, ("/statement/medium", "missing")),
            (
                {"statement": {"kind": "medium", "medium": "x"}},
                ("/statement/medium", "value-not-allowed"),
            ),
            (
                {"statement": {"kind": "medium", "medium": "call", "note": 1}},
                ("/statement/note", "unknown-field"),
            ),
            (
                {"statement": {"kind": "medium", "medium": "call", "windows": ["a"]}},
                ("/statement/windows/0", "type"),
            ),
            (
                {"statement": {"kind": "cease", "note": "a\u0000"}},
                ("/statement/note", "control-character"),
            ),
            (
                {"statement": {"kind": "opt_out", "medium": "call", "note": "x"}},
                ("/statement/note", "unknown-field"),
            ),
            (
                {"statement": {"kind": "cease", "note": "4111111111111111"}},
                ("/statement/note", "card-number-not-allowed"),
            ),
        ],
    )
    def test_name_the_field_and_the_reason(
        self, change: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        assert complaints(GOOD | change) == [expected]

    @pytest.mark.parametrize("document", [[], "text", 3, None, True])
    def test_point_at_the_whole_body(self, document: Any) -> None:
        assert complaints(document) == [("", "type")]

    def test_name_every_field(self) -> None:
        found = complaints({"rows": [{"name": "", "amount": 0}, {}]})
        assert found == [
            ("/account_id", "missing"),
            ("/rows/0/name", "blank"),
            ("/rows/0/amount", "amount-range"),
            ("/rows/1/name", "missing"),
            ("/rows/1/amount", "missing"),
        ]

    @pytest.mark.parametrize("prefix", ["/rows/17", ("rows", 17)])
    def test_stand_under_a_prefix(self, prefix: Any) -> None:
        assert complaints({}, prefix) == [("/rows/17/account_id", "missing")]

    def test_work_without_the_document(self) -> None:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(list[Row]).validate_python([{"name": "Ann", "amount": 0}])
        (entry,) = error_entries(caught.value, "/rows")
        assert entry["pointer"] == "/rows/0/amount"

    def test_keep_the_words_of_our_own_markers(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Body.model_validate({"account_id": CANARY})
        (entry,) = error_entries(caught.value)
        assert entry["detail"] == "give an id that begins with acct_"


class TestStrictBody:
    def test_is_frozen(self) -> None:
        body = Body.model_validate(GOOD)
        with pytest.raises(ValidationError):
            body.is_urgent = True  # type: ignore[misc]

    def test_shows_itself_in_openapi(self) -> None:
        shown = Body.model_json_schema()
        assert shown["additionalProperties"] is False
        assert shown["properties"]["account_id"]["pattern"].startswith("^acct_")
        assert shown["$defs"]["Row"]["properties"]["amount"]["type"] == "integer"
        assert {"type": "string", "format": "date"} in shown["$defs"]["Row"]["properties"]["day"][
            "anyOf"
        ]
