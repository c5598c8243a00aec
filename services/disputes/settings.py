"""Disputes' settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, OtherFeedUrl, Port, ServiceSettings


class Settings(ServiceSettings):
    """Where disputes' databases are, and where compliance is."""

    disputes_port: Port = Field(8103, description="Port to listen on.")
    disputes_app_database_url: DatabaseUrl = Field(
        description="The own database as its app role, which serves."
    )
    disputes_jobs_database_url: DatabaseUrl = Field(
        description="The own database as its jobs role, which sees what is due."
    )
    disputes_feed_database_url: DatabaseUrl = Field(
        description="The own database as its feed role, which reads the events of all tenants."
    )
    ledger_feed_database_url: OtherFeedUrl = None
    contact_feed_database_url: OtherFeedUrl = None
    disputes_signing_key: Key = Field(description="Signs this service's tokens.")
    staleness_bound_s: float = Field(
        5.0, gt=0, le=60, description="How stale compliance lets its feeds be; the same there."
    )
    compliance_url: str = Field(
        "http://127.0.0.1:8104", description="Where disputes are told synchronously."
    )
