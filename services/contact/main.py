"""Composition root of contact: profiles, attempts, and what sends e-mail."""

from collections.abc import Mapping

from services.contact.attempts import reactions as attempt_reactions
from services.contact.attempts import views as attempt_views
from services.contact.attempts.api import router as attempts_router
from services.contact.attempts.jobs import AttemptJobs
from services.contact.attempts.mailer import MailServer, SmtpMailer
from services.contact.profiles import reactions as profile_reactions
from services.contact.profiles import views as profile_views
from services.contact.profiles.api import router as profiles_router
from services.contact.profiles.consents import router as consents_router
from services.contact.profiles.inbound import router as inbound_router
from services.contact.settings import Settings
from shared.http.compliance_client import ComplianceClient
from shared.messaging.jobs import Handle
from shared.messaging.subscription import Subscription
from shared.service.foundation import Bells, Connections, Foundation
from shared.service.service import Parts, Service
from shared.service.settings import key_bytes, public_keys, signing_key, sources
from shared.service.tasks import Run

NAME = "contact"
ROUTERS = (attempts_router, profiles_router, inbound_router, consents_router)


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
    mailer = SmtpMailer(_mail_server(settings))

    def jobs(foundation: Foundation) -> Mapping[str, Handle]:
        return AttemptJobs(foundation, client, mailer).handlers()

    def background(foundation: Foundation) -> Mapping[str, Run]:
        return {"compliance-connections": client.keep_open}

    service = Service(
        Parts(routers=ROUTERS, subscriptions=_subscriptions, jobs=jobs, background=background),
        connections=_connections(settings),
        host=settings.host,
        port=settings.contact_port,
        bells=bells or Bells(),
    )
    service.app.api.state.compliance = client
    return service


def _subscriptions(foundation: Foundation) -> list[Subscription]:
    return [
        foundation.subscription(
            "contact-profiles-from-ledger",
            "ledger",
            [*profile_reactions.HANDLERS, *profile_views.LEDGER_HANDLERS],
        ),
        foundation.subscription(
            "contact-attempts-from-compliance",
            "compliance",
            attempt_reactions.HANDLERS,
        ),
        foundation.subscription(
            "contact-views",
            NAME,
            [*profile_views.HANDLERS, *attempt_views.HANDLERS],
        ),
    ]


def _mail_server(settings: Settings) -> MailServer:
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
    )


def _connections(settings: Settings) -> Connections:
    brokers = settings.brokers
    return Connections(
        name=NAME,
        app_url=settings.contact_app_database_url.get_secret_value(),
        jobs_url=settings.contact_jobs_database_url.get_secret_value(),
        feed_urls=sources(
            brokers,
            NAME,
            {
                "ledger": settings.ledger_feed_database_url,
                "compliance": settings.compliance_feed_database_url,
                NAME: settings.contact_feed_database_url,
            },
        ),
        brokers=brokers,
        vault_url=settings.vault_app_database_url.get_secret_value(),
        master_key=key_bytes(settings.master_key),
        cursor_key=key_bytes(settings.cursor_key),
        signing_key=signing_key(settings.contact_signing_key),
        public_keys=public_keys(settings),
        pool_size_max=settings.pool_size_max,
    )
