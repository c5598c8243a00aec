"""Settings that every service has, read from environment variables and from nowhere else."""

import base64
import binascii
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

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


class ServiceSettings(BaseSettings):
    """Common to all services. A service's own class names its databases, port and signing key."""

    model_config = SettingsConfigDict(env_prefix="FORBEAR_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    master_key: Key = Field(description="Wraps the tenants' keys in the key vault.")
    cursor_key: Key = Field(description="Signs pagination cursors.")
    public_keys: dict[str, str] = Field(description="Public Ed25519 key of each service, base64.")
    vault_app_database_url: DatabaseUrl
    pool_size_max: int = Field(10, ge=2, le=100, description="Connections to the own database.")


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
