"""Disputes' settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, ServiceSettings


class Settings(ServiceSettings):
    """Where disputes' databases are, and where compliance is."""

    disputes_port: int = Field(8103, ge=1, le=65535)
    disputes_app_database_url: DatabaseUrl
    disputes_jobs_database_url: DatabaseUrl
    disputes_feed_database_url: DatabaseUrl
    ledger_feed_database_url: DatabaseUrl | None = None
    contact_feed_database_url: DatabaseUrl | None = None
    disputes_signing_key: Key = Field(description="Signs this service's tokens.")
    staleness_bound_s: float = Field(
        5.0, gt=0, le=60, description="How stale compliance lets its feeds be; the same there."
    )
    compliance_url: str = Field(
        "http://127.0.0.1:8104", description="Where disputes are told synchronously."
    )
