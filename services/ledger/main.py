"""Composition root of the ledger: creditors, placements, accounts, plans, journal."""

from collections.abc import Mapping

from services.ledger.accounts import reactions as account_reactions
from services.ledger.accounts import views as account_views
from services.ledger.accounts.api import router as accounts_router
from services.ledger.creditors.api import router as creditors_router
from services.ledger.journal import views as journal_views
from services.ledger.journal.api import router as journal_router
from services.ledger.journal.balancing import Balancing
from services.ledger.placements import endpoint
from services.ledger.placements.api import router as placements_router
from services.ledger.plans import reactions as plan_reactions
from services.ledger.plans import views as plan_views
from services.ledger.plans.api import router as plans_router
from services.ledger.settings import Settings
from shared.location import postal
from shared.messaging.jobs import Handle
from shared.messaging.subscription import Subscription
from shared.service.foundation import Bells, Connections, Foundation
from shared.service.sampling import Measure
from shared.service.service import Parts, Service
from shared.service.settings import key_bytes, public_keys, signing_key, sources

NAME = "ledger"
ROUTERS = (creditors_router, placements_router, accounts_router, plans_router, journal_router)


def build_service(settings: Settings | None = None, bells: Bells | None = None) -> Service:
    """Compose the service."""
    settings = settings or Settings()
    postal.preload()
    return Service(
        Parts(routers=ROUTERS, subscriptions=_subscriptions, jobs=_jobs, measures=_measures),
        connections=_connections(settings),
        host=settings.host,
        port=settings.ledger_port,
        bells=bells or Bells(),
    )


def _subscriptions(foundation: Foundation) -> list[Subscription]:
    views = (
        *endpoint.HANDLERS,
        *account_views.HANDLERS,
        *plan_views.HANDLERS,
        *journal_views.HANDLERS,
    )
    return [
        foundation.subscription("ledger-views", NAME, views),
        foundation.subscription(
            "ledger-holds-from-disputes", "disputes", account_reactions.HANDLERS
        ),
    ]


def _jobs(foundation: Foundation) -> Mapping[str, Handle]:
    return plan_reactions.job_handlers(foundation.transactor)


def _measures(foundation: Foundation) -> Mapping[str, Measure]:
    return {"balance": Balancing(foundation).measure}


def _connections(settings: Settings) -> Connections:
    brokers = settings.brokers
    return Connections(
        name=NAME,
        app_url=settings.ledger_app_database_url.get_secret_value(),
        jobs_url=settings.ledger_jobs_database_url.get_secret_value(),
        feed_urls=sources(
            brokers,
            NAME,
            {
                NAME: settings.ledger_feed_database_url,
                "disputes": settings.disputes_feed_database_url,
            },
        ),
        brokers=brokers,
        vault_url=settings.vault_app_database_url.get_secret_value(),
        master_key=key_bytes(settings.master_key),
        cursor_key=key_bytes(settings.cursor_key),
        signing_key=signing_key(settings.ledger_signing_key),
        public_keys=public_keys(settings),
        pool_size_max=settings.pool_size_max,
    )
