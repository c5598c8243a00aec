"""How to reach the brokers, and what the topics are called."""

import ssl
from typing import Any

from shared.kernel.records import record

REQUEST_TIMEOUT_MS = 10_000


@record
class Brokers:
    """Addresses and credentials; `security_protocol` and `sasl_mechanism` as Kafka names them."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def options(self) -> dict[str, Any]:
        """Return what every aiokafka client is opened with."""
        encrypted = self.security_protocol in ("SSL", "SASL_SSL")
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
            "ssl_context": ssl.create_default_context(cafile=self.ca_file) if encrypted else None,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
        }


def topic_of(service: str) -> str:
    """Name the topic of a service's events."""
    return f"forbear.{service}.events.v1"
