"""Compliance's settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, OtherFeedUrl, Port, ServiceSettings


class Settings(ServiceSettings):
    """Where compliance's databases are and how fresh its facts must be."""

    compliance_port: Port = Field(8104, description="Port to listen on.")
    compliance_app_database_url: DatabaseUrl = Field(
        description="The own database as its app role, which serves."
    )
    compliance_jobs_database_url: DatabaseUrl = Field(
        description="The own database as its jobs role, which sees what is due."
    )
    compliance_feed_database_url: DatabaseUrl = Field(
        description="The own database as its feed role, which reads the events of all tenants."
    )
    ledger_feed_database_url: OtherFeedUrl = None
    contact_feed_database_url: OtherFeedUrl = None
    disputes_feed_database_url: OtherFeedUrl = None
    compliance_signing_key: Key = Field(description="Signs this service's tokens.")
    audit_signing_key: Key = Field(description="Signs the audit log's checkpoints.")
    staleness_bound_s: float = Field(
        5.0, gt=0, le=60, description="A permit is refused when a feed is older than this."
    )
    canaries: bool = Field(
        True, description="Try forbidden acts on canaries; false leaves rules unwatched."
    )
    canaries_every_s: float = Field(
        30.0, ge=1, le=45, description="How often each agency's canaries are tried."
    )
    replay_differences_days: int = Field(
        90,
        ge=1,
        le=3660,
        description="How long after a replay's end its differences can be read one by one.",
    )
