"""Everything that can be wrong with a request, sent to every route of every service.

Each is refused with a problem that names the field and echoes nothing, and none leaves anything
behind. The requests are made from the routes, the OpenAPI documents and one right body a route.
"""

from typing import Any

import pytest
import pytest_asyncio

from tests.hostile import bad_requests, mutations
from tests.hostile.agency import JSON, Agency
from tests.hostile.operations import OPERATIONS, Operation
from tests.hostile.refusals import pointers_of, refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="package")]

EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
WITH_BODY = pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body], ids=lambda each: each.name
)


@pytest_asyncio.fixture(scope="module", loop_scope="package", autouse=True)
async def _calm(agency: Agency) -> None:
    """Let arrive what the tests of another module have set going: here nothing may be written."""
    await agency.settled()


def _described(agency: Agency, operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    document = agency.office.system.services[operation.service].app.openapi()
    return document, document["paths"][operation.path][operation.method.lower()]


def _content(agency: Agency, operation: Operation) -> bytes:
    import json

    return json.dumps(operation.body(agency.objects)).encode() if operation.body else b""


@EACH
async def test_is_refused_before_anything_happens(agency: Agency, operation: Operation) -> None:
    before = await agency.written()
    _, described = _described(agency, operation)
    right = _content(agency, operation)
    failures = []
    for bad in bad_requests.of(operation, described.get("parameters", [])):
        path = operation.filled(agency.objects, **(bad.path or {}))
        headers = bad_requests.headers_of(agency.headers(operation), bad)
        response = await agency.send(
            operation.service,
            bad.method or operation.method,
            f"{path}?{bad.query}" if bad.query else path,
            headers,
            right if bad.content is None else bad.content,
        )
        try:
            refused(response, bad.status, bad.code)
        except AssertionError as error:
            failures.append(f"{bad.name}: {str(error)[:300]}")
    assert failures == []
    assert await agency.written() == before


@WITH_BODY
async def test_a_bad_body_is_refused_by_field(agency: Agency, operation: Operation) -> None:
    before = await agency.written()
    document, described = _described(agency, operation)
    assert operation.body is not None
    schema = described["requestBody"]["content"][JSON]["schema"]
    path = operation.filled(agency.objects)
    failures = []
    for bad in mutations.of(document, schema, operation.body(agency.objects)):
        headers = agency.headers(operation)
        response = await agency.send(
            operation.service, operation.method, path, headers, bad.content
        )
        try:
            problem = refused(response, bad.status, bad.code)
            if bad.pointer is not None:
                assert bad.pointer in pointers_of(problem), problem
        except AssertionError as error:
            failures.append(f"{bad.name}: {str(error)[:300]}")
    assert failures == []
    assert await agency.written() == before
