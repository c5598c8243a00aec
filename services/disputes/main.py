"""Composition root of disputes."""

from collections.abc import Mapping

from services.disputes.disputes import reactions, views
from services.disputes.disputes.api import router
from services.disputes.settings import Settings
from shared.http.compliance_client import ComplianceClient
from shared.messaging.subscription import Subscription
from shared.service.foundation import Bells, Connections, Foundation
from shared.service.service import Parts, Service
from shared.service.settings import key_bytes, public_keys, signing_key, sources
from shared.service.tasks import Run

NAME = "disputes"
ROUTERS = (router,)


def build_service(
    settings: Settings | None = None,
    bells: Bells | None = None,
    compliance: ComplianceClient | None = None,
) -> Service:
    """Compose the service."""
    settings = settings or Settings()
    client = compliance or ComplianceClient(
        settings.compliance_url, staleness_s=settings.staleness_bound_s
    )

    def background(foundation: Foundation) -> Mapping[str, Run]:
        return {"compliance-connections": client.keep_open}

    service = Service(
        Parts(routers=ROUTERS, subscriptions=_subscriptions, background=background),
        connections=_connections(settings),
        host=settings.host,
        port=settings.disputes_port,
        bells=bells or Bells(),
    )
    service.app.api.state.compliance = client
    return service


def _subscriptions(foundation: Foundation) -> list[Subscription]:
    return [
        foundation.subscription("disputes-accounts-from-ledger", "ledger", views.LEDGER_HANDLERS),
        foundation.subscription("disputes-statements-from-contact", "contact", reactions.HANDLERS),
        foundation.subscription("disputes-views", NAME, views.HANDLERS),
    ]


def _connections(settings: Settings) -> Connections:
    brokers = settings.brokers
    return Connections(
        name=NAME,
        app_url=settings.disputes_app_database_url.get_secret_value(),
        jobs_url=settings.disputes_jobs_database_url.get_secret_value(),
        feed_urls=sources(
            brokers,
            NAME,
            {
                "ledger": settings.ledger_feed_database_url,
                "contact": settings.contact_feed_database_url,
                NAME: settings.disputes_feed_database_url,
            },
        ),
        brokers=brokers,
        vault_url=settings.vault_app_database_url.get_secret_value(),
        master_key=key_bytes(settings.master_key),
        cursor_key=key_bytes(settings.cursor_key),
        signing_key=signing_key(settings.disputes_signing_key),
        public_keys=public_keys(settings),
        pool_size_max=settings.pool_size_max,
    )
