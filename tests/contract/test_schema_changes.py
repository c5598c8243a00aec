"""Each verdict on a change of a schema, planted in a small one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.schemas import event_types, released
from tests.schemas.changes import UnknownKeyword, changes
from tests.schemas.event_schemas import schema_of

NAME = "forbear.ledger.payment-recorded.v1"
PRESENT = {each.name: schema_of(each) for each in event_types.every()}
Plant = Callable[[dict[str, Any]], Any]


def planted(plant: Plant) -> list[str]:
    """Return what is said when the released schema became what a plant makes of it."""
    changed = copy.deepcopy(PRESENT[NAME])
    plant(changed)
    return released.broken_events({NAME: PRESENT[NAME]}, {NAME: changed})


def rename(schema: dict[str, Any], old: str, new: str) -> None:
    schema["properties"][new] = schema["properties"].pop(old)
    schema["required"] = [new if each == old else each for each in schema["required"]]


PASSING: dict[str, Plant] = {
    "nothing": lambda schema: None,
    "an optional field is added": lambda schema: schema["properties"].update(
        came_later={"type": "string"}
    ),
    "a record gains an optional field": lambda schema: schema["$defs"]["Money"][
        "properties"
    ].update(exponent={"type": "integer"}),
    "it is explained better": lambda schema: schema.update(description="Better.", examples=[]),
}
BREAKING: dict[str, tuple[Plant, str]] = {
    "a field is removed": (
        lambda schema: schema["properties"].pop("plan_id"),
        "plan_id: is removed",
    ),
    "a field is renamed": (
        lambda schema: rename(schema, "received_by", "receiver"),
        "receiver: is new and required",
    ),
    "a required field is added": (
        lambda schema: (
            schema["properties"].update(came_later={"type": "string"}),
            schema["required"].append("came_later"),
        ),
        "came_later: is new and required",
    ),
    "a field becomes required": (
        lambda schema: schema["required"].append("plan_id"),
        "plan_id: became required",
    ),
    "a field becomes optional": (
        lambda schema: schema["required"].remove("at"),
        "at: became optional",
    ),
    "another type": (
        lambda schema: schema["properties"].update(amount={"type": "integer"}),
        "amount: object is refused",
    ),
    "fractions": (
        lambda schema: schema["$defs"]["Money"]["properties"]["amount"].update(type="number"),
        "amount.amount: fractions are allowed",
    ),
    "whole numbers only": (
        lambda schema: schema["$defs"]["Money"]["properties"]["amount"].update(maximum=99),
        "amount.amount: maximum was 9007199254740991 and is 99",
    ),
    "a value is removed": (
        lambda schema: schema["properties"]["received_by"]["enum"].remove("platform"),
        "received_by: 'platform' is refused",
    ),
    "a value is added": (
        lambda schema: schema["properties"]["received_by"]["enum"].append("court"),
        "received_by: 'court' is allowed",
    ),
    "any value": (
        lambda schema: schema["properties"]["received_by"].pop("enum"),
        "received_by: any value is allowed",
    ),
    "none where there was a value": (
        lambda schema: schema["properties"].update(
            at={"anyOf": [{"$ref": "#/$defs/Instant"}, {"type": "null"}]}
        ),
        "at: null is allowed",
    ),
    "a value where there was none": (
        lambda schema: schema["properties"].update(plan_id={"type": "string"}),
        "plan_id: null is refused",
    ),
    "another form of text": (
        lambda schema: schema["properties"]["payment_id"].update(pattern="^[0-9]+$"),
        "payment_id: pattern was",
    ),
    "longer text only": (
        lambda schema: schema["properties"]["payment_id"].update(minLength=40),
        "payment_id: minLength was None and is 40",
    ),
    "one where there was a list": (
        lambda schema: schema["properties"].update(consumer_ids={"type": "string"}),
        "consumer_ids: array is refused",
    ),
    "other items of a list": (
        lambda schema: schema["properties"]["consumer_ids"].update(items={"type": "integer"}),
        "consumer_ids[]: string is refused",
    ),
    "other values of a mapping": (
        lambda schema: schema["properties"]["allocation"].update(
            additionalProperties={"type": "string"}
        ),
        "allocation.*: integer is refused",
    ),
    "no other fields": (
        lambda schema: schema.update(additionalProperties=False),
        "the whole: other properties are refused",
    ),
}


class TestReleasedEvents:
    @pytest.mark.parametrize("plant", PASSING.values(), ids=PASSING)
    def test_may_gain_what_nobody_has_to_have(self, plant: Plant) -> None:
        assert planted(plant) == []

    @pytest.mark.parametrize(("plant", "said"), BREAKING.values(), ids=BREAKING)
    def test_may_not_change_otherwise(self, plant: Plant, said: str) -> None:
        found = planted(plant)
        assert any(each.startswith(f"{NAME}: {said}") for each in found), found
        assert all("add forbear.ledger.payment-recorded.v2 beside it" in each for each in found)

    def test_may_not_disappear(self) -> None:
        without = {name: each for name, each in PRESENT.items() if name != NAME}
        (found,) = released.broken_events(PRESENT, without)
        assert found.startswith(f"{NAME} is gone")

    def test_may_gain_another_version_and_another_type(self) -> None:
        more = {**PRESENT, "forbear.ledger.payment-recorded.v2": {}, "forbear.ledger.new.v1": {}}
        assert released.broken_events(PRESENT, more) == []

    def test_may_not_lose_a_variant_of_a_field(self) -> None:
        name = "forbear.compliance.fact-recorded.v1"
        changed = copy.deepcopy(PRESENT[name])
        changed["properties"]["fact"]["anyOf"].pop(0)
        (found,) = released.broken_events({name: PRESENT[name]}, {name: changed})
        assert found.startswith(f"{name}: fact: kind 'account-known' is refused")


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}


@pytest.mark.parametrize(
    ("new", "writers_break", "readers_break"),
    [
        ({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, False, False),
        (
            {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]},
            False,
            True,
        ),
        ({"properties": {}}, True, True),
        ({"properties": {"a": {"type": "string", "maxLength": 3}}}, False, True),
        ({"properties": {"a": {"enum": ["x"]}}}, False, True),
        ({"properties": {"a": {}}}, True, False),
    ],
)
def test_writers_may_not_widen_and_readers_may_not_narrow(
    new: dict[str, Any], writers_break: bool, readers_break: bool
) -> None:
    found = changes(OPEN, {**OPEN, **new})
    assert any(each.widens for each in found) is writers_break
    assert any(each.narrows for each in found) is readers_break


def test_integers_are_numbers() -> None:
    (found,) = changes({"type": "integer"}, {"type": "number"})
    assert (found.narrows, found.widens) == (False, True)
    (found,) = changes({"type": "number"}, {"type": "integer"})
    assert (found.narrows, found.widens) == (True, False)


def test_a_list_of_values_that_all_have_the_form_needs_no_form() -> None:
    listed, formed = {"type": "string", "enum": ["a"]}, {"type": "string", "pattern": "^[a-z]$"}
    (found,) = changes(listed, formed)
    assert (found.what, found.narrows) == ("any value is allowed", False)
    strange = {"type": "string", "enum": ["A"]}
    assert any(each.narrows for each in changes(strange, formed))


def test_a_schema_that_holds_itself_is_compared() -> None:
    tree = {"$ref": "#/$defs/Tree", "$defs": {"Tree": _tree("string")}}
    assert changes(tree, tree) == []
    other = {"$ref": "#/$defs/Tree", "$defs": {"Tree": _tree("integer")}}
    assert {each.where for each in changes(tree, other)} == {"leaf"}


def _tree(leaf: str) -> dict[str, Any]:
    branches = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    return {"type": "object", "properties": {"leaf": {"type": leaf}, "branches": branches}}


def test_a_keyword_that_cannot_be_compared_is_no_silent_pass() -> None:
    with pytest.raises(UnknownKeyword, match="patternProperties"):
        changes(OPEN, {**OPEN, "patternProperties": {}})
