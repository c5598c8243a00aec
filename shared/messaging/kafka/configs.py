"""A topic's settings: that it keeps everything, and takes every event.

A topic that somebody else made, or a broker by itself, has the brokers' own settings: after a week
it would forget.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)

from shared.kernel.errors import OperatorNeeded
from shared.telemetry.logging import get_logger

RECORD_BYTES_MAX = 1024 * 1024  # in its batch, which brokers take unless told otherwise
_AT_LEAST = ("min.insync.replicas", "max.message.bytes")
_SET_ON_TOPIC = 1  # among the sources of a setting: it is this topic's own

log = get_logger(__name__)


class TopicUnfit(OperatorNeeded):
    """The topic would lose events or refuse them, and the brokers do not let us change that.

    Args:
        settings: what it lacks, each as `name=value`.
        reason: the name of the brokers' error.
        answer: what they said beside it, if anything.
    """

    def __init__(self, *, topic: str, settings: Sequence[str], reason: str, answer: str) -> None:
        super().__init__(f"Set {', '.join(settings)} on topic {topic}: {answer or reason}")
        self.topic = topic
        self.settings = tuple(settings)
        self.reason = reason


def for_ever(copies: int, bytes_max: int = RECORD_BYTES_MAX) -> dict[str, str]:
    """Return the settings of a topic with so many copies: all is kept, on two brokers if it can."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "min.insync.replicas": str(max(1, min(2, copies - 1))),
        "max.message.bytes": str(bytes_max),
    }


async def hold(admin: Any, topic: str, wanted: Mapping[str, str]) -> None:
    """See to it that a topic has these settings; limits may be higher.

    Brokers that do not show settings are believed, which is said in the log.

    Raises:
        TopicUnfit: it has others, and the brokers refuse to change them.
        KafkaError: no usable answer.
    """
    try:
        found = await _settings(admin, topic)
    except (IncompatibleBrokerVersion, TopicAuthorizationFailedError) as error:
        log.warning("topic-settings-unknown", topic=topic, error=error)
        return
    unfit = {
        name: value for name, value in wanted.items() if not _fits(name, found.get(name), value)
    }
    if not unfit:
        return
    own = {name: value for name, (value, source) in found.items() if source == _SET_ON_TOPIC}
    # All of its own settings are replaced at once: those that are not named fall back.
    changed = ConfigResource(ConfigResourceType.TOPIC, topic, own | unfit)
    (answer,) = await admin.alter_configs([changed])
    settings = [f"{name}={value}" for name, value in unfit.items()]
    for code, said, *_ in answer.resources:
        if code:
            reason = for_code(code).__name__
            raise TopicUnfit(topic=topic, settings=settings, reason=reason, answer=said or "")
    log.warning("topic-settings-changed", topic=topic, settings=settings)


async def _settings(admin: Any, topic: str) -> dict[str, tuple[str, int]]:
    """Return the value of each setting, and where it comes from."""
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    ((code, reason, _, _, entries),) = answer.resources
    if code:
        error: type[KafkaError] = for_code(code)
        raise error(reason)
    return {name: (value, source) for name, value, _, source, *_ in entries}


def _fits(name: str, found: tuple[str, int] | None, wanted: str) -> bool:
    if found is None:
        return False
    value, _ = found
    return int(value) >= int(wanted) if name in _AT_LEAST else value == wanted
