"""The ledger's settings, from environment variables."""

from pydantic import Field

from shared.service.settings import DatabaseUrl, Key, OtherFeedUrl, Port, ServiceSettings


class Settings(ServiceSettings):
    """Where the ledger's databases are."""

    ledger_port: Port = Field(8101, description="Port to listen on.")
    ledger_app_database_url: DatabaseUrl = Field(
        description="The own database as its app role, which serves."
    )
    ledger_jobs_database_url: DatabaseUrl = Field(
        description="The own database as its jobs role, which sees what is due."
    )
    ledger_feed_database_url: DatabaseUrl = Field(
        description="The own database as its feed role, which reads the events of all tenants."
    )
    disputes_feed_database_url: OtherFeedUrl = None
    ledger_signing_key: Key = Field(description="Signs this service's tokens.")
