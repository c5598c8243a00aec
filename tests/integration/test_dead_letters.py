"""Over Kafka a parked event is also a record among the dead letters, for anybody to consume."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.messaging.kafka.connection import Brokers
from tests.databases import SERVICES, Server
from tests.integration.contact.office import Person
from tests.integration.test_dlq import FACTS, Agency, agency_opened, rules
from tests.integration.test_over_kafka import STALENESS_S, Relays
from tests.kafka.provider import remove_topics

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

TIMELINE = "compliance-timeline-from-ledger"
EVENTS = "forbear.ledger.events.v1"
ARRIVAL_S = 60.0
DEAD = f"{EVENTS}.{FACTS}.dlq"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agency(postgres_server: Server, kafka_brokers: Brokers) -> AsyncIterator[Agency]:
    await remove_topics(kafka_brokers)
    settings = {
        "kafka_bootstrap_servers": kafka_brokers.bootstrap_servers,
        "staleness_bound_s": STALENESS_S,
    }
    async with agency_opened(postgres_server, **settings) as made:
        relays = Relays(made.office, kafka_brokers)
        await relays.start(*SERVICES)
        yield made
        await relays.stop(*SERVICES)


async def records(brokers: Brokers, topic: str, count: int) -> list[Any]:
    """Consume so many records of a topic, as anybody would."""
    consumer = AIOKafkaConsumer(
        topic, auto_offset_reset="earliest", metadata_max_age_ms=500, **brokers.options()
    )
    await consumer.start()
    try:
        found: list[Any] = []
        async with asyncio.timeout(ARRIVAL_S):
            while len(found) < count:
                for several in (await consumer.getmany(timeout_ms=1_000)).values():
                    found += several
        return sorted(found, key=lambda each: each.timestamp)
    finally:
        await consumer.stop()


async def published_for(brokers: Brokers, person: Person) -> Any:
    """Return the first event that was published for a person."""
    consumer = AIOKafkaConsumer(EVENTS, auto_offset_reset="earliest", **brokers.options())
    await consumer.start()
    try:
        async with asyncio.timeout(ARRIVAL_S):
            async for each in consumer:
                if each.key == person.consumer_id.encode():
                    return each
    finally:
        await consumer.stop()


async def original(brokers: Brokers, headers: dict[str, bytes]) -> Any:
    """Read the record that a dead letter says it was."""
    at = TopicPartition(
        headers["dlq-original-topic"].decode(), int(headers["dlq-original-partition"])
    )
    consumer = AIOKafkaConsumer(**brokers.options())
    consumer.assign([at])
    await consumer.start()
    try:
        consumer.seek(at, int(headers["dlq-original-offset"]))
        return await consumer.getone(at)
    finally:
        await consumer.stop()


async def test_a_parked_event_can_be_consumed_as_it_came_with_what_became_of_it(
    agency: Agency, kafka_brokers: Brokers
) -> None:
    person, event_id = await agency.stopped(payments=2)
    assert await rules(person) == ["facts-parked"]
    head, behind = await records(kafka_brokers, DEAD, 2)
    headers = dict(head.headers)
    assert headers["ce_id"].decode() == event_id
    assert head.key.decode() == person.consumer_id
    assert headers["dlq-reason"] == b"failed"
    assert headers["dlq-exception"] == b"CheckViolationError"
    assert headers["dlq-attempts"] == b"5"
    assert headers["dlq-at"].endswith(b"Z")
    came = await original(kafka_brokers, headers)
    assert (came.key, came.value) == (head.key, head.value)
    assert head.headers[: len(came.headers)] == came.headers
    assert dict(behind.headers)["dlq-reason"] == b"behind-a-parked-event"

    failed = await agency.shell.run(f"dlq retry {event_id} --by", "Grace Hopper")
    assert failed.exit_code == 1
    again = (await records(kafka_brokers, DEAD, 3))[-1]
    assert dict(again.headers)["dlq-attempts"] == b"10"
    (shown,) = await agency.shell.json(f"dlq show {event_id}")
    assert shown["dead_letter_at"] is not None

    await agency.mend()
    done = await agency.shell.run(f"dlq retry {event_id} --by", "Grace Hopper")
    assert done.exit_code == 0, done.output
    await person.permitted("email")


async def test_a_record_that_lost_its_value_stops_whom_it_was_published_for(
    agency: Agency, kafka_brokers: Brokers
) -> None:
    person, other = await agency.office.place(), await agency.office.place()
    await person.permitted("email")
    model = await published_for(kafka_brokers, person)
    headers = [
        (name, {"ce_id": b"evt_forged", "ce_sequence": b"99"}.get(name, value))
        for name, value in model.headers
    ]
    producer = AIOKafkaProducer(**kafka_brokers.options())
    await producer.start()
    await producer.send_and_wait(
        EVENTS, None, key=model.key, partition=model.partition, headers=headers
    )
    await producer.stop()

    async def is_parked() -> bool:
        return {FACTS, TIMELINE} <= {each["subscription"] for each in await agency.parked()}

    await agency.office.until(is_parked)
    assert await rules(person) == ["facts-parked"]
    await other.permitted("email")
    letter = (await records(kafka_brokers, DEAD, 4))[-1]
    assert (letter.key, letter.value) == (model.key, None)
    assert dict(letter.headers)["dlq-reason"] == b"undecodable"
    several = await agency.shell.run("dlq discard evt_forged --by me --reason", "forged")
    assert several.exit_code == 2
    assert "say which with --subscription" in several.stderr
    for each in await agency.parked():
        done = await agency.shell.run(
            f"dlq discard evt_forged --subscription {each['subscription']} --by me --reason",
            "the brokers had it without its value; the log never had it",
        )
        assert done.exit_code == 0, done.output
    await person.permitted("email")
