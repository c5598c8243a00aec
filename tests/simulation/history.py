"""What clients were told, written down outside the system: the other half of every promise."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from shared.kernel.records import record
from tests.simulation.messages import Draft

HEARD_ANEW = ("effective", "effective_by")
"""Told anew with every repeat of a statement; everything else of an answer must stay the same."""


class Stop:
    """Something a person said that must end contact, and what the caller was answered."""

    def __init__(
        self,
        *,
        kind: Literal["cease", "attorney", "opt_out", "dispute"],
        consumer_id: str,
        account_ids: tuple[str, ...] = (),
        medium: str | None = None,
        digest: str | None = None,
    ) -> None:
        self.kind = kind
        self.consumer_id = consumer_id
        self.account_ids = account_ids
        self.medium = medium
        self.digest = digest
        self.effective_at: datetime | None = None
        self.effective_by: datetime | None = None
        self.released_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Stop({self.kind} of {self.consumer_id}, {self.effective_at}/{self.effective_by})"


@record
class InboundTalk:
    """A conversation that the person began, and by when every gate must know of it."""

    consumer_id: str
    ended_at: datetime
    known_by: datetime


@record
class Acknowledged:
    """A change that a client was told is done."""

    path: str
    answer: Any


class Checked:
    """A message that a clerk asked about, and what the clerk was told, if ever."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.told: dict[str, Any] | None = None
        self.told_at: datetime | None = None


class History:
    """Everything clients know."""

    def __init__(self) -> None:
        self.stops: list[Stop] = []
        self.talks: list[InboundTalk] = []
        self.placements: list[Acknowledged] = []
        self.payments: list[Acknowledged] = []
        self.reversals: list[Acknowledged] = []
        self.checked: list[Checked] = []
        self.mailed: dict[str, tuple[str, str]] = {}
        """The words of messages, by the attempts that were permitted for them."""
        self.wrongs: list[str] = []
        self.paid_at_most = 0
        self._answers: dict[tuple[str, str], bytes] = {}

    def answered(self, path: str, key: str, status: int, body: bytes) -> None:
        """Hold an answer against an earlier one under the same key."""
        if status >= 300:
            return
        told = msgspec.json.decode(body)
        for name in HEARD_ANEW:
            told.pop(name, None)
        told = msgspec.json.encode(told, order="sorted")
        known = self._answers.setdefault((path, key), told)
        if known != told:
            self.wrongs.append(f"two answers to {path} under one key: {known!r} and {told!r}")
