"""A service's relay: its settings, and its shards running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.eventstore.postgres import PostgresEventStore, close_pool, open_pool, reach
from shared.kernel.clock import RandomIds
from shared.messaging.feed import Bell
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.publications import Publications
from shared.messaging.kafka.relay import Relay, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.notices import Ear
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.service.relay_health import RelayHealth, serving
from shared.service.settings import ENVIRONMENT, DatabaseUrl, KafkaSettings
from shared.service.tasks import Tasks
from shared.telemetry.tracing import acting_as


class RelaySettings(KafkaSettings):
    """Where events are published to, and what the topic is made with where it is missing."""

    kafka_bootstrap_servers: str = Field(description="host:port, ... of the brokers.")
    kafka_partitions: int = Field(
        6, ge=1, le=1000, description="Partitions of the topic; never changed afterwards."
    )
    kafka_replication_factor: int = Field(
        1, ge=1, le=9, description="Copies of the topic; 3 where there are so many brokers."
    )
    relay_shards: int = Field(
        1, ge=1, le=100, description="Parts of the topic; the same in every relay of a service."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    relay_port: int | None = Field(
        None, ge=1, le=65535, description="For health and metrics; unset, there is no such port."
    )


class PublishingDatabase(BaseSettings):
    """Where it is kept what was published."""

    model_config = ENVIRONMENT

    app_database_url: DatabaseUrl = Field(description="The service's database as its app role.")


class Databases(PublishingDatabase):
    """The service's own database, as its app role and as its feed role reach it."""

    feed_database_url: DatabaseUrl = Field(description="The service's database as its feed role.")


def databases_of(service: str) -> Databases:
    """Read a service's URLs from `FORBEAR_<SERVICE>_APP_DATABASE_URL` and `..._FEED_...`."""
    return Databases(_env_prefix=f"FORBEAR_{service.upper()}_")


def publishing_database_of(service: str) -> PublishingDatabase:
    """Read a service's URL from `FORBEAR_<SERVICE>_APP_DATABASE_URL`."""
    return PublishingDatabase(_env_prefix=f"FORBEAR_{service.upper()}_")


async def begin_anew(database: PublishingDatabase) -> None:
    """Have the service's relays, wherever they run, send the whole log again.

    The one that leads notices at its next mark, within seconds, and one that fails when it tries
    again; one that does not run, when it starts.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    app = await reach(lambda: open_pool(database.app_database_url.get_secret_value(), size_max=1))
    try:
        await Publications(app).begin_anew()
    finally:
        await close_pool(app, "own")


@asynccontextmanager
async def relaying(
    service: str, settings: RelaySettings, databases: Databases
) -> AsyncIterator[None]:
    """Publish a service's events while the block runs; every shard that is not led elsewhere."""
    app = await open_pool(databases.app_database_url.get_secret_value())
    feed = await open_pool(databases.feed_database_url.get_secret_value())
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
    tasks = Tasks()
    with acting_as(service):  # the tasks keep it
        for name, run in runs.items():
            tasks.begin(name, run)
    try:
        async with AsyncExitStack() as stack:
            if settings.relay_port is not None:
                health = RelayHealth(service, app, list(relays.values()), tasks.failing).health
                await stack.enter_async_context(
                    serving(health, service, settings.host, settings.relay_port)
                )
            yield
    finally:
        await tasks.stop()
        await asyncio.gather(close_pool(app, "own"), close_pool(feed, "feed"))


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
