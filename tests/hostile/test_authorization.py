"""Who may call what: every route with every kind of caller, against the reviewed table.

Callers: nobody, a key with every scope but the right one, another tenant's key, services that are
not named, tokens for another service, and the right one.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.databases import SERVICES
from tests.hostile.agency import Agency
from tests.hostile.operations import OF_NOBODY, OPEN_PATHS, OPERATIONS, Operation
from tests.hostile.refusals import refused
from tests.system import TENANT

pytestmark = pytest.mark.integration

PROTECTED = [each for each in OPERATIONS if not each.is_public]
EACH = pytest.mark.parametrize("operation", PROTECTED, ids=lambda each: each.name)
SCOPED = pytest.mark.parametrize(
    "operation", [each for each in PROTECTED if each.scope], ids=lambda each: each.name
)
_OF_ONE_ANSWER = re.compile(
    r"[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{32}|[0-9-]{10}T[0-9:.]+(?:Z|[+-][0-9:]+)"
    r"|whsec_[A-Za-z0-9+/=]+"
)


def _routes(agency: Agency) -> Iterator[tuple[str, Any]]:
    for name in SERVICES:
        for route in agency.office.system.services[name].app.api.routes:
            yield name, route


class TestTable:
    def test_lists_every_route_and_no_other(self, agency: Agency) -> None:
        listed = {(each.service, each.method, each.path) for each in OPERATIONS}
        served = {
            (name, method, route.path)
            for name, route in _routes(agency)
            for method in route.methods
            if route.path not in OPEN_PATHS
        }
        assert served == listed

    def test_says_what_the_routes_declare(self, agency: Agency) -> None:
        policies = {
            (name, method, route.path): route.policy
            for name, route in _routes(agency)
            for method in route.methods
            if route.path not in OPEN_PATHS
        }
        for each in OPERATIONS:
            policy = policies[(each.service, each.method, each.path)]
            assert policy.scope == each.scope, each.name
            assert policy.services == each.services, each.name
            assert policy.is_public == each.is_public, each.name
            assert policy.takes_key == each.takes_key, each.name

    def test_opens_probes_and_documentation_to_readers_only(self, agency: Agency) -> None:
        for _, route in _routes(agency):
            if route.path in OPEN_PATHS:
                assert route.methods == {"GET", "HEAD"}


@pytest.mark.asyncio(loop_scope="package")
class TestCallers:
    @EACH
    async def test_nobody_gets_in(self, agency: Agency, operation: Operation) -> None:
        headers = agency.headers(operation)
        del headers["authorization"]
        refused(await _call(agency, operation, headers), 401, "unauthenticated")

    @SCOPED
    async def test_a_key_without_the_scope_is_told_which(
        self, agency: Agency, operation: Operation
    ) -> None:
        assert operation.scope is not None
        others = sorted(agency.office.system.scopes() - {operation.scope})
        key = await agency.office.system.key(TENANT, others)
        response = await _call(agency, operation, agency.headers(operation, key))
        problem = refused(response, 403, "insufficient-scope")
        assert operation.scope in problem["detail"]

    @EACH
    async def test_a_service_gets_in_only_where_it_is_named(
        self, agency: Agency, operation: Operation
    ) -> None:
        before = await agency.written()
        for service in set(SERVICES) - set(operation.services):
            token = agency.token(service, operation.service)
            response = await _call(agency, operation, agency.headers(operation, token))
            refused(response, 403, "forbidden")
        elsewhere = next(each for each in SERVICES if each != operation.service)
        for service in SERVICES:
            token = agency.token(service, elsewhere)
            response = await _call(agency, operation, agency.headers(operation, token))
            refused(response, 401, "unauthenticated")
        assert await agency.written() == before

    @pytest.mark.parametrize(
        "operation", [each for each in PROTECTED if not each.scope], ids=lambda each: each.name
    )
    async def test_no_key_is_enough_for_what_only_services_do(
        self, agency: Agency, operation: Operation
    ) -> None:
        key = await agency.office.system.key(TENANT, ["*", *agency.office.system.scopes()])
        response = await _call(agency, operation, agency.headers(operation, key))
        refused(response, 403, "forbidden")

    @EACH
    async def test_another_tenant_learns_nothing(
        self, agency: Agency, operation: Operation
    ) -> None:
        before = await agency.written(TENANT)
        tenant = agency.office.ids.new("agy")  # a new one each time: it can only learn of ours
        credential = await agency.office.system.key(tenant)
        if operation.scope is None:
            credential = agency.token(operation.services[0], operation.service, tenant)
        theirs = await _call(agency, operation, agency.headers(operation, credential))
        missing = {
            name: id if name in OF_NOBODY else _missing(agency, id)
            for name, id in agency.objects.items()
        }
        nobodys = await _call(
            agency, operation, agency.headers(operation, credential), objects=missing
        )
        assert theirs.status_code < 500
        assert theirs.status_code == nobodys.status_code, theirs.text
        assert _shape(theirs.text) == _shape(nobodys.text)
        if operation.method == "GET":
            assert theirs.status_code == 404 or _is_empty(theirs.json()), theirs.text
        assert await agency.written(TENANT) == before

    async def test_the_right_one_gets_in_everywhere(self, agency: Agency) -> None:
        refusals = []
        for operation in PROTECTED:
            response = await _call(agency, operation, agency.headers(operation))
            if response.status_code not in (200, 201, 202, 409):
                refusals.append(f"{operation.name}: {response.text}")
        await agency.settled()
        assert refusals == []


async def _call(
    agency: Agency,
    operation: Operation,
    headers: dict[str, str],
    objects: dict[str, str] | None = None,
) -> Any:
    named = objects or agency.objects
    content = json.dumps(operation.body(named)).encode() if operation.body else b""
    return await agency.send(
        operation.service, operation.method, operation.filled(named), headers, content
    )


def _missing(agency: Agency, id: str) -> str:
    """Return an id of that kind which names nothing."""
    prefix, is_id, _ = id.partition("_")
    return agency.office.ids.new(prefix) if is_id else "4417-999"


def _shape(text: str) -> str:
    return _OF_ONE_ANSWER.sub("…", text)


def _is_empty(answer: dict[str, Any]) -> bool:
    return not answer.get("data") and not answer.get("lines")
