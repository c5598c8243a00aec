"""Every metric that Forbear emits, declared in one place; `docs/metrics.md` lists them.

Labels are routes, codes and names of ours; ids belong on spans. Recording costs next to nothing
and goes nowhere until `configure` was told to serve `/metrics` or has found an OTLP endpoint.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource

from shared.kernel.clock import RandomIds
from shared.telemetry import instruments
from shared.telemetry.instruments import INSTRUMENTS as INSTRUMENTS
from shared.telemetry.instruments import Counter, Gauge, Histogram, UpDownCounter

if TYPE_CHECKING:
    from shared.telemetry.exposition import Exposition

HTTP_SERVER_REQUEST_DURATION = Histogram(
    "http.server.request.duration",
    "s",
    "How long requests take, by route.",
    ("http.request.method", "http.route", "http.response.status_code"),
)
HTTP_SERVER_ACTIVE_REQUESTS = UpDownCounter(
    "http.server.active_requests", "{request}", "Requests being served."
)

# What a subscription does with the events of a feed.
SUBSCRIPTION_PROCESS_DURATION = Histogram(
    "messaging.process.duration",
    "s",
    "How long a page of events takes, by subscription; a failure has the type of its error.",
    ("forbear.subscription", "error.type"),
)
SUBSCRIPTION_CONSUMED = Counter(
    "messaging.client.consumed.messages",
    "{message}",
    "Events taken in, by subscription.",
    ("forbear.subscription",),
)
SUBSCRIPTION_DELAY = Histogram(
    "forbear.subscription.delay",
    "s",
    "From an event's append in its service to its effect here, by subscription.",
    ("forbear.subscription",),
)
SUBSCRIPTION_LAG = Gauge(
    "forbear.subscription.lag",
    "{record}",
    "Records of the feed that this process has not taken in yet; counted up to ten thousand.",
    ("forbear.subscription", "forbear.source"),
)
SUBSCRIPTION_LAG_TIME = Gauge(
    "forbear.subscription.lag_time",
    "s",
    "Age of the oldest watermark among a subscription's partitions; at most a day.",
    ("forbear.subscription", "forbear.source"),
)
SUBSCRIPTION_INTERRUPTIONS = Counter(
    "forbear.subscription.interruptions",
    "{interruption}",
    "Times a subscription had to begin again: brokers or database away, another reader was first.",
    ("forbear.subscription", "error.type"),
)
EVENTS_PARKED = Counter(
    "forbear.events.parked",
    "{event}",
    "Events set aside because they kept failing.",
    ("forbear.subscription",),
)
DLQ_DEPTH = Gauge(
    "forbear.dlq.depth", "{event}", "Events set aside at the moment.", ("forbear.subscription",)
)
DLQ_PARKED_KEYS = Gauge(
    "forbear.dlq.parked_keys",
    "{key}",
    "Consumers or accounts whose events wait behind one that was set aside.",
    ("forbear.subscription",),
)
DLQ_OLDEST_AGE = Gauge(
    "forbear.dlq.oldest_age",
    "s",
    "How long the longest has been set aside.",
    ("forbear.subscription",),
)

# What a relay has still to publish, and how it does.
OUTBOX_BACKLOG = Gauge(
    "forbear.outbox.backlog",
    "{event}",
    "Events that the relay has not published yet; counted up to ten thousand.",
    ("forbear.shard",),
)
OUTBOX_OLDEST_AGE = Gauge(
    "forbear.outbox.oldest_age",
    "s",
    "Age of the oldest event that the relay has not published.",
    ("forbear.shard",),
)
RELAY_SENT = Counter(
    "messaging.client.sent.messages",
    "{message}",
    "Events published and acknowledged.",
    ("forbear.shard",),
)
RELAY_SEND_DURATION = Histogram(
    "messaging.client.operation.duration",
    "s",
    "How long the brokers take to acknowledge what was sent together.",
    ("forbear.shard", "error.type"),
)
RELAY_LEADING = UpDownCounter(
    "forbear.relay.leading",
    "{relay}",
    "Whether this process publishes the shard (1) or waits for its lease (0).",
    ("forbear.shard",),
)
KAFKA_REBUILDS = Counter(
    "forbear.kafka.rebuilds",
    "{client}",
    "Kafka clients thrown away after an error or a silence, to be made anew.",
    ("forbear.client", "forbear.source"),
)

# Jobs, which every deadline is.
JOB_DURATION = Histogram(
    "forbear.job.duration",
    "s",
    "How long an attempt at a job takes; a failure has the type of its error.",
    ("forbear.job_kind", "error.type"),
)
JOBS_DUE = Gauge(
    "forbear.jobs.due", "{job}", "Jobs that are due and not done.", ("forbear.job_kind",)
)
JOBS_OLDEST_DUE_AGE = Gauge(
    "forbear.jobs.oldest_due_age",
    "s",
    "How long the job that was due first has been due, by the real clock.",
    ("forbear.job_kind",),
)
JOBS_FAILED = Gauge(
    "forbear.jobs.failed",
    "{job}",
    "Jobs given up: a deadline that was missed for good.",
    ("forbear.job_kind",),
)

# Compliance.
DECISIONS = Counter(
    "forbear.decisions",
    "{decision}",
    "Contact decisions, by channel and verdict; a redemption decides again.",
    ("forbear.stage", "forbear.channel", "forbear.verdict"),
)
OBJECTIONS = Counter(
    "forbear.objections",
    "{objection}",
    "Objections to contacts, by rule.",
    ("forbear.stage", "forbear.channel", "forbear.rule"),
)
DECISION_DURATION = Histogram(
    "forbear.decision.duration",
    "s",
    "From reading the gate to the committed decision, by channel.",
    ("forbear.stage", "forbear.channel"),
)
CLEARANCES = Counter(
    "forbear.clearances",
    "{decision}",
    "Decisions about acts other than contacts, by act and verdict.",
    ("forbear.act", "forbear.verdict"),
)
CLEARANCE_OBJECTIONS = Counter(
    "forbear.clearance.objections",
    "{objection}",
    "Objections to acts other than contacts, by rule.",
    ("forbear.act", "forbear.rule"),
)
CLEARANCE_DURATION = Histogram(
    "forbear.clearance.duration",
    "s",
    "From reading the gate to the committed decision about an act.",
    ("forbear.act",),
)
OBSERVED_OBJECTIONS = Counter(
    "forbear.observed.objections",
    "{objection}",
    "Objections that rule packs in shadow would have made to contacts and other acts, of no"
    " effect, by pack and rule.",
    ("forbear.pack", "forbear.rule"),
)
RULE_PACK_FAILURES = Counter(
    "forbear.rule_pack.failures",
    "{failure}",
    "Errors that an agency's rule packs raised: while they were taken in, so that its permits are"
    " refused, or in shadow, of no effect.",
    ("forbear.stage",),
)
FAIL_CLOSED = Counter(
    "forbear.fail_closed",
    "{decision}",
    "Contacts refused because something needed was not known, by the rule that said so.",
    ("forbear.stage", "forbear.rule"),
)
CEASE_TO_SILENCE = Histogram(
    "forbear.cease_to_silence",
    "s",
    "From a protective statement to the gate that vetoes: `told` from the caller's request to"
    " compliance's commit, `read` from the statement's append to the commit by way of the feed.",
    ("forbear.path",),
)
STATEMENTS_UNTOLD = Counter(
    "forbear.statements.untold",
    "{statement}",
    "Protective statements that compliance did not confirm at once; the feed carries them.",
)

CANARY_TRIES = Counter(
    "forbear.canary.tries",
    "{try}",
    "Forbidden acts tried on canaries, by what was answered: refused, granted, or missed (refused"
    " without the rule that forbids the act). No other count has them in it.",
    ("forbear.canary", "forbear.answer"),
)
CANARY_ALARMS = Counter(
    "forbear.canary.alarms",
    "{alarm}",
    "Wrong answers to canaries, with the rule that should have objected.",
    ("forbear.canary", "forbear.rule", "forbear.answer"),
)
CANARY_SILENCE = Gauge(
    "forbear.canary.silence",
    "s",
    "Since a canary was last answered, at the agency where that is longest ago.",
    ("forbear.canary",),
)

# What cannot be. More than zero wakes somebody.
IMPOSSIBLE = Counter(
    "forbear.impossible",
    "{occurrence}",
    "Things that must never happen and did.",
    ("forbear.state",),
)
JOURNAL_UNBALANCED = Gauge(
    "forbear.journal.unbalanced",
    "{book}",
    "Books, of a tenant in a currency, whose postings do not add up to zero.",
)
AUDIT_BROKEN = Gauge(
    "forbear.audit.broken_logs",
    "{log}",
    "Audit logs that do not lead from their entries to their root and to what was signed.",
)

# The process and what it stands on.
TASK_FAILURES = Counter(
    "forbear.task.failures",
    "{failure}",
    "Background tasks that ended with an error and were started again.",
    ("forbear.task",),
)
APPEND_CONFLICTS = Counter(
    "forbear.append.conflicts", "{conflict}", "Appends that lost a race and were decided again."
)
IDEMPOTENCY_REPLAYS = Counter(
    "forbear.idempotency.replays", "{request}", "Requests answered with a recorded answer."
)
DATABASE_CONNECTIONS = Gauge(
    "db.client.connection.count",
    "{connection}",
    "Connections of each pool, by state.",
    ("db.client.connection.pool.name", "db.client.connection.state"),
)
CLOCK_SKEW = Gauge(
    "forbear.clock.skew", "s", "How far this machine's clock is from its database's, either way."
)

_provider: MeterProvider | None = None
_exposition: "Exposition | None" = None


def configure(*, is_scraped: bool = False, environ: Mapping[str, str] = os.environ) -> None:
    """Keep metrics for `/metrics`, and export them over OTLP/HTTP if an endpoint is named."""
    # In this order: shutting down, whoever sends may use up the time of those behind it.
    readers = [scraped()] if is_scraped else []
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    if any(environ.get(name) for name in names):
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # slow to import
            OTLPMetricExporter,
        )
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    if readers:
        bind(*readers)


def scraped() -> MetricReader:
    """Return a reader for `exposed`."""
    global _exposition
    from shared.telemetry.exposition import Exposition  # slow to import

    _exposition = Exposition()
    return _exposition.reader


def bind(*readers: MetricReader) -> None:
    """Let readers collect every declared metric."""
    global _provider
    _provider = MeterProvider(readers, resource=_process(), shutdown_on_exit=False)
    instruments.bind(_provider.get_meter("forbear"))


def _process() -> Resource:
    # Two processes of one service must not write the same series; the environment may name them.
    found = Resource.create({"service.namespace": "forbear"})
    if "service.instance.id" in found.attributes:
        return found
    return found.merge(Resource({"service.instance.id": RandomIds().new("req")}))


def is_on() -> bool:
    """Tell whether anybody collects."""
    return _provider is not None


def exposed(service: str) -> bytes | None:
    """Return one service's metrics as Prometheus reads them; None if they are not kept for it."""
    return None if _exposition is None else _exposition.text(service)


def shutdown() -> None:
    """Send what is collected and stop; see `ending` for the end of a process."""
    global _provider, _exposition
    instruments.release()
    if _provider is not None:
        _provider.shutdown()
        _provider = _exposition = None
