"""What `forbear migrate`, and whoever administers beside it, reads from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.service.settings import ENVIRONMENT, DatabaseUrl, PublicKeys

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


class AdministrationSettings(BaseSettings):
    """What the commands of an administrator need besides the databases."""

    model_config = ENVIRONMENT

    public_keys: PublicKeys | None = Field(
        None,
        description="Public Ed25519 keys in base64: one JSON object. `forbear audit verify` needs"
        " that of `audit`.",
    )
