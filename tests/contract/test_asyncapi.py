"""The AsyncAPI document: valid, complete, and true to the code and to its own examples."""

import json
import os
from typing import Any

import jsonschema_rs
import pytest
import yaml

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.messaging.feed import START, Envelope
from shared.messaging.kafka import records
from tests.databases import SERVICES
from tests.schemas import event_types, files
from tests.schemas.asyncapi import DEAD_LETTER, MARKS
from tests.schemas.checking import validators
from tests.schemas.message_headers import INSTANT_AT, PUBLICATION, said_of_a_dead_letter
from tests.schemas.services import built, readers
from tests.schemas.specification import SpecificationUnavailable, asyncapi

DOCUMENT: dict[str, Any] = yaml.safe_load((files.ROOT / files.ASYNCAPI).read_text())
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
EVENTS = {name: each for name, each in MESSAGES.items() if name not in (*MARKS, DEAD_LETTER)}


@pytest.fixture(scope="module")
def specification() -> jsonschema_rs.Draft7Validator:
    try:
        return jsonschema_rs.Draft7Validator(asyncapi())
    except SpecificationUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def headers_of(message: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        {**message["headers"], "components": DOCUMENT["components"]}, validate_formats=True
    )


def resolved(reference: str) -> Any:
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


class TestDocument:
    def test_is_what_asyncapi_specifies(self, specification: jsonschema_rs.Draft7Validator) -> None:
        assert [each.message for each in specification.iter_errors(DOCUMENT)] == []

    @pytest.mark.parametrize(
        "broken",
        [
            {"asyncapi": "2.6.0"},
            {"operations": {"reads": {"action": "subscribe"}}},
            {"channels": {"ledger": {"address": 7}}},
            {"channels": {"ledger": {"bindings": {"kafka": {"partitions": 0}}}}},
        ],
    )
    def test_is_told_from_a_broken_one(
        self, specification: jsonschema_rs.Draft7Validator, broken: dict[str, Any]
    ) -> None:
        assert not specification.is_valid({**DOCUMENT, **broken})

    def test_refers_to_nothing_that_is_not_there(self) -> None:
        references = list(_references(DOCUMENT))
        assert len(references) > 100
        for each in references:
            if each.startswith("./"):
                assert (files.ROOT / files.SCHEMAS / each).is_file(), each
            else:
                assert resolved(each), each

    def test_has_a_channel_for_each_service_and_a_message_for_each_event(self) -> None:
        letters = {f"{each.name}.dlq" for each in readers() if each.source != each.service}
        assert set(DOCUMENT["channels"]) == {*SERVICES, *letters}
        assert (
            DOCUMENT["channels"]["ledger-holds-from-disputes.dlq"]["address"]
            == "forbear.disputes.events.v1.ledger-holds-from-disputes.dlq"
        )
        assert {each["name"] for each in EVENTS.values()} == {
            each.name for each in event_types.every()
        }


def _references(value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


class TestMessage:
    @pytest.mark.parametrize("name", EVENTS)
    def test_has_examples_that_fit(self, name: str) -> None:
        message = EVENTS[name]
        schema = json.loads((files.ROOT / files.SCHEMAS / message["payload"]["$ref"]).read_text())
        payload = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        key = jsonschema_rs.validator_for(message["bindings"]["kafka"]["key"])
        for example in message["examples"]:
            payload.validate(example["payload"])
            headers_of(message).validate(example["headers"])
            key.validate(example["headers"]["ce_partitionkey"])

    @pytest.mark.parametrize("name", EVENTS)
    def test_refuses_headers_of_another(self, name: str) -> None:
        headers = EVENTS[name]["examples"][0]["headers"]
        for wrong in ({"ce_type": "forbear.else.where.v1"}, {"ce_time": "lately"}):
            assert not headers_of(EVENTS[name]).is_valid(headers | wrong)
        without = {name: each for name, each in headers.items() if name != "ce_id"}
        assert not headers_of(EVENTS[name]).is_valid(without)

    def test_has_the_headers_that_the_relay_sends(self) -> None:
        for metadata in (
            Metadata(actor="process:views", correlation_id="evt_1"),
            Metadata(actor="a", correlation_id="c", causation_id="e", traceparent="00-1-2-01"),
        ):
            sent = records.headers_of(_envelope(metadata), PUBLICATION)
            headers = {name: value.decode() for name, value in sent}
            headers_of(EVENTS["ledger.account-activated.v1"]).validate(headers)

    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("publication-begun", records.beginning(PUBLICATION)),
            ("watermark", records.watermark(PUBLICATION, INSTANT_AT)),
            (DEAD_LETTER, said_of_a_dead_letter()),
        ],
    )
    def test_that_is_no_event_has_its_headers(self, name: str, sent: records.Headers) -> None:
        headers = {name: value.decode() for name, value in sent}
        headers_of(MESSAGES[name]).validate(headers)
        for each in headers:
            without = {key: value for key, value in headers.items() if key != each}
            assert not headers_of(MESSAGES[name]).is_valid(without)


def _envelope(metadata: Metadata) -> Envelope:
    (event,) = (
        each for each in event_types.every() if each.name == "forbear.ledger.account-activated.v1"
    )
    example = EVENTS["ledger.account-activated.v1"]["examples"][0]
    return Envelope(
        source=event.service,
        position=START,
        tenant=example["headers"]["ce_tenant"],
        stream=example["headers"]["ce_subject"],
        version=7,
        event_id=example["headers"]["ce_id"],
        type=event.name,
        data=codec.encode(example["payload"]),
        metadata_bytes=codec.encode(metadata),
        occurred_at=INSTANT_AT,
        recorded_at=INSTANT_AT,
    )


class TestOperations:
    def test_are_one_relay_a_service_and_every_subscription_to_another(self) -> None:
        named = {
            action: {
                name for name, each in DOCUMENT["operations"].items() if each["action"] == action
            }
            for action in ("send", "receive")
        }
        assert named["send"] == {f"{each}-relay" for each in SERVICES} | {
            f"{each}.dlq" for each in named["receive"]
        }
        assert named["receive"] == {each.name for each in readers() if each.source != each.service}
        assert "compliance-facts-from-ledger" in named["receive"]

    def test_name_the_events_that_handlers_take(self) -> None:
        taken = DOCUMENT["operations"]["ledger-holds-from-disputes"]["messages"]
        assert [each["$ref"].rpartition("/")[2] for each in taken] == [
            "disputes.dispute-opened.v1",
            "disputes.dispute-resolved.v1",
            *MARKS,
        ]
        everything = DOCUMENT["operations"]["compliance-audit-from-ledger"]["messages"]
        assert len(everything) == len(event_types.stored_by("ledger")) + len(MARKS)

    def test_send_whatever_is_received(self) -> None:
        for name, operation in DOCUMENT["operations"].items():
            service = operation["channel"]["$ref"].rpartition("/")[2]
            if service not in SERVICES:
                continue
            relay = DOCUMENT["operations"][f"{service}-relay"]["messages"]
            assert all(each in relay for each in operation["messages"]), name


def test_every_reader_was_found() -> None:
    assert {each.service for each in readers()} == set(built()) == set(SERVICES)
    assert set(validators()) == {each.name for each in event_types.every()}
