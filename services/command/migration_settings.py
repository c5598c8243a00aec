"""What `forbear migrate` reads from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.service.settings import ENVIRONMENT, DatabaseUrl

_WITH_ADMINISTRATOR = "needed with DATABASE_URL, which then sets its password."


class MigrationSettings(BaseSettings):
    """Who makes databases and roles, where nobody else does."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = Field(
        None,
        description="An administrator's URL of the server: databases and roles are made, and their"
        " passwords, rights and limits set. Unset, they must be there already.",
    )


class ServiceUrls(BaseSettings):
    """A service's database, as each of its roles reaches it."""

    model_config = ENVIRONMENT

    owner_database_url: DatabaseUrl = Field(description="As its owner, who migrates it.")
    app_database_url: SecretStr | None = Field(
        None, description=f"As its app role; {_WITH_ADMINISTRATOR}"
    )
    feed_database_url: SecretStr | None = Field(
        None, description=f"As its feed role; {_WITH_ADMINISTRATOR}"
    )
    jobs_database_url: SecretStr | None = Field(
        None, description=f"As its jobs role; {_WITH_ADMINISTRATOR}"
    )


class VaultUrls(BaseSettings):
    """The key vault's database, as each of its roles reaches it."""

    model_config = ENVIRONMENT

    owner_database_url: DatabaseUrl = Field(description="As its owner, who migrates it.")
    app_database_url: SecretStr | None = Field(
        None, description=f"As its app role; {_WITH_ADMINISTRATOR}"
    )
