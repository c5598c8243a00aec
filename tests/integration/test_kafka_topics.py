"""A topic that somebody else made is made to keep everything, or refused."""

import itertools
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.kafka import configs
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.topics import ensure_topic
from shared.telemetry.attributes import LOG_KEYS

pytestmark = pytest.mark.integration

_NUMBERS = itertools.count()
POLICY_VIOLATION = 44
SETTINGS = configs.for_ever(1)


@pytest.fixture
async def admin(kafka_brokers: Brokers) -> AsyncIterator[Any]:
    made = AIOKafkaAdminClient(**kafka_brokers.options())
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def topic() -> str:
    return f"settings-{next(_NUMBERS)}"


async def settings(admin: Any, topic: str) -> Mapping[str, str]:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {name: value for name, value, *_ in answer.resources[0][4]}


class TestEnsureTopic:
    async def test_a_new_topic_keeps_everything(
        self, admin: Any, topic: str, kafka_brokers: Brokers
    ) -> None:
        assert await ensure_topic(kafka_brokers, topic, 2, 1) == 2
        assert SETTINGS.items() <= (await settings(admin, topic)).items()

    async def test_one_that_forgets_is_made_to_keep_everything(
        self, admin: Any, topic: str, kafka_brokers: Brokers
    ) -> None:
        theirs = {"cleanup.policy": "compact", "segment.ms": "3600000"}
        await admin.create_topics([NewTopic(topic, 2, 1, topic_configs=theirs)])
        assert await ensure_topic(kafka_brokers, topic, 6, 1) == 2
        found = await settings(admin, topic)
        kept = ("cleanup.policy", "retention.ms", "retention.bytes")
        assert [found[each] for each in kept] == ["delete", "-1", "-1"]
        assert found["segment.ms"] == "3600000"

    async def test_higher_limits_are_left_alone(
        self, admin: Any, topic: str, kafka_brokers: Brokers
    ) -> None:
        theirs = {**SETTINGS, "max.message.bytes": "9000000"}
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=theirs)])
        await ensure_topic(kafka_brokers, topic, 1, 1)
        assert (await settings(admin, topic))["max.message.bytes"] == "9000000"


class Unwilling:
    """Brokers that show a topic's settings and refuse to change them."""

    async def describe_configs(self, asked: Any) -> Any:
        entries: list[Any] = [("retention.ms", "604800000", False, 5, False, [])]
        return [SimpleNamespace(resources=[(0, None, 2, "events", entries)])]

    async def alter_configs(self, asked: Any) -> Any:
        refusal = (POLICY_VIOLATION, "not on our cluster", 2, "events")
        return [SimpleNamespace(resources=[refusal])]


async def test_what_cannot_be_changed_is_named() -> None:
    with pytest.raises(
        configs.TopicUnfit, match="retention.ms=-1 on topic events: not on our"
    ) as raised:
        await configs.hold(Unwilling(), "events", {"retention.ms": "-1"})
    assert vars(raised.value) == {
        "topic": "events",
        "settings": ("retention.ms=-1",),
        "reason": "PolicyViolationError",
    }
    assert vars(raised.value).keys() <= LOG_KEYS


@pytest.mark.parametrize(("copies", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_every_event_is_on_two_brokers_where_one_may_fail(copies: int, in_sync: str) -> None:
    assert configs.for_ever(copies)["min.insync.replicas"] == in_sync
