"""The OpenAPI documents of the four services: valid, complete, and true to their own examples."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from tests.databases import SERVICES
from tests.hostile.operations import OPERATIONS
from tests.schemas.services import openapi_documents

DOCUMENTS = openapi_documents()
EACH = pytest.mark.parametrize("name", SERVICES)


def operations(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENTS[name]["paths"].items():
        for method, described in methods.items():
            yield path, method, described


def _within(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from _within(each)


class TestDocument:
    @EACH
    def test_is_valid(self, name: str) -> None:
        schemathesis.openapi.from_dict(DOCUMENTS[name]).validate()

    @EACH
    def test_refers_to_nothing_that_is_not_in_it(self, name: str) -> None:
        for each in _within(DOCUMENTS[name]):
            if isinstance(each.get("$ref"), str):
                here = DOCUMENTS[name]
                for part in each["$ref"].removeprefix("#/").split("/"):
                    here = here[part]

    @EACH
    def test_describes_every_route(self, name: str) -> None:
        described = {(path, method.upper()) for path, method, _ in operations(name)}
        assert described == {
            (each.path, each.method) for each in OPERATIONS if each.service == name
        }

    @EACH
    def test_holds_valid_schemas(self, name: str) -> None:
        for schema in DOCUMENTS[name]["components"]["schemas"].values():
            jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})


DIALECT = "https://json-schema.org/draft/2020-12/schema"


class TestOperation:
    @EACH
    def test_has_a_name_of_its_own_a_tag_and_a_description(self, name: str) -> None:
        names = [described["operationId"] for _, _, described in operations(name)]
        assert len(set(names)) == len(names)
        for _, _, described in operations(name):
            assert described["tags"]
            assert described["description"].strip()
            assert "security" in described

    @EACH
    def test_declares_its_problems_with_right_examples(self, name: str) -> None:
        schemas = DOCUMENTS[name]["components"]
        problem = jsonschema_rs.validator_for(
            {"$ref": "#/components/schemas/Problem", "components": schemas}
        )
        for path, _, described in operations(name):
            refusals = {status for status in described["responses"] if int(status) >= 400}
            assert {"400", "422", "500", "503"} <= refusals, path
            assert not described["security"] or {"401", "403"} <= refusals, path
            for status in refusals:
                content = described["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], path
                for code, example in content["application/problem+json"]["examples"].items():
                    problem.validate(example["value"])
                    assert example["value"]["status"] == int(status)
                    assert example["value"]["code"] == code

    @EACH
    def test_describes_what_it_answers(self, name: str) -> None:
        for path, _, described in operations(name):
            answers = [each for each in described["responses"] if int(each) < 300]
            assert answers, path
            for status in answers:
                schema = described["responses"][status]["content"]["application/json"]["schema"]
                assert schema, path

    @EACH
    def test_takes_a_key_if_it_changes_something(self, name: str) -> None:
        for path, method, described in operations(name):
            names = [each["name"] for each in described.get("parameters", ())]
            is_question = path == "/v1/permits:preview"
            takes_key = method == "post" and bool(described["security"]) and not is_question
            assert ("Idempotency-Key" in names) is takes_key, path

    @EACH
    def test_has_nothing_personal_in_its_address(self, name: str) -> None:
        personal = ("name", "phone", "email", "address", "ssn", "birth", "number")
        for path, _, described in operations(name):
            for each in described.get("parameters", ()):
                if each["in"] == "query":
                    assert not any(word in each["name"] for word in personal), path
