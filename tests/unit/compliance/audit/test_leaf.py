import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.audit.leaf import Entry, instant, leaf_bytes
from shared.kernel.records import replace

ENTRY = Entry(
    tenant="agy_1",
    service="contact",
    stream="attempt-att_1",
    version=3,
    event_id="evt_1",
    type="forbear.contact.attempt-vetoed.v1",
    occurred_at=datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
    recorded_at=datetime(2026, 3, 2, 15, 0, 0, 120_000, tzinfo=UTC),
    data=b'{"attempt_id":"att_1"}',
    metadata=b'{"actor":"key_1","correlation_id":"req_1"}',
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


class TestLeafBytes:
    def test_are_written_in_one_way(self) -> None:
        assert leaf_bytes(ENTRY).decode() == (
            '{"data_sha256":"277f480b4e5ca7441879df2ef4cb430b3e3d1c7c92d311687ba910d055e937a4",'
            '"event_id":"evt_1","format":1,'
            '"metadata_sha256":"f19aa807d87a641d92e56c2be6ffecdd0e0ff5ed8141ddfc058f1ff58962dc3e",'
            '"occurred_at":"2026-03-02T15:00:00.000000Z","recorded_at":"2026-03-02T15:00:00.120000Z",'
            '"service":"contact","stream":"attempt-att_1","tenant":"agy_1",'
            '"type":"forbear.contact.attempt-vetoed.v1","version":3}'
        )

    @pytest.mark.parametrize(
        "change",
        [
            {"tenant": "agy_2"},
            {"service": "ledger"},
            {"stream": "attempt-att_2"},
            {"version": 4},
            {"event_id": "evt_2"},
            {"type": "forbear.contact.attempt-vetoed.v2"},
            {"occurred_at": ENTRY.occurred_at + timedelta(microseconds=1)},
            {"recorded_at": ENTRY.recorded_at - timedelta(microseconds=1)},
            {"data": b'{"attempt_id":"att_2"}'},
            {"metadata": b'{"actor":"key_2","correlation_id":"req_1"}'},
            {"data": ENTRY.metadata, "metadata": ENTRY.data},
            {"occurred_at": ENTRY.recorded_at, "recorded_at": ENTRY.occurred_at},
            {"tenant": ENTRY.service, "service": ENTRY.tenant},
        ],
    )
    def test_change_with_every_attribute(self, change: dict[str, Any]) -> None:
        assert leaf_bytes(replace(ENTRY, **change)) != leaf_bytes(ENTRY)

    def test_cover_every_attribute_there_is(self) -> None:
        written = json.loads(leaf_bytes(ENTRY))
        named = {name.removesuffix("_sha256") for name in written} - {"format"}
        assert named == set(Entry.__struct_fields__)  # type: ignore[attr-defined]

    @given(texts, texts, texts, texts, st.integers(1, 2**53 - 1), st.datetimes())
    def test_are_canonical_json(
        self, tenant: str, stream: str, event_id: str, kind: str, version: int, at: datetime
    ) -> None:
        changed = replace(
            ENTRY,
            tenant=tenant,
            stream=stream,
            event_id=event_id,
            type=kind,
            version=version,
            occurred_at=at.replace(tzinfo=UTC),
        )
        assert leaf_bytes(changed) == rfc8785.dumps(json.loads(leaf_bytes(changed)))

    def test_do_not_depend_on_how_an_instant_is_written(self) -> None:
        elsewhere = ENTRY.occurred_at.astimezone(timezone(timedelta(hours=-5)))
        assert leaf_bytes(replace(ENTRY, occurred_at=elsewhere)) == leaf_bytes(ENTRY)

    def test_refuse_what_could_be_read_in_two_ways(self) -> None:
        for change in (
            {"version": 0},
            {"version": 2**53},
            {"occurred_at": ENTRY.occurred_at.replace(tzinfo=None)},
        ):
            with pytest.raises(ValueError, match=r"version|zone"):
                leaf_bytes(replace(ENTRY, **change))


class TestInstant:
    def test_always_has_four_digits_of_year_and_six_of_fraction(self) -> None:
        assert instant(datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02T00:00:00.000000Z"
        assert instant(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
