"""Each verdict on a change of an HTTP API, planted in the real documents."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.schemas.api_changes import broken_api
from tests.schemas.services import openapi_documents

PRESENT = openapi_documents()["contact"]
ATTEMPTS = "/v1/attempts"
ATTEMPT = "/v1/attempts/{attempt_id}"
Plant = Callable[[dict[str, Any]], Any]


def planted(plant: Plant) -> list[str]:
    """Return what is said when the released document became what a plant makes of it."""
    changed = copy.deepcopy(PRESENT)
    plant(changed)
    return broken_api(PRESENT, changed)


def asked(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["AttemptBody"]
    return found


def answered(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["AttemptDecided"]
    return found


def parameters(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["paths"][ATTEMPTS]["post"]["parameters"]
    return found


def header(*, required: bool) -> dict[str, Any]:
    return {"in": "header", "name": "Prefer", "required": required, "schema": {"type": "string"}}


PASSING: dict[str, Plant] = {
    "nothing": lambda document: None,
    "a path more": lambda document: document["paths"].update({"/v1/more": {}}),
    "a method more": lambda document: document["paths"][ATTEMPT].update(
        delete=document["paths"][ATTEMPT]["get"]
    ),
    "an optional field in a body": lambda document: asked(document)["properties"].update(
        hint={"type": "string"}
    ),
    "a value more in a body": lambda document: asked(document)["properties"]["channel"][
        "enum"
    ].append("text"),
    "a field more in an answer": lambda document: (
        answered(document)["properties"].update(hint={"type": "string"}),
        answered(document)["required"].append("hint"),
    ),
    "a value more in an answer": lambda document: answered(document)["properties"]["channel"][
        "enum"
    ].append("text"),
    "an optional parameter": lambda document: parameters(document).append(header(required=False)),
    "a problem more": lambda document: document["paths"][ATTEMPTS]["post"]["responses"].update(
        {"418": {"description": "Teapot"}}
    ),
    "a better explanation": lambda document: document["info"].update(description="Better."),
}
BREAKING: dict[str, tuple[Plant, str]] = {
    "a path": (lambda document: document["paths"].pop(ATTEMPT), f"{ATTEMPT} is gone"),
    "a method": (
        lambda document: document["paths"][ATTEMPTS].pop("post"),
        f"POST {ATTEMPTS} is gone",
    ),
    "the name of an operation": (
        lambda document: document["paths"][ATTEMPTS]["post"].update(operationId="try_it"),
        f"POST {ATTEMPTS}: operationId is another",
    ),
    "a scope": (
        lambda document: document["paths"][ATTEMPTS]["post"].update(
            security=[{"api_key": ["everything"]}]
        ),
        f"POST {ATTEMPTS}: credentials are no longer enough: api_key",
    ),
    "a field of a body": (
        lambda document: asked(document)["properties"].pop("portion"),
        f"POST {ATTEMPTS}: body portion: is removed",
    ),
    "a new required field of a body": (
        lambda document: (
            asked(document)["properties"].update(hint={"type": "string"}),
            asked(document)["required"].append("hint"),
        ),
        f"POST {ATTEMPTS}: body hint: is new and required",
    ),
    "a field that becomes required": (
        lambda document: asked(document)["required"].append("party_id"),
        f"POST {ATTEMPTS}: body party_id: became required",
    ),
    "a value in a body": (
        lambda document: asked(document)["properties"]["channel"]["enum"].remove("call"),
        f"POST {ATTEMPTS}: body channel: 'call' is refused",
    ),
    "a narrower text in a body": (
        lambda document: asked(document)["properties"]["purpose"].update(maxLength=3),
        f"POST {ATTEMPTS}: body purpose: maxLength was None and is 3",
    ),
    "another type in a body": (
        lambda document: asked(document)["properties"].update(purpose={"type": "integer"}),
        f"POST {ATTEMPTS}: body purpose: string is refused",
    ),
    "a new required parameter": (
        lambda document: parameters(document).append(header(required=True)),
        f"POST {ATTEMPTS}: header Prefer is new and required",
    ),
    "a parameter": (
        lambda document: parameters(document).clear(),
        f"POST {ATTEMPTS}: header Idempotency-Key is refused",
    ),
    "a narrower parameter": (
        lambda document: parameters(document)[0]["schema"].update(maxLength=3),
        f"POST {ATTEMPTS}: header Idempotency-Key the whole: maxLength was 255 and is 3",
    ),
    "a body where there was none": (
        lambda document: document["paths"][ATTEMPT]["get"].update(
            requestBody=document["paths"][ATTEMPTS]["post"]["requestBody"]
        ),
        f"GET {ATTEMPT}: a body is required",
    ),
    "the body": (
        lambda document: document["paths"][ATTEMPTS]["post"].pop("requestBody"),
        f"POST {ATTEMPTS}: a body is refused",
    ),
    "a field of an answer": (
        lambda document: answered(document)["properties"].pop("permit_id"),
        f"POST {ATTEMPTS}: 201 permit_id: is removed",
    ),
    "a field of an answer that may be missing": (
        lambda document: answered(document)["required"].remove("channel"),
        f"POST {ATTEMPTS}: 201 channel: became optional",
    ),
    "a field of an answer that may be null": (
        lambda document: answered(document)["properties"].update(
            purpose={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        f"POST {ATTEMPTS}: 201 purpose: null is allowed",
    ),
    "another type in an answer": (
        lambda document: answered(document)["properties"].update(purpose={"type": "integer"}),
        f"POST {ATTEMPTS}: 201 purpose: integer is allowed",
    ),
    "another status": (
        lambda document: document["paths"][ATTEMPTS]["post"]["responses"].update(
            {"202": document["paths"][ATTEMPTS]["post"]["responses"].pop("201")}
        ),
        f"POST {ATTEMPTS}: 201 is no longer answered",
    ),
    "a header of an answer": (
        lambda document: document["paths"][ATTEMPTS]["post"]["responses"]["201"].pop("headers"),
        f"POST {ATTEMPTS}: 201 is without the header Request-Id",
    ),
    "a field of every problem": (
        lambda document: document["components"]["schemas"]["Problem"]["properties"].pop("code"),
        f"GET {ATTEMPT}: 400 code: is removed",
    ),
}


@pytest.mark.parametrize("plant", PASSING.values(), ids=PASSING)
def test_callers_are_not_hurt_by(plant: Plant) -> None:
    assert planted(plant) == []


@pytest.mark.parametrize(("plant", "said"), BREAKING.values(), ids=BREAKING)
def test_callers_may_not_lose(plant: Plant, said: str) -> None:
    found = planted(plant)
    assert any(each.startswith(said) for each in found), found
    assert all("Keep what was released beside the new" in each for each in found)
