"""One waterfall over the wire: services and relays are processes that export to a real socket.

A dispute is opened over HTTP. Its trace leads through the outbox of disputes and Kafka to the
ledger, which holds the account, and through the ledger's outbox and Kafka to compliance.
"""

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.command.processes import ServiceProcess, stop_all
from services.command.scopes import SCOPES
from shared.kernel.clock import RandomIds
from shared.kernel.records import record
from shared.messaging.kafka.connection import Brokers
from shared.postgres.embedded import free_port
from shared.telemetry.attributes import SCHEMA_URL, SPAN_ATTRIBUTES
from tests.collector import Collector, Spoken, collecting
from tests.databases import Database
from tests.hostile import personal
from tests.hostile.canaries import Search
from tests.kafka.provider import remove_topics
from tests.system import Keys, System

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SERVING, RELAYING = ("ledger", "disputes", "compliance"), ("ledger", "disputes")
READY_S = 180.0
FROM_DISPUTES, FROM_LEDGER = "forbear.disputes.events.v1", "forbear.ledger.events.v1"
GROUP, TYPE = "messaging.consumer.group.name", "forbear.event_type"
OPERATION, WAIT = "messaging.operation", "forbear.outbox_wait_s"
EVENT = {
    f"{OPERATION}.name",
    f"{OPERATION}.type",
    "messaging.message.conversation_id",
    TYPE,
    "forbear.stream",
    "forbear.tenant",
}
RECORD = {
    "messaging.system",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.message.key",
    "messaging.kafka.offset",
    "messaging.message.id",
}
AT_COMPLIANCE = tuple(f"compliance-{what}-from-ledger" for what in ("facts", "audit", "timeline"))
OPENED, HELD = "forbear.disputes.dispute-opened.v1", "forbear.ledger.hold-placed.v1"


class Cluster:
    """Some services and their relays, each a process of its own."""

    def __init__(self, system: System, collector: Collector, brokers: Brokers, folder: Path):
        self._folder = folder
        ports = {name: free_port() for name in SERVING}
        self._urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        self._environment = {
            **system.environment(),
            **{f"FORBEAR_{name.upper()}_PORT": str(port) for name, port in ports.items()},
            **{f"FORBEAR_{name.upper()}_URL": url for name, url in self._urls.items()},
            "FORBEAR_KAFKA_BOOTSTRAP_SERVERS": brokers.bootstrap_servers,
            "FORBEAR_KAFKA_PARTITIONS": "2",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run the services, which export soon, while the block runs."""
        with self._running("serve", SERVING, OTEL_BSP_SCHEDULE_DELAY="100"):
            wait_until(lambda: all(self._is_ready(each) for each in SERVING))
            yield

    @contextmanager
    def relaying(self) -> Iterator[None]:
        """Run the relays, which export nothing until they end."""
        with self._running("relay", RELAYING, OTEL_BSP_SCHEDULE_DELAY="600000"):
            yield

    @contextmanager
    def _running(self, what: str, names: Sequence[str], **environment: str) -> Iterator[None]:
        started: dict[str, ServiceProcess] = {}
        try:
            for name in names:
                command = (sys.executable, "-m", "services", what, name)
                log = self._folder / f"{what}-{name}.log"
                started[name] = ServiceProcess(command, self._environment | environment, log)
                started[name].start()
            yield
        finally:
            stop_all([started])

    def _is_ready(self, service: str) -> bool:
        try:
            return httpx2.get(f"{self._urls[service]}/readyz").status_code == 200
        except httpx2.HTTPError:
            return False

    def client(self, service: str, key: str) -> httpx2.Client:
        """Return a client of one service's API."""
        return httpx2.Client(
            base_url=f"{self._urls[service]}/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
        )


def wait_until(condition: Callable[[], Any], timeout_s: float = READY_S) -> None:
    """Wait for something that other processes bring about."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.1)


@record
class Told:
    """What was exported while a dispute was opened and everybody heard of it."""

    collector: Collector
    trace_id: str
    before_relays_ended: frozenset[str]

    @property
    def spans(self) -> Sequence[Spoken]:
        return self.collector.spans(self.trace_id)

    def only(self, service: str, name: str, group: str | None = None) -> Spoken:
        """Return a service's one span of that name, and of that group, that did not fail."""
        (found,) = [
            each
            for each in self.spans
            if (each.service, each.name, each.error) == (service, name, "")
            and group in (None, each.attributes.get(GROUP))
        ]
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(
    databases: dict[str, Database], kafka_brokers: Brokers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Told]:
    await remove_topics(kafka_brokers)
    system = System(databases, Keys())
    key = await system.key(scopes=SCOPES)
    with collecting() as collector:
        cluster = Cluster(system, collector, kafka_brokers, tmp_path_factory.mktemp("cluster"))
        with cluster.serving():
            with cluster.relaying():
                trace_id = dispute(cluster, key)
                wait_until(lambda: have_heard(collector.spans(trace_id)))
                before = frozenset(each.service for each in collector.spans(trace_id))
        yield Told(collector=collector, trace_id=trace_id, before_relays_ended=before)


def dispute(cluster: Cluster, key: str) -> str:
    """Place an account, open a dispute as soon as disputes know of it, and return its trace."""
    with cluster.client("ledger", key) as ledger, cluster.client("disputes", key) as disputes:
        creditor = post(ledger, "/creditors", {"name": "Harbor Bank"})
        placement = {"creditor_id": creditor.json()["id"], "rows": [personal.placement_row()]}
        placed = post(ledger, "/placements", placement)
        account_id = placed.json()["rows"][0]["account_id"]
        body = {"account_id": account_id, "in_writing": True, "text": personal.DISPUTE}
        answers: list[httpx2.Response] = []

        def is_opened() -> bool:
            answers.append(post(disputes, "/disputes", body))
            return answers[-1].status_code == 201

        wait_until(is_opened)
    return str(answers[-1].headers["traceresponse"]).split("-")[1]


def post(client: httpx2.Client, path: str, body: Any) -> httpx2.Response:
    return client.post(path, json=body, headers={"Idempotency-Key": RandomIds().new("req")})


def have_heard(spans: Sequence[Spoken]) -> bool:
    """Tell whether everybody has acted who hears of the hold."""
    heard = [each for each in spans if each.attributes.get(TYPE) == HELD and not each.error]
    return {"ledger-views", *AT_COMPLIANCE} <= {each.attributes[GROUP] for each in heard}


class TestWaterfall:
    def test_leads_from_the_request_through_both_relays_to_the_last_service(
        self, told: Told
    ) -> None:
        received = told.only("disputes", "POST /v1/disputes")
        assert (received.kind, received.parent_id) == ("SERVER", "")
        sent = told.only("disputes-relay", f"send {FROM_DISPUTES}")
        assert (sent.kind, sent.parent_id) == ("PRODUCER", received.span_id)
        held = told.only("ledger", f"process {FROM_DISPUTES}")
        assert (held.kind, held.parent_id) == ("CONSUMER", sent.span_id)
        sent_on = told.only("ledger-relay", f"send {FROM_LEDGER}")
        assert (sent_on.kind, sent_on.parent_id) == ("PRODUCER", held.span_id)
        for group in AT_COMPLIANCE:
            heard = told.only("compliance", f"process {FROM_LEDGER}", group)
            assert (heard.kind, heard.parent_id) == ("CONSUMER", sent_on.span_id)
            assert heard.links == ((told.trace_id, held.span_id),)
        for each in (sent, held):
            assert each.links == ((told.trace_id, received.span_id),)
        assert sent_on.links == ((told.trace_id, held.span_id),)

    def test_goes_straight_from_the_log_to_who_reads_it(self, told: Told) -> None:
        held = told.only("ledger", f"process {FROM_DISPUTES}")
        viewed = told.only("ledger", f"process {FROM_LEDGER}", "ledger-views")
        assert (viewed.kind, viewed.parent_id) == ("CONSUMER", held.span_id)
        assert viewed.links == ((told.trace_id, held.span_id),)
        assert viewed.attributes["messaging.system"] == "postgresql"
        assert not [name for name in viewed.attributes if "kafka" in name]

    def test_has_the_call_to_compliance_in_it(self, told: Told) -> None:
        received = told.only("disputes", "POST /v1/disputes")
        asked = {each.span_id: each for each in told.spans if each.kind == "CLIENT"}
        heard = [each for each in told.spans if each.name == "PUT /v1/protective-facts/{fact_id}"]
        assert {each.parent_id for each in heard} == set(asked)
        assert {(each.service, each.kind) for each in heard} == {("compliance", "SERVER")}
        for each in asked.values():
            assert (each.service, each.name, each.parent_id) == (
                "disputes",
                "PUT",
                received.span_id,
            )
            assert each.attributes["http.response.status_code"] == 201

    def test_says_where_a_record_lies_and_how_long_it_waited(self, told: Told) -> None:
        sent = told.only("disputes-relay", f"send {FROM_DISPUTES}").attributes
        held = told.only("ledger", f"process {FROM_DISPUTES}").attributes
        assert set(sent) == {*EVENT, *RECORD, "server.address", "server.port", WAIT}
        assert set(held) == {*EVENT, *RECORD, GROUP}
        assert {name: sent[name] for name in RECORD} == {name: held[name] for name in RECORD}
        assert sent["messaging.system"] == "kafka"
        assert (sent[f"{OPERATION}.name"], sent[f"{OPERATION}.type"]) == ("send", "send")
        assert (held[f"{OPERATION}.name"], held[f"{OPERATION}.type"]) == ("process", "process")
        assert sent["messaging.destination.name"] == FROM_DISPUTES
        assert sent[TYPE] == OPENED
        assert held[GROUP] == "ledger-holds-from-disputes"
        assert 0 < sent[WAIT] < READY_S

    def test_is_one_tree(self, told: Told) -> None:
        spans = {each.span_id: each for each in told.spans}
        (root,) = [each for each in spans.values() if each.parent_id not in spans]
        assert root.name == "POST /v1/disputes"
        for each in spans.values():
            assert each is root or each.begun_ns >= spans[each.parent_id].begun_ns, each

    def test_says_nothing_personal_and_nothing_that_is_not_listed(self, told: Told) -> None:
        search = Search(personal.NEEDLES)
        assert any(OPENED.encode() in body for body in told.collector.bodies)
        for body in told.collector.bodies:
            assert not search.found_in(body)
        for each in told.spans:
            assert each.schema == SCHEMA_URL
            assert set(each.attributes) <= SPAN_ATTRIBUTES

    def test_of_a_relay_is_complete_though_it_was_just_stopped(self, told: Told) -> None:
        assert told.before_relays_ended == set(SERVING)
        assert {each.service for each in told.spans} == {
            *SERVING,
            *(f"{each}-relay" for each in RELAYING),
        }
