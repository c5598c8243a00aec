"""Brokers that answer with whatever error is asked for: librdkafka's mock cluster.

It comes inside the wheel of confluent-kafka and is reached with ctypes. It speaks the protocol on
loopback ports, from threads of its own, and keeps everything in memory. What it has not: topics
made over the wire, settings of topics, and groups of more than one member.
https://github.com/confluentinc/librdkafka/blob/v2.16.0/src/rdkafka_mock.h
"""

import ctypes
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import confluent_kafka

from shared.messaging.kafka.connection import Brokers

DISCONNECT = -195
"""Among the error codes: the broker closes the connection instead of answering."""

_PRODUCER = 0
_TEXT_MAX = 512


class Api(IntEnum):
    """Requests, by their keys in the protocol."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    INIT_PRODUCER_ID = 22
    DESCRIBE_CONFIGS = 32


class MockCluster:
    """A running mock cluster."""

    def __init__(self, library: ctypes.CDLL, handle: ctypes.c_void_p) -> None:
        self._library = library
        self._handle = handle
        addresses: bytes = library.rd_kafka_mock_cluster_bootstraps(handle)
        self.brokers = Brokers(bootstrap_servers=addresses.decode())

    def make_topic(self, name: str, partitions: int) -> None:
        """Make a topic, which clients cannot."""
        self._do("topic_create", name.encode(), partitions, 1)

    def fail(self, api: Api, codes: Sequence[int]) -> None:
        """Answer the next requests of a kind with these errors, whoever sends them."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._handle, ctypes.c_int16(api), ctypes.c_size_t(len(codes)), array
        )

    def fail_no_more(self, api: Api) -> None:
        """Forget the errors that nobody has met."""
        self._library.rd_kafka_mock_clear_request_errors(self._handle, ctypes.c_int16(api))

    def requests(self) -> Counter[Api]:
        """Return how many requests of each kind have come."""
        count = ctypes.c_size_t()
        found = self._library.rd_kafka_mock_get_requests(self._handle, ctypes.byref(count))
        if not found:
            return Counter()
        each = (ctypes.c_void_p * count.value).from_address(found)
        key_of = self._library.rd_kafka_mock_request_api_key
        counted = Counter(Api(key_of(ctypes.c_void_p(one))) for one in each)
        self._library.rd_kafka_mock_request_destroy_array(ctypes.c_void_p(found), count)
        return counted

    def fail_topic(self, name: str, code: int) -> None:
        """Answer with an error whenever a topic is asked about, until another code is given."""
        self._library.rd_kafka_mock_topic_set_error(self._handle, name.encode(), code)

    def delete_topic(self, name: str) -> None:
        """Delete a topic."""
        self._do("topic_delete", name.encode())

    def set_down(self, broker: int) -> None:
        """Have a broker close its connections and take no new ones."""
        self._do("broker_set_down", broker)

    def set_up(self, broker: int) -> None:
        """Have it take connections again."""
        self._do("broker_set_up", broker)

    def set_round_trip(self, broker: int, milliseconds: int) -> None:
        """Have a broker take so long for every answer."""
        self._do("broker_set_rtt", broker, milliseconds)

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Make a broker the leader of a partition."""
        self._do("partition_set_leader", topic.encode(), partition, broker)

    def coordinate(self, group: str, broker: int) -> None:
        """Make a broker the coordinator of a group."""
        self._do("coordinator_set", b"group", group.encode(), broker)

    def forget_before(self, topic: str, partition: int, offset: int) -> None:
        """Lose the records before an offset, as retention does."""
        self._do("partition_delete_records", topic.encode(), partition, ctypes.c_int64(offset))

    def _do(self, call: str, *arguments: Any) -> None:
        code = getattr(self._library, f"rd_kafka_mock_{call}")(self._handle, *arguments)
        if code:
            raise RuntimeError(f"{call} failed with {code}")


@contextmanager
def mock_cluster(brokers: int = 3) -> Iterator[MockCluster]:
    """Have so many brokers, numbered from 1, while the block runs."""
    library = _library()
    text = ctypes.create_string_buffer(_TEXT_MAX)
    settings = library.rd_kafka_conf_new()
    # It lives in a client, which would otherwise complain that it has no brokers.
    library.rd_kafka_conf_set(
        ctypes.c_void_p(settings), b"bootstrap.servers", b"127.0.0.1:1", text, _TEXT_MAX
    )
    library.rd_kafka_conf_set(ctypes.c_void_p(settings), b"log_level", b"0", text, _TEXT_MAX)
    client = ctypes.c_void_p(
        library.rd_kafka_new(_PRODUCER, ctypes.c_void_p(settings), text, _TEXT_MAX)
    )
    if client.value is None:
        raise RuntimeError(text.value.decode())
    handle = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(client, brokers))
    library.rd_kafka_mock_set_controller_id(handle, 1)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(handle, 0)
    library.rd_kafka_mock_start_request_tracking(handle)
    try:
        yield MockCluster(library, handle)
    finally:
        library.rd_kafka_mock_cluster_destroy(handle)
        library.rd_kafka_destroy(client)


@cache
def _library() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    (path,) = folder.glob("librdkafka-*.so*")
    library = ctypes.CDLL(str(path))
    for name in ("conf_new", "new", "mock_cluster_new", "mock_get_requests"):
        getattr(library, f"rd_kafka_{name}").restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library
