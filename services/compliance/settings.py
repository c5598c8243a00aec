"""Compliance's settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, ServiceSettings


class Settings(ServiceSettings):
    """Where compliance's databases are and how fresh its facts must be."""

    compliance_port: int = Field(8104, ge=1, le=65535)
    compliance_app_database_url: DatabaseUrl
    compliance_jobs_database_url: DatabaseUrl
    compliance_feed_database_url: DatabaseUrl
    ledger_feed_database_url: DatabaseUrl | None = None
    contact_feed_database_url: DatabaseUrl | None = None
    disputes_feed_database_url: DatabaseUrl | None = None
    compliance_signing_key: Key = Field(description="Signs this service's tokens.")
    audit_signing_key: Key = Field(description="Signs the audit log's checkpoints.")
    staleness_bound_s: float = Field(
        5.0, gt=0, le=60, description="A permit is refused when a feed is older than this."
    )
