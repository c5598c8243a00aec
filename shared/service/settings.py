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


Key = Annotated[SecretStr, AfterValidator(_key)]
DatabaseUrl = Annotated[
    SecretStr, Field(description="postgresql://role:password@host:port/database")
]


class TelemetrySettings(BaseSettings):
    """What a process tells of itself, besides its logs; OTEL_EXPORTER_OTLP_ENDPOINT works too."""

    model_config = SettingsConfigDict(env_prefix="FORBEAR_", frozen=True, extra="ignore")

    metrics: bool = Field(
        False, description="Keep metrics and serve them at /metrics of every port."
    )


class KafkaSettings(TelemetrySettings):
    """Where the brokers are, for who reads or publishes events through Kafka."""

    kafka_bootstrap_servers: str | None = Field(
        None, description="host:port, ...; unset, other services' events are read from PostgreSQL."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
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
    public_keys: dict[str, str] = Field(description="Public Ed25519 key of each service, base64.")
    vault_app_database_url: DatabaseUrl
    pool_size_max: int = Field(10, ge=2, le=100, description="Connections to the own database.")


def sources(
    brokers: Brokers | None, own: str, urls: Mapping[str, SecretStr | None]
) -> dict[str, str]:
    """Return the feed URLs of the databases that are read directly: with brokers only the own.

    Raises:
        ValueError: another service's URL is missing and there are no brokers.
    """
    missing = [name for name, url in urls.items() if url is None]
    if own in missing or (missing and brokers is None):
        raise ValueError(
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
