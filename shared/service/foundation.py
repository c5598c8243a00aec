"""What a running service stands on: its database, its feeds, keys and ids; opened once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.eventstore.postgres import PostgresEventStore, close_pool, open_pool
from shared.eventstore.transact import Transactor
from shared.http.api_key_registry import ApiKeyRegistry
from shared.http.service_token import ServiceTokenSigner, ServiceTokenVerifier
from shared.kernel.clock import RandomIds, SystemClock
from shared.kernel.ids import Ids
from shared.messaging.effects import EffectStore
from shared.messaging.feed import Bell, Feed
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import Archive, PostgresEffects
from shared.messaging.postgres_parking import PostgresParkedEvents
from shared.messaging.subscription import Handler, Linger, Subscription
from shared.vault.cached import CachedVault
from shared.vault.postgres import PostgresVault
from shared.vault.sealer import Sealer

Pool: TypeAlias = "asyncpg.Pool[Any]"
FEED_POOL_SIZE_MAX = 4
VAULT_POOL_SIZE_MAX = 4


class UnsafeRole(Exception):
    """The database role could bypass row-level security or change events."""


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Where a service's databases are, whose feeds it reads, and which keys it holds."""

    name: str
    app_url: str
    jobs_url: str
    feed_urls: Mapping[str, str]
    brokers: Brokers | None = None
    vault_url: str
    master_key: bytes
    cursor_key: bytes
    signing_key: Ed25519PrivateKey
    public_keys: Mapping[str, list[Ed25519PublicKey]]
    pool_size_max: int = 10


class Bells:
    """One bell per service, shared by the services of one process so that feeds wake at once."""

    def __init__(self) -> None:
        self._bells: dict[str, Bell] = {}

    def of(self, service: str) -> Bell:
        """Return the bell that rings when the service appends."""
        return self._bells.setdefault(service, Bell())


@dataclass(kw_only=True)
class Foundation:
    """Opened by `open_foundation`, closed by `close`."""

    name: str
    pool: Pool
    jobs_pool: Pool
    vault_pool: Pool
    feed_pools: Mapping[str, Pool]
    brokers: Brokers | None
    bells: Bells
    store: PostgresEventStore
    transactor: Transactor
    sealer: Sealer
    ids: Ids
    keys: ApiKeyRegistry
    tokens: ServiceTokenVerifier
    signer: ServiceTokenSigner
    cursor_key: bytes
    effects: PostgresEffects = field(init=False)

    def __post_init__(self) -> None:
        self.effects = self.effects_with(None)

    def subscription(
        self,
        name: str,
        source: str,
        handlers: Sequence[Handler],
        effects: EffectStore | None = None,
        *,
        linger: Linger | None = None,
    ) -> Subscription:
        """Return a reader of a service's events, and what it does about them."""
        feed = self._feed(source, name)
        return Subscription(name, feed, effects or self.effects, handlers, linger=linger)

    def _feed(self, source: str, reader: str) -> Feed:
        if self.brokers is None or source == self.name:
            return PostgresFeed(source, self.feed_pools[source], self.bells.of(source))
        return KafkaFeed(source, self.brokers, reader)

    def effects_with(self, archive: Archive | None) -> PostgresEffects:
        """Return what writes a subscription's effects, optionally archiving every event."""
        wake = self.bells.of(self.name).ring
        return PostgresEffects(self.pool, self.store, self.ids, wake, archive)

    @property
    def parked(self) -> PostgresParkedEvents:
        """Return the parked events of all tenants."""
        return PostgresParkedEvents(self.jobs_pool)

    async def close(self) -> None:
        """Close every pool, each within its deadline."""
        pools = {"own": self.pool, "jobs": self.jobs_pool, "vault": self.vault_pool} | {
            f"feed-{source}": pool for source, pool in self.feed_pools.items()
        }
        await asyncio.gather(*(close_pool(pool, name) for name, pool in pools.items()))


async def open_foundation(connections: Connections, bells: Bells) -> Foundation:
    """Open pools and check that the role can do no harm.

    Raises:
        UnsafeRole: the role is a superuser, owns the tables, or bypasses row-level security.
    """
    pool = await open_pool(connections.app_url, size_max=connections.pool_size_max)
    await _refuse_unsafe(pool)
    jobs_pool = await open_pool(connections.jobs_url, size_max=FEED_POOL_SIZE_MAX)
    vault_pool = await open_pool(connections.vault_url, size_max=VAULT_POOL_SIZE_MAX)
    feed_pools = {
        source: await open_pool(url, size_max=FEED_POOL_SIZE_MAX)
        for source, url in connections.feed_urls.items()
    }
    ids, clock = RandomIds(), SystemClock()
    store = PostgresEventStore(pool, bells.of(connections.name).ring)
    return Foundation(
        name=connections.name,
        pool=pool,
        jobs_pool=jobs_pool,
        vault_pool=vault_pool,
        feed_pools=feed_pools,
        brokers=connections.brokers,
        bells=bells,
        store=store,
        transactor=Transactor(store, ids),
        sealer=Sealer(CachedVault(PostgresVault(vault_pool, [connections.master_key]))),
        ids=ids,
        keys=ApiKeyRegistry(pool),
        tokens=ServiceTokenVerifier(connections.name, connections.public_keys, clock=clock.now),
        signer=ServiceTokenSigner(connections.name, connections.signing_key, clock=clock.now),
        cursor_key=connections.cursor_key,
    )


async def _refuse_unsafe(pool: Pool) -> None:
    row = await pool.fetchrow(
        "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS ("
        "  SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'events')"
        " FROM pg_roles r WHERE r.rolname = current_user"
    )
    if row is None or row[0]:
        raise UnsafeRole("serve with the service's app role, not with a superuser or the owner")
