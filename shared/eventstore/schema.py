"""The tables, functions and rights that every service's database starts with.

Run once per database by its first migration. The app role may add events and read them, nothing
else; row-level security is forced on every table that has a tenant.
"""

from collections.abc import Iterator
from importlib import resources

TENANT_TABLES = (
    "tenants",
    "clocks",
    "events",
    "states",
    "claims",
    "idempotency",
    "jobs",
    "inbox",
    "parked_events",
)
APP_RIGHTS = {
    "store": "SELECT",
    "tenants": "SELECT",
    "clocks": "SELECT",
    "api_keys": "SELECT",
    "events": (
        "SELECT, INSERT (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)"
    ),
    "states": "SELECT, INSERT, UPDATE",
    "claims": "SELECT, INSERT",
    "idempotency": "SELECT, INSERT",
    "jobs": "SELECT, INSERT, UPDATE",
    "inbox": "SELECT, INSERT",
    "parked_events": "SELECT, INSERT",
    "leases": "SELECT, INSERT, UPDATE",
    "publications": "SELECT, INSERT, UPDATE",
    "checkpoints": "SELECT, INSERT, UPDATE",
    "watermarks": "SELECT, INSERT, UPDATE",
}
FEED_RIGHTS = {"store": "SELECT", "tenants": "SELECT", "events": "SELECT"}
JOBS_RIGHTS = {
    "clocks": "SELECT",
    "jobs": "SELECT, UPDATE (status, attempts, run_after, owner, lease_until, last_error)",
}


def statements(service: str) -> Iterator[str]:
    """Yield the statements that make an empty database the service's event store."""
    folder = resources.files("shared.eventstore") / "sql"
    for file in sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql")):
        text = (folder / file).read_text()
        yield from [text] if "$$" in text else text.split(";\n")
    yield "INSERT INTO store (epoch) VALUES (gen_random_uuid()::text)"
    for table in TENANT_TABLES:
        yield from tenant_policy(table, service)
    yield from _cross_tenant_policies(service)
    yield from rights(APP_RIGHTS, f"{service}_app")
    yield from rights(FEED_RIGHTS, f"{service}_feed")
    yield from rights(JOBS_RIGHTS, f"{service}_jobs")
    yield "REVOKE EXECUTE ON FUNCTION prune_answers FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION prune_answers TO {service}_jobs"
    yield f"GRANT USAGE ON SCHEMA public TO {service}_app, {service}_feed, {service}_jobs"


def tenant_policy(table: str, service: str) -> Iterator[str]:
    """Yield what confines a table's rows to the tenant that is set, for the app role."""
    own = "tenant_id = (SELECT current_tenant())"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY own_tenant ON {table} TO {service}_app USING ({own}) WITH CHECK ({own})"
    yield (
        f"CREATE POLICY administration ON {table} TO {service}_owner USING (true) WITH CHECK (true)"
    )


def rights(table_rights: dict[str, str], role: str) -> Iterator[str]:
    """Yield the grants of a role."""
    for table, granted in table_rights.items():
        yield f"GRANT {granted} ON {table} TO {role}"


def _cross_tenant_policies(service: str) -> Iterator[str]:
    for table in ("events", "tenants"):
        yield f"CREATE POLICY all_tenants ON {table} FOR SELECT TO {service}_feed USING (true)"
    for table in ("jobs", "clocks"):
        yield f"CREATE POLICY due_work ON {table} TO {service}_jobs USING (true)"


def measuring(service: str) -> Iterator[str]:
    """Yield what lets the jobs role count what was set aside and what was given up."""
    jobs = f"{service}_jobs"
    columns = "tenant_id, subscription, key, event_id, parked_at"
    yield f"GRANT SELECT ({columns}) ON parked_events TO {jobs}"
    yield f"CREATE POLICY counting ON parked_events FOR SELECT TO {jobs} USING (true)"
    yield "CREATE INDEX jobs_failed ON jobs (kind) WHERE status = 'failed'"


def not_measuring(service: str) -> Iterator[str]:
    """Yield what undoes `measuring`."""
    yield "DROP INDEX jobs_failed"
    yield "DROP POLICY counting ON parked_events"
    yield f"REVOKE SELECT ON parked_events FROM {service}_jobs"


def removal() -> Iterator[str]:
    """Yield what undoes `statements` in a database that holds nothing else."""
    for function in (
        "load",
        "append",
        "find_claims",
        "received",
        "receive",
        "settle",
        "prune_answers",
    ):
        yield f"DROP FUNCTION {function}"
    for table in APP_RIGHTS:
        yield f"DROP TABLE {table}"
    yield "DROP FUNCTION current_tenant"
