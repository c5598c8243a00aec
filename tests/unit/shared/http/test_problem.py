"""Problems: one form, bounded, and silent about what the caller sent."""

import json

import pytest

from shared.http.catalogue import CATALOGUE, entry_of
from shared.http.problem import FieldError, Problem, pointer, redacted_pointer, render
from shared.kernel.errors import DomainError
from tests.unit.shared.http import sample


class TestProblems:
    @pytest.mark.parametrize(
        ("kind", "status", "code", "retry_after"),
        [
            ("domain", 409, "account-closed", None),
            ("race", 503, "concurrency-conflict", "1"),
            ("bug", 500, "internal", None),
            ("driver", 503, "unavailable", "1"),
            ("network", 503, "unavailable", "1"),
        ],
    )
    async def test_say_what_happened_and_no_more(
        self, kind: str, status: int, code: str, retry_after: str | None
    ) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.get(f"/v1/failures/{kind}")
        problem = response.json()
        assert (response.status_code, problem["code"]) == (status, code)
        assert problem["type"] == f"/problems/{code}"
        assert problem["retryable"] is (status >= 500)
        assert response.headers.get("retry-after") == retry_after
        assert sample.CANARY not in response.text
        assert sample.CANARY_NAME not in response.text

    async def test_carry_the_pointer_of_a_refusal(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.get("/v1/failures/domain")
        assert response.json()["detail"] == "The account is closed."
        assert response.json()["errors"] == [{"code": "account-closed", "pointer": "/account_id"}]

    async def test_are_explained_on_a_page_of_their_own(self) -> None:
        async with sample.client(sample.build()) as client:
            for code in (*CATALOGUE, "account-closed"):
                assert (await client.get(f"/problems/{code}")).status_code == 200
            listed = (await client.get("/problems")).text
            assert (await client.get("/problems/nonsense")).status_code == 404
        assert "account-closed" in listed


class TestRender:
    def test_shows_at_most_fifty_errors_in_four_kilobytes(self) -> None:
        entries = [FieldError(code="format", pointer=f"/rows/{n}/name") for n in range(200)]
        body = json.loads(render(Problem("validation-failed", errors=entries), "req_1", None))
        assert len(body["errors"]) == 50
        assert body["errors_truncated"] is True

    def test_shows_fewer_when_they_are_long(self) -> None:
        entries = [
            FieldError(code="format", pointer="/a" * 60, detail="x" * 300) for _ in range(40)
        ]
        encoded = render(Problem("validation-failed", errors=entries), "req_1", "a" * 32)
        assert len(encoded) <= 4096
        assert json.loads(encoded)["errors_truncated"] is True

    def test_does_not_speak_of_truncation_when_all_is_shown(self) -> None:
        body = json.loads(render(Problem("conflict", errors=[FieldError(code="x")]), None, None))
        assert "errors_truncated" not in body
        assert body["errors"] == [{"code": "x"}]


class TestPointer:
    def test_masks_what_is_not_a_field_name(self) -> None:
        assert pointer(("rows", 3, "123-45-6789")) == "/rows/3/*"
        assert pointer(("John Smith", "line_2", "ssn_last4")) == "/*/line_2/ssn_last4"
        assert pointer(("a/b", "a~b", "")) == "/*/*/*"
        assert redacted_pointer("/rows/12/4155550123") == "/rows/12/*"
        assert redacted_pointer("") == ""


class TestCatalogue:
    def test_has_well_formed_entries(self) -> None:
        for code, entry in CATALOGUE.items():
            assert code == entry.code
            assert 400 <= entry.status < 600
            assert entry.title
            assert entry.advice.endswith((".", "-"))
            if entry.status >= 500:
                assert entry.retryable

    def test_gives_a_refusal_the_status_of_its_kind(self) -> None:
        class Missing(DomainError):
            kind = "not_found"
            code = "no-such-plan"

        entry = entry_of(Missing)
        assert (entry.code, entry.status) == ("no-such-plan", 404)

    def test_does_not_know_what_is_not_in_it(self) -> None:
        with pytest.raises(KeyError):
            Problem("nonsense")
