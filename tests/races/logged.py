"""What the log says of a race, recounted from the gates' own streams in their order."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec

CALLS_MAX = 7
_EVENTS = """
SELECT stream, version, type, data FROM events
WHERE stream LIKE 'gate-%' ORDER BY stream, version
"""


@dataclass
class Recount:
    """How many calls each gate has let through at most at one time, and what must not be."""

    most: dict[str, int] = field(default_factory=dict)
    redeemed_after_stop: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def over(self) -> list[str]:
        """Gates that let an eighth call through."""
        return [stream for stream, most in self.most.items() if most > CALLS_MAX]


async def recount(url: str) -> Recount:
    """Read every gate. The clock stands still, so nothing expires and one week is all there is."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_EVENTS)
    await connection.close()
    found = Recount()
    for stream, events in groupby(rows, key=itemgetter("stream")):
        _follow(found, stream, list(events))
    return found


def _follow(found: Recount, stream: str, events: list[Any]) -> None:
    taken: set[str] = set()  # permits outstanding, and calls made
    most, is_stopped = 0, False
    for row in events:
        kind = row["type"].removeprefix("forbear.compliance.").rpartition(".v")[0]
        data = msgspec.json.decode(row["data"])
        found.seen[kind] += 1
        match kind:
            case "permit-granted":
                taken.add(data["permit_id"])
            case "permit-redeemed":
                taken.add(data["permit_id"])
                if is_stopped:
                    found.redeemed_after_stop.append(data["permit_id"])
            case "permit-released" | "permit-revoked":
                taken.discard(data["permit_id"])
            case "fact-recorded" if data["source_stream"].startswith("contact-"):
                is_stopped = True
        most = max(most, len(taken))
    found.most[stream] = most
