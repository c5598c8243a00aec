"""Requests made from the OpenAPI documents: no answer is a 5xx, and every answer is as documented.

Two in three name objects that exist, and half of the bodies are a right one with some fields
changed, so that they reach the domain. `FORBEAR_TEST_CASES` sets how many each route gets.
"""

import copy
import os
import re
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.transport import Response

from tests.databases import SERVICES, Server
from tests.hostile.agency import Agency, seeded
from tests.hostile.operations import OPERATIONS, PATH_OBJECTS, Operation
from tests.hostile.refusals import refused

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

CASES = int(os.environ.get("FORBEAR_TEST_CASES", "200"))
FIELDS_CHANGED_MAX = 3
CHECKS = (
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
)
#: Answered before the route is known, so no operation lists them.
OF_THE_EDGE = {
    "ambiguous-length",
    "bad-host",
    "duplicate-header",
    "malformed-request",
    "method-not-allowed",
    "misdirected",
    "not-found",
    "uri-too-long",
}
INSTANTS = ("2026-06-10T18:00:00Z", "2026-06-10T17:59:59.999999Z", "2026-06-01T00:00:00+05:30")
DATES = ("2026-06-10", "2026-06-11", "2027-02-28", "1999-12-31")
REQUEST = {"method", "url", "headers", "files", "data", "params", "json", "cookies"}
_ID = re.compile(r"([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agency(postgres_server: Server) -> Any:
    """Return an agency of its own: much will have happened to it."""
    async with seeded(postgres_server) as made:
        yield made


@pytest.fixture(scope="module")
def schemas(agency: Agency) -> dict[str, Any]:
    """Return the documents without credentials and keys, which every request gets by itself."""
    return {
        name: schemathesis.openapi.from_dict(
            _bare(agency.office.system.services[name].app.openapi())
        )
        for name in SERVICES
    }


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    bare = copy.deepcopy(document)
    bare["components"].pop("securitySchemes")
    for methods in bare["paths"].values():
        for described in methods.values():
            described.pop("security", None)
            described["parameters"] = [
                each for each in described.get("parameters", ()) if each["in"] != "header"
            ]
    return bare


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_is_answered_as_documented(
    agency: Agency, schemas: dict[str, Any], operation: Operation, data: st.DataObject
) -> None:
    described = schemas[operation.service][operation.path][operation.method]
    mode = data.draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
    case: Case[Any] = data.draw(described.as_strategy(generation_mode=mode))
    _aim(data.draw, agency, operation, case)
    response = await _send(data.draw, agency, operation, case)
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        problem = refused(response, response.status_code)
        documented = _codes(described.definition.raw, response.status_code)
        assert problem["code"] in documented | OF_THE_EDGE, problem
        if problem["code"] in OF_THE_EDGE:
            return
    case.validate_response(Response.from_any(response), checks=list(CHECKS))


def _codes(described: dict[str, Any], status: int) -> set[str]:
    documented = described["responses"].get(str(status), {})
    return set(
        documented.get("content", {}).get("application/problem+json", {}).get("examples", {})
    )


def _aim(draw: Any, agency: Agency, operation: Operation, case: Case[Any]) -> None:
    """Let a case be about what exists."""
    if draw(st.sampled_from((True, True, False))):
        for name in operation.parameters:
            case.path_parameters[name] = agency.objects[PATH_OBJECTS[name]]
    if operation.body is None or not isinstance(case.body, dict):
        return
    if draw(st.booleans()):
        right = operation.body(agency.objects)
        names = st.lists(st.sampled_from(sorted(case.body)), max_size=FIELDS_CHANGED_MAX)
        changed = draw(names) if case.body else []
        case.body = {**right, **{name: case.body[name] for name in changed}}
    if draw(st.booleans()):
        case.body = _real(draw, agency, case.body)


def _real(draw: Any, agency: Agency, value: Any) -> Any:
    match value:
        case dict():
            return {key: _real(draw, agency, each) for key, each in value.items()}
        case list():
            return [_real(draw, agency, each) for each in value]
        case str() if found := _ID.fullmatch(value):
            return agency.objects.get(found[1], value)
        case str() if _INSTANT.fullmatch(value):
            return draw(st.sampled_from(INSTANTS))
        case str() if _DATE.fullmatch(value):
            return draw(st.sampled_from(DATES))
        case _:
            return value


async def _send(
    draw: Any, agency: Agency, operation: Operation, case: Case[Any]
) -> httpx2.Response:
    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1")
    prepared = requests.Request(**{name: kwargs[name] for name in REQUEST & set(kwargs)}).prepare()
    body: Any = prepared.body or b""
    content: bytes = body.encode() if isinstance(body, str) else body
    headers = agency.headers(operation)
    if operation.is_public and draw(st.sampled_from((True, True, False))):
        headers = agency.signed(content, agency.office.key())
    given = {
        name.lower(): value if isinstance(value, str) else value.decode("latin-1")
        for name, value in prepared.headers.items()
    }
    path = prepared.path_url
    return await agency.send(
        operation.service, operation.method, path, {**given, **headers}, content
    )
