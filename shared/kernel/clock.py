"""The only place that reads the wall clock or draws randomness.

Domain time is not here: it is the tenant's clock, read by the event store together with the
stream (DESIGN §12). What is here serves ids, signatures and telemetry.
"""

import os
import time
from datetime import UTC, datetime

from shared.kernel import ids


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """TypeIDs over UUIDv7 (RFC 9562, section 5.7)."""

    def new(self, prefix: str) -> str:
        """Return a new id with that prefix."""
        value = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
        value[6] = value[6] & 0x0F | 0x70
        value[8] = value[8] & 0x3F | 0x80
        return ids.encode(prefix, bytes(value))
