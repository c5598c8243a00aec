"""Contact's settings, from environment variables."""

from pydantic import Field, SecretStr

from shared.service.settings import DatabaseUrl, Key, OtherFeedUrl, Port, ServiceSettings


class Settings(ServiceSettings):
    """Where contact's databases are, where compliance is, and where mail is handed over."""

    contact_port: Port = Field(8102, description="Port to listen on.")
    contact_app_database_url: DatabaseUrl = Field(
        description="The own database as its app role, which serves."
    )
    contact_jobs_database_url: DatabaseUrl = Field(
        description="The own database as its jobs role, which sees what is due."
    )
    contact_feed_database_url: DatabaseUrl = Field(
        description="The own database as its feed role, which reads the events of all tenants."
    )
    ledger_feed_database_url: OtherFeedUrl = None
    compliance_feed_database_url: OtherFeedUrl = None
    contact_signing_key: Key = Field(description="Signs this service's tokens.")
    staleness_bound_s: float = Field(
        5.0, gt=0, le=60, description="How stale compliance lets its feeds be; the same there."
    )
    compliance_url: str = Field("http://127.0.0.1:8104", description="Where permits are asked for.")
    smtp_host: str = Field("127.0.0.1", description="The mail server.")
    smtp_port: Port = Field(8126, description="Its port.")
    smtp_username: str | None = Field(
        None, description="The user there, where it asks for one; it must then offer STARTTLS."
    )
    smtp_password: SecretStr | None = Field(None, description="The user's password.")
    smtp_sender: str = Field(
        "collections@forbear.example",
        pattern=r"^[!-?A-~]{1,64}@[a-z0-9.-]{1,190}$",
        description="From whom e-mail comes; replies to it must be read.",
    )
