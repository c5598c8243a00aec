"""The ledger's settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, ServiceSettings


class Settings(ServiceSettings):
    """Where the ledger's databases are."""

    ledger_port: int = Field(8101, ge=1, le=65535)
    ledger_app_database_url: DatabaseUrl
    ledger_jobs_database_url: DatabaseUrl
    ledger_feed_database_url: DatabaseUrl
    disputes_feed_database_url: DatabaseUrl | None = None
    ledger_signing_key: Key = Field(description="Signs this service's tokens.")
