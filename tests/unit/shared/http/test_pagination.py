"""Cursors lead through a list once, and only through the list they were made for."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.pagination import Cursors
from shared.http.problem import Problem
from tests.unit.shared.http import sample

BOUND = {"tenant": "agy_1", "operation": "list_orders"}


class TestPages:
    async def test_show_every_row_once(self) -> None:
        seen: list[int] = []
        cursor = None
        async with sample.client(sample.build()) as client:
            while True:
                query = {"limit": "7", **({"cursor": cursor} if cursor else {})}
                page = (await client.get("/v1/orders", params=query, headers=sample.GOOD)).json()
                assert page["object"] == "list"
                seen += page["data"]
                cursor = page["next_cursor"]
                if not page["has_more"]:
                    break
        assert seen == list(range(60))
        assert cursor is None

    async def test_hold_twenty_five_rows_unless_asked(self) -> None:
        async with sample.client(sample.build()) as client:
            page = (await client.get("/v1/orders", headers=sample.GOOD)).json()
        assert len(page["data"]) == 25

    async def test_refuse_a_cursor_with_other_filters(self) -> None:
        async with sample.client(sample.build()) as client:
            page = (await client.get("/v1/orders", headers=sample.GOOD)).json()
            query = {"cursor": page["next_cursor"], "state": "open"}
            response = await client.get("/v1/orders", params=query, headers=sample.GOOD)
        assert (response.status_code, response.json()["code"]) == (400, "cursor-mismatch")
        (error,) = response.json()["errors"]
        assert (error["code"], error["parameter"]) == ("cursor-mismatch", "cursor")
        assert error["detail"].startswith("Keep the filters")


class TestCursors:
    def test_need_a_key_worth_the_name(self) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            Cursors(b"short")

    @given(st.lists(st.text(max_size=20) | st.integers(-(2**53), 2**53), max_size=4).map(tuple))
    def test_come_back_as_they_went(self, position: tuple[str | int, ...]) -> None:
        written = sample.CURSORS.write(position, filters={"a": "b"}, **BOUND)
        assert sample.CURSORS.read(written, filters={"a": "b"}, **BOUND) == position

    def test_are_bound_to_tenant_and_operation(self) -> None:
        written = sample.CURSORS.write((1,), filters={}, **BOUND)
        for change in ({"tenant": "agy_2"}, {"operation": "list_others"}):
            with pytest.raises(Problem) as refused:
                sample.CURSORS.read(written, filters={}, **{**BOUND, **change})
            assert refused.value.code == "cursor-mismatch"

    def test_with_any_bit_changed_are_refused(self) -> None:
        written = sample.CURSORS.write((1,), filters={}, **BOUND)
        raw = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        for index in range(len(raw)):
            forged = bytearray(raw)
            forged[index] ^= 1
            text = base64.urlsafe_b64encode(bytes(forged)).rstrip(b"=").decode()
            with pytest.raises(Problem) as refused:
                sample.CURSORS.read(text, filters={}, **BOUND)
            assert refused.value.code == "invalid-cursor"

    @given(st.text(max_size=80))
    def test_answer_any_text_with_a_problem(self, text: str) -> None:
        with pytest.raises(Problem):
            sample.CURSORS.read(text, filters={}, **BOUND)

    def test_of_another_key_are_refused(self) -> None:
        written = Cursors(b"d" * 32).write((1,), filters={}, **BOUND)
        with pytest.raises(Problem):
            sample.CURSORS.read(written, filters={}, **BOUND)
