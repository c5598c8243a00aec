"""The event schemas are true: what is stored fits them, and what they allow can be read."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore import codec
from shared.testing.simulation import VirtualLoop, run
from tests.contract.events_at_random import anything, events
from tests.schemas import event_types, files
from tests.schemas.checking import faults, validators
from tests.schemas.event_schemas import schema_of
from tests.schemas.event_types import EventType
from tests.schemas.examples import example_of
from tests.schemas.services import reading_classes
from tests.simulation.composition import REAL
from tests.simulation.seeds import keep_quiet
from tests.simulation.simulation import Simulation
from tests.simulation.workload import Workload

EVENT_TYPES = event_types.every()
EACH = pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda each: each.name)
QUICKLY = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
SEEDS = range(1, 4)


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


class TestSchemas:
    @EACH
    def test_are_json_schema(self, event: EventType) -> None:
        jsonschema_rs.meta.validate(schema_of(event))

    @EACH
    def test_say_what_each_event_means(self, event: EventType) -> None:
        assert schema_of(event)["description"].endswith(".")

    @EACH
    def test_allow_their_own_defaults(self, event: EventType) -> None:
        schema = schema_of(event)
        for part in (schema, *schema.get("$defs", {}).values()):
            for field in part.get("properties", {}).values():
                if "default" in field:
                    whole = {**field, "$defs": schema.get("$defs", {})}
                    assert jsonschema_rs.validator_for(whole).is_valid(field["default"]), field

    @pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda each: each.name)
    @given(data=st.data())
    @QUICKLY
    def test_allow_every_event_that_can_be_stored(
        self, event: EventType, data: st.DataObject
    ) -> None:
        stored = codec.encode(data.draw(events(event.cls)))
        assert faults(event.name, stored) == []

    @pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda each: each.name)
    @given(data=st.data())
    @QUICKLY
    def test_allow_nothing_that_cannot_be_read(self, event: EventType, data: st.DataObject) -> None:
        value = copy.deepcopy(example_of(event.cls))
        places = list(_places(value))
        holder, key = data.draw(st.sampled_from(places))
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(anything())
        if validators()[event.name].is_valid(value):
            for cls in (event.cls, *reading_classes(event.name)):
                codec.decode(cls, encoded(value))

    def test_hold_for_the_logs_of_simulated_worlds(self) -> None:
        keep_quiet()
        seen: set[str] = set()
        for seed in SEEDS:
            for type_name, stored in _logs(seed):
                assert faults(type_name, stored) == []
                seen.add(type_name)
        assert len(seen) > len(EVENT_TYPES) / 2


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _logs(seed: int) -> Iterator[tuple[str, bytes]]:
    simulations: list[Simulation] = []

    async def main(loop: VirtualLoop) -> None:
        simulations.append(Simulation(seed, loop, REAL))
        await Workload(simulations[0]).run()

    run(main)
    for database in simulations[0].databases.values():
        for each in database.log:
            yield each.event.type, each.event.data


PAID = "forbear.ledger.payment-recorded.v1"
REFUSED = "forbear.compliance.permit-refused.v1"
PLACED = "forbear.ledger.account-placed.v1"
FACT = "forbear.compliance.fact-recorded.v1"
NOTHING = object()


@pytest.mark.parametrize(
    ("name", "place", "wrong"),
    [
        (PAID, "amount.amount", 125.5),
        (PAID, "amount.amount", "12500"),
        (PAID, "amount.amount", 2**53),
        (PAID, "amount.currency", "usd"),
        (PAID, "amount", 12500),
        (PAID, "allocation.principal", 1.5),
        (PAID, "payment_id", "acct_01h455vb4pex5vsknk084sn02q"),
        (PAID, "payment_id", "pay_1"),
        (PAID, "consumer_ids", "cns_01h455vb4pex5vsknk084sn02q"),
        (PAID, "received_by", "somebody"),
        (PAID, "after_exit", "no"),
        (PAID, "at", "2026-03-02T15:04:05.678900+01:00"),
        (PAID, "at", "2026-03-02"),
        (PAID, "at", "2026-13-02T15:04:05Z"),
        (PAID, "at", None),
        (PAID, "at", NOTHING),
        (PAID, "external_ref", "account of Ada Lovelace"),
        (PAID, "reference", "account of Ada Lovelace"),
        (PLACED, "account_number", "4111 1111"),
        (PLACED, "account_number.ciphertext", "in clear!"),
        (PLACED, "parties.0.name", {"key_id": "cns_1/1"}),
        (PLACED, "particulars.interest_terms.rate", "6,99"),
        (PLACED, "itemization.date", "02.03.2026"),
        (REFUSED, "objections.0.verdict", "permit"),
        (REFUSED, "watermarks.compliance-facts-from-ledger", "lately"),
        (FACT, "fact.kind", "rumor"),
        (FACT, "fact.kind", NOTHING),
    ],
)
def test_wrong_data_is_refused(name: str, place: str, wrong: Any) -> None:
    (event,) = (each for each in EVENT_TYPES if each.name == name)
    value = example_of(event.cls)
    assert faults(name, encoded(value)) == []
    *path, last = (int(each) if each.isdigit() else each for each in place.split("."))
    holder = value
    for each in path:
        holder = holder[each]
    if wrong is NOTHING:
        del holder[last]
    else:
        holder[last] = wrong
    assert faults(name, encoded(value)) != []


@EACH
def test_a_field_that_came_later_is_passed_over(event: EventType) -> None:
    value = example_of(event.cls) | {"came_later": {"amount": 1.5}}
    assert faults(event.name, encoded(value)) == []
    codec.decode(event.cls, encoded(value))


def test_every_example_that_was_ever_released_can_be_read() -> None:
    by_name = {each.name: each for each in EVENT_TYPES}
    read = 0
    for name, schema in files.released_events().items():
        for example in schema["examples"]:
            for cls in (by_name[name].cls, *reading_classes(name)):
                codec.decode(cls, encoded(example))
                read += 1
    assert read > len(EVENT_TYPES)


def test_what_is_personal_is_named() -> None:
    by_name = {each.name: schema_of(each) for each in EVENT_TYPES}
    assert by_name[PLACED]["x-personal-data"] == ["digest", "pseudonym", "sealed"]
    assert by_name["forbear.ledger.account-activated.v1"]["x-personal-data"] == ["pseudonym"]
    for name, schema in by_name.items():
        holds_sealed = '"#/$defs/Sealed"' in json.dumps(schema)
        assert holds_sealed == ("sealed" in schema["x-personal-data"]), name
