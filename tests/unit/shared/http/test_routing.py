"""Routes without a policy do not start; the others describe themselves completely."""

import re
from typing import Any

import pytest
from fastapi import APIRouter

from shared.http.app import Wiring, create_app
from shared.http.routing import Router
from shared.kernel.clock import RandomIds
from shared.kernel.errors import InvariantViolated
from tests.unit.shared.http import sample


def build(router: Any, wiring: Wiring | None = None) -> Any:
    chosen = Wiring(authorize=sample.authorize) if wiring is None else wiring
    return create_app("x", "1", [router], ids=RandomIds(), wiring=chosen)


class TestPolicy:
    def test_is_demanded_of_every_route(self) -> None:
        with pytest.raises(InvariantViolated, match="must declare"):
            Router(tag="X").get("/things")

    def test_is_either_public_or_not(self) -> None:
        with pytest.raises(InvariantViolated, match="must declare"):
            Router(tag="X").get("/things", public=True, scope="x:read")

    def test_cannot_be_avoided_by_the_frameworks_own_router(self) -> None:
        router = APIRouter()

        @router.get("/things")
        async def list_things() -> None: ...

        with pytest.raises(InvariantViolated, match="declares no policy"):
            build(router)

    def test_cannot_be_avoided_by_adding_a_route_directly(self) -> None:
        router = Router(tag="X")

        async def list_things() -> None: ...

        router.add_api_route("/things", list_things)
        with pytest.raises(InvariantViolated, match="declares no policy"):
            build(router)

    def test_needs_somebody_who_authorizes(self) -> None:
        router = Router(tag="X")

        @router.get("/things", scope="x:read")
        async def list_things() -> None: ...

        with pytest.raises(InvariantViolated, match="nobody authorizes"):
            build(router, Wiring())

    def test_goes_with_a_name_of_verb_and_noun(self) -> None:
        router = Router(tag="X")

        @router.get("/things", public=True)
        async def things() -> None: ...

        with pytest.raises(InvariantViolated, match="verb_noun"):
            build(router)

    def test_goes_with_a_name_of_its_own(self) -> None:
        router = Router(tag="X")
        for path in ("/things", "/others"):

            @router.get(path, public=True)
            async def list_things() -> None: ...

        with pytest.raises(InvariantViolated, match="of its own"):
            build(router)

    def test_allows_no_second_body_parameter(self) -> None:
        router = Router(tag="X")
        with pytest.raises(InvariantViolated, match="one JSON body"):

            @router.post("/things", public=True)
            async def make_thing(one: sample.Line, other: sample.Line) -> None: ...


class TestRoutes:
    async def test_ask_for_credentials_before_they_read_the_body(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.post("/v1/orders", content=b"{" * 1000)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"

    async def test_take_raw_bodies_of_the_types_they_declare(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.post(
                "/v1/raw", content=b"a,b\n1,1.5", headers={"Content-Type": "text/csv"}
            )
        assert response.json() == {"bytes": 9}

    async def test_without_a_body_take_none_or_an_empty_one(self) -> None:
        async with sample.client(sample.build()) as client:
            for body in (b"", b"{}"):
                response = await client.post(
                    "/v1/orders/ord_abcd/cancel", content=body, headers=sample.GOOD
                )
                assert response.json() == {"id": "ord_abcd"}

    async def test_take_as_much_as_they_declare(self) -> None:
        body = b'{"a":"' + b"x" * 2_000_000 + b'"}'
        headers = {"Content-Type": "application/json"}
        async with sample.client(sample.build()) as client:
            assert (await client.post("/v1/wide", content=body, headers=headers)).status_code == 200
            orders = await client.post(
                "/v1/orders", content=body, headers={**sample.GOOD, **headers}
            )
        assert orders.status_code == 413


class TestOpenApi:
    document = sample.build().openapi()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]

    def test_is_of_version_3_1_with_its_particulars(self) -> None:
        assert self.document["openapi"].startswith("3.1")
        assert self.document["servers"]
        assert self.document["info"]["contact"]
        assert self.document["info"]["license"]

    def test_names_each_operation_and_who_may_call_it(self) -> None:
        for _, _, operation in self.operations:
            assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", operation["operationId"])
            assert operation["tags"] == ["Orders"]
            assert operation["description"]
            assert "security" in operation
        cancel = self.document["paths"]["/v1/orders/{order_id}/cancel"]["post"]
        assert cancel["security"] == [
            {"api_key": ["orders:write"]},
            {"service_token": ["contact"]},
        ]

    def test_declares_the_key_of_every_protected_post(self) -> None:
        for path, method, operation in self.operations:
            names = [each["name"] for each in operation.get("parameters", [])]
            is_protected_post = method == "post" and operation["security"] != []
            assert ("Idempotency-Key" in names) is is_protected_post, path

    def test_describes_every_refusal_as_a_problem(self) -> None:
        for path, _, operation in self.operations:
            refusals = {int(each) for each in operation["responses"] if int(each) >= 400}
            assert {400, 422, 500, 503} <= refusals, path
            for status in refusals:
                content = operation["responses"][str(status)]["content"]
                assert list(content) == ["application/problem+json"]
        place = self.document["paths"]["/v1/orders"]["post"]["responses"]
        assert set(place["409"]["content"]["application/problem+json"]["examples"]) == {
            "conflict",
            "account-closed",
            "in-progress",
        }

    def test_promises_a_request_id_with_every_answer(self) -> None:
        for _, _, operation in self.operations:
            for response in operation["responses"].values():
                assert "Request-Id" in response["headers"]

    def test_holds_nothing_of_the_frameworks_own_errors(self) -> None:
        assert "HTTPValidationError" not in self.document["components"]["schemas"]
