"""What one audit record commits to: every attribute of a stored event.

Data and metadata enter as hashes, so a leaf can be shown to someone who may not see them. The
bytes are RFC 8785 canonical JSON: sorted keys, integers below 2⁵³, times with microseconds in UTC.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from shared.kernel.records import record

FORMAT = 1
VERSION_LIMIT = 2**53


@record
class Entry:
    """A stored event as its service's event table holds it."""

    tenant: str
    service: str
    stream: str
    version: int
    event_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    data: bytes
    metadata: bytes


def leaf_bytes(entry: Entry) -> bytes:
    """Return the one way to write the entry; any change of any attribute changes it.

    Raises:
        ValueError: a time has no zone, or the version is no positive integer below 2⁵³.
    """
    if not 0 < entry.version < VERSION_LIMIT:
        raise ValueError("a stored event's version is a positive integer below 2**53")
    written: dict[str, Any] = {
        "format": FORMAT,
        "tenant": entry.tenant,
        "service": entry.service,
        "stream": entry.stream,
        "version": entry.version,
        "event_id": entry.event_id,
        "type": entry.type,
        "occurred_at": instant(entry.occurred_at),
        "recorded_at": instant(entry.recorded_at),
        "data_sha256": sha256(entry.data).hexdigest(),
        "metadata_sha256": sha256(entry.metadata).hexdigest(),
    }
    return msgspec.json.encode(written, order="sorted")


def instant(at: datetime) -> str:
    """Write an instant in UTC, always with six digits of microseconds.

    Raises:
        ValueError: the instant has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
