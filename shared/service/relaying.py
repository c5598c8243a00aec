"""A service's relay: its settings, and its shards running."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.kernel.clock import RandomIds
from shared.messaging.feed import Bell
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.publications import Publications
from shared.messaging.kafka.relay import Relay, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.notices import Ear
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.service.pauses import Pauses
from shared.service.relay_health import RelayHealth, serving
from shared.service.settings import DatabaseUrl, KafkaSettings
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger
from shared.telemetry.tracing import acting_as

RECOVERED_S = 5.0  # a task that has lasted so long is well again

log = get_logger(__name__)


class RelaySettings(KafkaSettings):
    """Where events are published to, and what the topic is made with where it is missing."""

    kafka_bootstrap_servers: str = Field(description="host:port, ... of the brokers.")
    kafka_partitions: int = Field(6, ge=1, le=1000, description="Never changed afterwards.")
    kafka_replication_factor: int = Field(1, ge=1, le=9, description="3 where there are brokers.")
    relay_shards: int = Field(1, ge=1, le=100, description="The same in every relay of a service.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    relay_port: int | None = Field(
        None, ge=1, le=65535, description="For health and metrics; unset, there is no such port."
    )


class Databases(BaseSettings):
    """The service's own database, as its app role and as its feed role reach it."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    app_database_url: DatabaseUrl
    feed_database_url: DatabaseUrl


def databases_of(service: str) -> Databases:
    """Read a service's URLs from `FORBEAR_<SERVICE>_APP_DATABASE_URL` and `..._FEED_...`."""
    return Databases(_env_prefix=f"FORBEAR_{service.upper()}_")


@asynccontextmanager
async def relaying(
    service: str, settings: RelaySettings, databases: Databases, *, anew: bool = False
) -> AsyncIterator[Sequence["asyncio.Task[None]"]]:
    """Publish a service's events while the block runs; every shard that is not led elsewhere.

    Args:
        anew: begin a new publication first.
    """
    app = await open_pool(databases.app_database_url.get_secret_value())
    feed = await open_pool(databases.feed_database_url.get_secret_value())
    publications = Publications(app)
    if anew:
        await publications.begin_anew()
    owner = RandomIds().new("req")
    shards = [
        Shard(number=each, count=settings.relay_shards) for each in range(settings.relay_shards)
    ]
    bell = Bell()
    relays = {
        f"relay-{each.number}": _relay(service, settings, (app, feed), each, owner, bell)
        for each in shards
    }
    runs = {name: relay.run for name, relay in relays.items()} | {"notices": Ear(feed, bell).run}
    failing: set[str] = set()
    with acting_as(service):  # the tasks keep it
        tasks = [
            asyncio.create_task(_keep_running(name, run, failing), name=name)
            for name, run in runs.items()
        ]
    try:
        async with AsyncExitStack() as stack:
            if settings.relay_port is not None:
                health = RelayHealth(service, app, list(relays.values()), failing).health
                await stack.enter_async_context(
                    serving(health, service, settings.host, settings.relay_port)
                )
            yield tasks
    finally:
        running = set(tasks)
        while running:
            for each in running:
                each.cancel()  # again, if what it was in the middle of swallowed the first
            _, running = await asyncio.wait(running, timeout=1.0)
        await asyncio.gather(app.close(), feed.close())


def _relay(
    service: str,
    settings: RelaySettings,
    pools: tuple[Any, Any],
    shard: Shard,
    owner: str,
    bell: Bell,
) -> Relay:
    app, feed = pools
    brokers = settings.brokers or Brokers(bootstrap_servers=settings.kafka_bootstrap_servers)
    store = PostgresEventStore(app, wake=lambda: None)
    return Relay(
        feed=PostgresFeed(service, feed, bell),
        effects=PostgresEffects(app, store, RandomIds(), lambda: None),
        publications=Publications(app),
        lease=Lease(app, f"relay-{shard.number}", owner),
        brokers=brokers,
        topic=Topic(partitions=settings.kafka_partitions, copies=settings.kafka_replication_factor),
        shard=shard,
    )


async def _keep_running(name: str, run: Callable[[], Awaitable[None]], failing: set[str]) -> None:
    metrics.TASK_FAILURES.add(0, {"forbear.task": name})
    pauses = Pauses()
    while True:
        pauses.begin()
        recovery = asyncio.get_running_loop().call_later(RECOVERED_S, failing.discard, name)
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - outermost loop: said aloud, tried again
            failing.add(name)
            log.error("task-failed", task=name, error=error)
            metrics.TASK_FAILURES.add(1, {"forbear.task": name})
        finally:
            recovery.cancel()
        await asyncio.sleep(pauses.next_s())
