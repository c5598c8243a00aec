"""The only span attributes and log keys that ever leave the process.

Ids, codes, counts and durations: never a name, a number of a person, a text or a query string.
Whatever is not listed is dropped on the way out, whoever set it. What is not ours is named as in
the OpenTelemetry semantic conventions of `SCHEMA_URL`.
"""

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"

HTTP = (
    "http.request.method",
    "http.request.resend_count",
    "http.response.status_code",
    "http.route",
    "network.protocol.version",
    "server.address",
    "server.port",
    "url.scheme",
)
DATABASE = (
    "db.collection.name",
    "db.namespace",
    "db.operation.name",
    "db.query.summary",
    "db.response.status_code",
    "db.system.name",
)
MESSAGING = (
    "messaging.batch.message_count",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.message.key",
    "messaging.kafka.offset",
    "messaging.message.conversation_id",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
)
ERRORS = ("error.type", "exception.type")

#: Ours; on spans with the prefix `forbear.`, in logs without.
OURS = (
    "account_id",
    "actor",
    "attempt_id",
    "attempts",
    "causation_id",
    "channel",
    "consumer_id",
    "correlation_id",
    "count",
    "creditor_id",
    "decision",
    "dispute_id",
    "event_id",
    "event_type",
    "fact_id",
    "job_kind",
    "key_id",
    "operation_id",
    "outbox_wait_s",
    "outcome",
    "payment_id",
    "permit_id",
    "placement_id",
    "plan_id",
    "position",
    "problem",
    "replayed",
    "request_id",
    "rules",
    "scope",
    "service",
    "stream",
    "subscription",
    "tenant",
    "verdict",
    "version",
)

SPAN_ATTRIBUTES = frozenset(
    (*HTTP, *DATABASE, *MESSAGING, *ERRORS, *(f"forbear.{name}" for name in OURS))
)

LOG_KEYS = frozenset(
    (
        *OURS,
        "address",
        "attempt",
        "canary",
        "client",
        "database",
        "delay_s",
        "duration_ms",
        "end_offset",
        "error_at",
        "error_causes",
        "error_type",
        "event",
        "group",
        "kind",
        "lag_s",
        "level",
        "method",
        "module",
        "objections",
        "pack_id",
        "packs",
        "partition",
        "partitions",
        "partitions_published",
        "port",
        "publication",
        "reason",
        "task",
        "revision",
        "route",
        "rule",
        "seconds",
        "settings",
        "shard",
        "signal",
        "size_bytes",
        "span_id",
        "state",
        "status",
        "timestamp",
        "topic",
        "trace_id",
    )
)

TEXT_LENGTH_MAX = 200
