"""Every JSON body of the bad-input catalogue, sent to a real route."""

import io
import json
import time
from typing import Any

import httpx2
import pytest

from shared.telemetry import logging
from tests.unit.shared.http import sample
from tests.unit.shared.http.cases import BODIES, GOOD_BODY, BodyCase


def leaks(text: str) -> bool:
    digits = sample.CANARY.replace("-", "")
    return any(each in text for each in (sample.CANARY, digits, sample.CANARY_NAME))


def codes_of(problem: dict[str, Any]) -> list[str]:
    return [problem["code"], *(error["code"] for error in problem.get("errors", []))]


async def post(body: bytes) -> httpx2.Response:
    async with sample.client(sample.build()) as client:
        headers = {**sample.GOOD, "Content-Type": "application/json"}
        return await client.post("/v1/orders", content=body, headers=headers)


class TestBadBodies:
    @pytest.mark.parametrize("case", BODIES, ids=lambda case: case.name)
    async def test_are_refused_with_a_pointer_and_without_an_echo(self, case: BodyCase) -> None:
        stream = io.StringIO()
        logging.configure(stream)
        response = await post(case.body)
        problem = response.json()
        assert response.status_code == case.status
        assert case.code in codes_of(problem)
        if case.pointer is not None:
            assert case.pointer in [error.get("pointer") for error in problem["errors"]]
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["cache-control"] == "no-store"
        assert len(response.content) <= 4096
        assert problem["request_id"] == response.headers["request-id"]
        assert len(problem["trace_id"]) == 32
        assert problem["retryable"] is False
        assert not leaks(response.text)
        assert not leaks(stream.getvalue())

    async def test_do_not_hide_a_good_one(self) -> None:
        response = await post(json.dumps(GOOD_BODY).encode())
        assert response.status_code == 201
        assert response.json() == {"ref": "a", "due": "2026-01-01", "keys": sorted(GOOD_BODY)}

    async def test_name_every_field_at_fault_at_once(self) -> None:
        response = await post(b'{"ref":1,"due":"x","amount":-1,"lines":[{"sku":2}]}')
        pointers = {error["pointer"] for error in response.json()["errors"]}
        assert pointers == {"/ref", "/due", "/amount", "/lines/0/sku", "/lines/0/quantity"}

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (b'{"kind":"cash"}', [("/amount", "missing", "this field is required")]),
            (
                b'{"kind":"cash","amount":1,"number":"7"}',
                [("/number", "unknown-field", "this field is not known here")],
            ),
            (
                b'{"kind":"barter","amount":1}',
                [("/kind", "value-not-allowed", "give one of cash, check")],
            ),
            (b'{"amount":1}', [("/kind", "missing", "this field is required")]),
        ],
    )
    async def test_of_several_kinds_are_judged_as_the_kind_they_say_they_are(
        self, body: bytes, expected: list[tuple[str, str, str]]
    ) -> None:
        async with sample.client(sample.build()) as client:
            headers = {"Content-Type": "application/json"}
            response = await client.post("/v1/tenders", content=body, headers=headers)
        assert response.status_code == 422
        errors = response.json()["errors"]
        assert [(each["pointer"], each["code"], each["detail"]) for each in errors] == expected

    async def test_of_a_hundred_thousand_brackets_are_refused_at_once(self) -> None:
        from shared.http import strict_json
        from shared.http.problem import Problem

        started = time.perf_counter()
        with pytest.raises(Problem, match="Nest"):
            strict_json.read(b"[" * 100_000)
        assert time.perf_counter() - started < 0.5
