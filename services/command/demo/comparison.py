"""Makes the logs of two plays comparable: the same seed must give the same events.

Personal values are opened, and ids and keyed digests are numbered by first appearance, beginning
with the accounts in the order of the creditor's own numbers. Left out is what no seed decides:
watermarks, traces, positions and recorded times. What reaches a gate at one instant by different
feeds has no order of its own, since feed positions never order facts: it is compared as a set.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from shared.kernel.records import record
from shared.kernel.sealed import Sealed
from shared.vault.keys import Erased, SealBroken
from shared.vault.sealer import Sealer, subject_of

VOLATILE = frozenset({"watermarks", "trace_id", "traceparent"})
# A value is sealed under a field's name, which need not be the name it has in the event.
FIELDS = (
    "account_number",
    "customer_reference",
    "description",
    "name",
    "alias",
    "date_of_birth",
    "ssn_last4",
    "driver_license",
    "payment_reference",
    "contact_point",
    "email_subject",
    "email_body",
    "message",
    "statement",
    "attorney",
    "note",
)
_EVENTS = """
SELECT stream, version, type, data, occurred_at FROM events
WHERE tenant_id = $1 ORDER BY stream, version
"""
_SEALED = {"key_id", "nonce", "ciphertext"}
_ID = re.compile(r"\b(?:[a-z]+_(?P<id>[0-7][0-9a-hjkmnp-tv-z]{25})|(?P<digest>[0-9a-f]{64}))\b")
_ACCOUNT = "account-"
_GATE = "gate-"
# Told by feeds and jobs, not decided in the gate's own order.
_ARRIVALS = ("fact-recorded", "fact-released", "outcome-reported")
_SERVICES = ("ledger", "disputes", "contact", "compliance")


@record
class Opened:
    """One event with its personal values in clear."""

    service: str
    stream: str
    version: int
    type: str
    occurred_at: datetime
    data: dict[str, Any]


async def read(connections: Mapping[str, Any], sealer: Sealer, tenant: str) -> list[Opened]:
    """Read and open all events of a tenant, from connections that see them."""
    found = []
    for service, connection in sorted(connections.items()):
        for row in await connection.fetch(_EVENTS, tenant):
            data = await _opened(sealer, tenant, json.loads(row["data"]))
            found.append(
                Opened(
                    service=service,
                    stream=row["stream"],
                    version=row["version"],
                    type=row["type"],
                    occurred_at=row["occurred_at"],
                    data=data,
                )
            )
    return found


async def _opened(sealer: Sealer, tenant: str, value: Any) -> Any:
    if isinstance(value, list):
        return [await _opened(sealer, tenant, each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _SEALED:
        return await _open(sealer, tenant, Sealed(**value))
    return {
        name: await _opened(sealer, tenant, each)
        for name, each in value.items()
        if name not in VOLATILE
    }


async def _open(sealer: Sealer, tenant: str, sealed: Sealed) -> str:
    subject = subject_of(sealed)
    for field in FIELDS:
        try:
            text = await sealer.open(tenant, subject, field, sealed)
        except SealBroken:
            continue
        return "(erased)" if isinstance(text, Erased) else text
    raise LookupError("a value is sealed under a field that the comparison does not know")


def comparable(events: Iterable[Opened]) -> list[str]:
    """Return one line for each event, stream by stream, the same for two plays that are alike."""
    streams: dict[tuple[str, str], list[Opened]] = defaultdict(list)
    for event in events:
        streams[event.service, event.stream].append(event)
    numbering = _Numbering()
    lines: list[str] = []
    waiting = dict(streams)
    placed = [key for key in streams if key[1].startswith(_ACCOUNT)]
    for key in sorted(placed, key=lambda each: str(streams[each][0].data.get("account_number"))):
        lines += numbering.written(waiting.pop(key))
    while waiting:
        ready = sorted(
            (number, _SERVICES.index(key[0]), key)
            for key in waiting
            if (number := numbering.number_in(key[1])) is not None
        )
        keys = [key for *_, key in ready]
        if not keys:  # nothing refers to these; they are told apart by what they say
            keys = sorted(waiting, key=lambda each: numbering.masked(waiting[each]))
        for key in keys:
            lines += numbering.written(waiting.pop(key))
    return sorted(lines)


class _Numbering:
    """Numbers ids and digests in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number_in(self, text: str) -> int | None:
        """Return the number of the first id in a text, if it has one."""
        match = _ID.search(text)
        return self._numbers.get(_key(match)) if match else None

    def written(self, events: Sequence[Opened]) -> list[str]:
        """Write the events of a stream, numbering what is new in them."""
        return [
            _ID.sub(self._label, _text(each, version))
            for version, each in enumerate(self._in_order(events), start=1)
        ]

    def masked(self, events: Sequence[Opened]) -> list[str]:
        """Write the events of a stream without numbering: what is new in them is left blank."""
        return [_ID.sub(self._known_label, _text(each, 0)) for each in events]

    def _in_order(self, events: Sequence[Opened]) -> list[Opened]:
        """Return the events of a stream; what arrived at a gate together, by what it says."""
        ordered: list[Opened] = []
        for (arrived, _), together in groupby(events, key=_arrival):
            run = list(together)
            ordered += sorted(run, key=lambda each: self.masked([each])) if arrived else run
        return ordered

    def _label(self, match: re.Match[str]) -> str:
        number = self._numbers.setdefault(_key(match), len(self._numbers) + 1)
        return f"{_prefix(match)}{number:07}"

    def _known_label(self, match: re.Match[str]) -> str:
        return f"{_prefix(match)}{self._numbers.get(_key(match), 0):07}"


def _key(match: re.Match[str]) -> str:
    return match["id"] or match["digest"]


def _prefix(match: re.Match[str]) -> str:
    return match[0].removesuffix(_key(match)) if match["id"] else "digest_"


def _arrival(event: Opened) -> tuple[bool, datetime]:
    name = event.type.split(".")[2]
    return event.stream.startswith(_GATE) and name in _ARRIVALS, event.occurred_at


def _text(event: Opened, version: int) -> str:
    data = json.dumps(event.data, sort_keys=True)
    at = event.occurred_at.isoformat()
    return f"{event.service} {event.stream} {version:05} {event.type} {at} {data}"
