"""How to reach the brokers, how long to wait for them, and what the topics are called."""

import ssl
from typing import Any

from shared.kernel.records import record

# Each limit is longer than what it waits for may rightly take. Together they let a reader work
# again 15 s after whatever happened.
HEARTBEAT_INTERVAL_MS = 2_000
SESSION_TIMEOUT_MS = 6_000  # a member that has died is given up: the least that brokers allow
REQUEST_TIMEOUT_MS = 8_000  # one answer; to who joins it comes when all have, or were given up
SILENCE_MAX_S = 8.0  # records that do not come; while a relay works there is one every second
ANSWER_S = 12.0  # a question of several requests: a rebalance, or another broker after a timeout
ACKNOWLEDGED_S = 20.0  # a page that was sent, with repetitions at another leader
CLOSE_S = 5.0


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
