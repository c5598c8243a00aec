"""Settings that every service has, read from environment variables and from nowhere else."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.messaging.kafka.connection import Brokers

KEY_BYTES = 32


def _key(secret: SecretStr) -> SecretStr:
    try:
        decoded = base64.b64decode(secret.get_secret_value(), validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None
    if len(decoded) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64")
    return secret


def _public_keys(keys: dict[str, str]) -> dict[str, str]:
    for service, text in keys.items():
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
        except ValueError:
            raise ValueError(f"the key of {service} is not {KEY_BYTES} bytes in base64") from None
    return keys


Key = Annotated[SecretStr, AfterValidator(_key)]
PublicKeys = Annotated[dict[str, str], AfterValidator(_public_keys)]
Port = Annotated[int, Field(ge=1, le=65535)]
DatabaseUrl = Annotated[
    SecretStr, Field(description="postgresql://role:password@host:port/database")
]
OtherFeedUrl = Annotated[
    SecretStr | None,
    Field(description="The other service's database as its feed role; not needed with Kafka."),
]

#: An empty variable is one that is not set: that is how templates leave a setting out.
ENVIRONMENT = SettingsConfigDict(
    env_prefix="FORBEAR_", frozen=True, extra="ignore", env_ignore_empty=True
)


class TelemetrySettings(BaseSettings):
    """What a process tells of itself, besides its logs; OTEL_EXPORTER_OTLP_ENDPOINT works too."""

    model_config = ENVIRONMENT

    metrics: bool = Field(
        False, description="Keep metrics and serve them at /metrics of every port."
    )


class KafkaSettings(TelemetrySettings):
    """Where the brokers are, for who reads or publishes events through Kafka."""

    kafka_bootstrap_servers: str | None = Field(
        None, description="host:port, ...; unset, other services' events are read from PostgreSQL."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the brokers are spoken to."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="How the user proves itself, where the protocol has SASL."
    )
    kafka_username: str | None = Field(None, description="The user, where the protocol has SASL.")
    kafka_password: SecretStr | None = Field(None, description="The user's password.")
    kafka_ca_file: str | None = Field(
        None, description="PEM file; unset, the system's authorities."
    )

    @property
    def brokers(self) -> Brokers | None:
        """Return how to reach the brokers; None where there are none."""
        if self.kafka_bootstrap_servers is None:
            return None
        password = self.kafka_password
        return Brokers(
            bootstrap_servers=self.kafka_bootstrap_servers,
            security_protocol=self.kafka_security_protocol,
            sasl_mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username,
            password=password.get_secret_value() if password else None,
            ca_file=self.kafka_ca_file,
        )


class ServiceSettings(KafkaSettings):
    """Common to all services. A service's own class names its databases, port and signing key."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    master_key: Key = Field(description="Wraps the tenants' keys in the key vault.")
    cursor_key: Key = Field(description="Signs pagination cursors.")
    public_keys: PublicKeys = Field(
        description="Public Ed25519 key of each service in base64: one JSON object."
    )
    vault_app_database_url: DatabaseUrl = Field(
        description="The vault of the tenants' keys, as its app role; all services share it."
    )
    pool_size_max: int = Field(10, ge=2, le=100, description="Connections to the own database.")


class MissingFeed(ValueError):
    """There is no way to another service's events."""


def sources(
    brokers: Brokers | None, own: str, urls: Mapping[str, SecretStr | None]
) -> dict[str, str]:
    """Return the feed URLs of the databases that are read directly: with brokers only the own.

    Raises:
        MissingFeed: another service's URL is missing and there are no brokers.
    """
    missing = [name for name, url in urls.items() if url is None]
    if own in missing or (missing and brokers is None):
        raise MissingFeed(
            f"set FORBEAR_{missing[0].upper()}_FEED_DATABASE_URL,"
            " or FORBEAR_KAFKA_BOOTSTRAP_SERVERS"
        )
    return {
        name: url.get_secret_value()
        for name, url in urls.items()
        if url is not None and (brokers is None or name == own)
    }


def key_bytes(key: SecretStr) -> bytes:
    """Return the bytes of a key setting."""
    return base64.b64decode(key.get_secret_value())


def signing_key(key: SecretStr) -> Ed25519PrivateKey:
    """Return a service's signing key."""
    return Ed25519PrivateKey.from_private_bytes(key_bytes(key))


def public_keys(settings: ServiceSettings) -> dict[str, list[Ed25519PublicKey]]:
    """Return what the services' tokens are checked with."""
    return {
        service: [Ed25519PublicKey.from_public_bytes(base64.b64decode(text))]
        for service, text in settings.public_keys.items()
    }
