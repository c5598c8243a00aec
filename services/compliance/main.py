"""Composition root of compliance: the gate, its facts, and the audit trail."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.compliance.audit.api import router as audit_router
from services.compliance.audit.signing import Signer
from services.compliance.audit.standing import LogStanding
from services.compliance.audit.trail import Trail
from services.compliance.books.api import router as books_router
from services.compliance.books.shelves import Library
from services.compliance.canaries.apart import without_canaries
from services.compliance.canaries.api import router as canaries_router
from services.compliance.canaries.flock import CANARIES
from services.compliance.canaries.keeping import Keeper
from services.compliance.content import views as content_views
from services.compliance.content.api import router as content_router
from services.compliance.facts import (
    attempts_from_contact,
    from_contact,
    from_disputes,
    from_ledger,
)
from services.compliance.facts.api import router as facts_router
from services.compliance.late_facts.api import router as late_facts_router
from services.compliance.licences.api import router as licences_router
from services.compliance.packs.api import router as packs_router
from services.compliance.permits import clearance_views, measuring, views
from services.compliance.permits.api import router as permits_router
from services.compliance.permits.asking import Basis
from services.compliance.permits.batch import router as batch_router
from services.compliance.permits.clearances import router as clearances_router
from services.compliance.permits.reviews import router as reviews_router
from services.compliance.replays import reactions as replay_reactions
from services.compliance.replays.api import router as replays_router
from services.compliance.replays.views import PRUNE_DIFFERENCES
from services.compliance.rules.loading import load_book
from services.compliance.settings import Settings
from services.compliance.timeline import views as timeline
from services.compliance.timeline.api import router as timeline_router
from services.compliance.windows.api import router as windows_router
from shared.eventstore.pruning import Pruner
from shared.kernel import ids
from shared.location.zones import data_version
from shared.messaging.jobs import Handle
from shared.messaging.subscription import Handler, Linger, Subscription, projection
from shared.service.foundation import Bells, Connections, Foundation
from shared.service.sampling import Measure
from shared.service.service import Parts, Service
from shared.service.settings import key_bytes, public_keys, signing_key, sources
from shared.service.tasks import Run

NAME = "compliance"
ROUTERS = (
    permits_router,
    batch_router,
    clearances_router,
    windows_router,
    packs_router,
    books_router,
    replays_router,
    late_facts_router,
    content_router,
    facts_router,
    reviews_router,
    licences_router,
    audit_router,
    timeline_router,
    canaries_router,
)
SOURCES = ("ledger", "contact", "disputes", NAME)
_FACTS: Mapping[str, Sequence[Handler]] = {
    "ledger": from_ledger.HANDLERS,
    "contact": (*from_contact.HANDLERS, *attempts_from_contact.HANDLERS),
    "disputes": from_disputes.HANDLERS,
}
LINGER_WHEN_MANY = Linger(seconds=0.1, events_min=8)
"""Who was answered reads the answer back at once, unless very many do. Facts never wait."""
LINGER = Linger(seconds=0.1)
"""What is proved or told of later may come that much later."""
UPSTREAM = tuple(f"compliance-facts-from-{source}" for source in _FACTS)


def build_service(settings: Settings | None = None, bells: Bells | None = None) -> Service:
    """Compose the service."""
    settings = settings or Settings()
    signer_key = signing_key(settings.audit_signing_key)
    signers: list[Signer] = []
    library = Library(load_book())
    basis = Basis(
        books=library,
        tz_version=data_version(),
        upstream=UPSTREAM,
        staleness=timedelta(seconds=settings.staleness_bound_s),
    )
    keepers: list[Keeper] = []

    def subscriptions(foundation: Foundation) -> list[Subscription]:
        signer = Signer(foundation.pool, signer_key, foundation.feed_pools[NAME])
        signers.append(signer)
        archive = foundation.effects_with(Trail(signer.grown).archive)
        return [
            *(
                foundation.subscription(
                    f"compliance-facts-from-{source}", source, [*handlers, *_applied(handlers)]
                )
                for source, handlers in _FACTS.items()
            ),
            foundation.subscription(
                "compliance-views",
                NAME,
                without_canaries(
                    (
                        *views.HANDLERS,
                        *clearance_views.HANDLERS,
                        *content_views.HANDLERS,
                        *measuring.HANDLERS,
                    )
                ),
                linger=LINGER_WHEN_MANY,
            ),
            *(
                foundation.subscription(
                    f"compliance-audit-from-{source}", source, (), archive, linger=LINGER
                )
                for source in SOURCES
            ),
            *(
                foundation.subscription(
                    f"compliance-timeline-from-{source}",
                    source,
                    without_canaries(timeline.HANDLERS[source]),
                    linger=LINGER,
                )
                for source in SOURCES
            ),
        ]

    def background(foundation: Foundation) -> Mapping[str, Run]:
        every_tenant = foundation.feed_pools[NAME]
        library.open(foundation.store, foundation.transactor, foundation.ids, every_tenant)
        differences = Pruner(
            foundation.jobs_pool, PRUNE_DIFFERENCES, settings.replay_differences_days
        )
        runs: dict[str, Run] = {
            "audit-signer": signers[-1].run,
            "rule-packs": library.run,
            "replay-pruning": differences.run,
        }
        if settings.canaries:
            keeper = Keeper(
                foundation,
                basis,
                CANARIES,
                every_tenant=every_tenant,
                every_s=settings.canaries_every_s,
            )
            keepers.append(keeper)
            runs["canaries"] = keeper.run
        return runs

    def jobs(foundation: Foundation) -> Mapping[str, Handle]:
        return replay_reactions.job_handlers(foundation, data_version(), ids.is_canary)

    def measures(foundation: Foundation) -> Mapping[str, Measure]:
        logs = LogStanding(foundation.feed_pools[NAME])
        found: dict[str, Measure] = {
            "impossible": measuring.nothing_impossible,
            "audit-logs": logs.measure,
        }
        if keepers:
            found["canaries"] = keepers[-1].measure
        return found

    service = Service(
        Parts(
            routers=ROUTERS,
            subscriptions=subscriptions,
            jobs=jobs,
            background=background,
            measures=measures,
        ),
        connections=_connections(settings),
        host=settings.host,
        port=settings.compliance_port,
        bells=bells or Bells(),
    )
    service.app.api.state.basis = basis
    service.app.api.state.replay_differences_days = settings.replay_differences_days
    service.app.api.state.canaries_every_s = (
        settings.canaries_every_s if settings.canaries else None
    )
    return service


def _applied(handlers: Sequence[Handler]) -> list[Handler]:
    return [
        projection(event, views.mark_applied)
        for event in dict.fromkeys(handler.event for handler in handlers)
        if event is not None
    ]


def _connections(settings: Settings) -> Connections:
    brokers = settings.brokers
    return Connections(
        name=NAME,
        app_url=settings.compliance_app_database_url.get_secret_value(),
        jobs_url=settings.compliance_jobs_database_url.get_secret_value(),
        feed_urls=sources(
            brokers,
            NAME,
            {
                "ledger": settings.ledger_feed_database_url,
                "contact": settings.contact_feed_database_url,
                "disputes": settings.disputes_feed_database_url,
                NAME: settings.compliance_feed_database_url,
            },
        ),
        brokers=brokers,
        vault_url=settings.vault_app_database_url.get_secret_value(),
        master_key=key_bytes(settings.master_key),
        cursor_key=key_bytes(settings.cursor_key),
        signing_key=signing_key(settings.compliance_signing_key),
        public_keys=public_keys(settings),
        pool_size_max=settings.pool_size_max,
    )
