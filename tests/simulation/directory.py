"""Who and what was placed, as read models would show it: accounts, people, ways to reach them."""

from collections.abc import Iterator
from typing import Any

from services.contact.foreign import AccountPlaced, PlacedContactPoint
from shared.eventstore import codec
from shared.kernel.records import event_name
from tests.simulation.databases import Database


class Directory:
    """Reads the ledger's log as far as it goes."""

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger
        self._read = 0
        self._accounts: dict[str, AccountPlaced] = {}
        self._points: dict[str, tuple[AccountPlaced, PlacedContactPoint]] = {}

    def accounts(self) -> Iterator[AccountPlaced]:
        """Return every account placed so far."""
        self._refresh()
        yield from self._accounts.values()

    def account(self, account_id: str) -> AccountPlaced:
        """Return an account."""
        self._refresh()
        return self._accounts[account_id]

    def points(self) -> dict[str, PlacedContactPoint]:
        """Return every contact point by id."""
        self._refresh()
        return {point_id: point for point_id, (_, point) in self._points.items()}

    def account_row(self, account_id: str) -> dict[str, Any]:
        """Return the row of an account as a view keeps it."""
        placed = self.account(account_id)
        return {
            "account_id": account_id,
            "consumer_ids": list(placed.consumer_ids),
            "correlation_id": account_id,
            "traceparent": None,
        }

    def point_row(self, account_id: str, contact_point_id: str) -> dict[str, Any]:
        """Return the row of an account and a point of it."""
        placed, point = self.account(account_id), self.points()[contact_point_id]
        return {
            **self.account_row(account_id),
            "contact_point_id": contact_point_id,
            "kind": point.kind,
            "consumer_id": point.consumer_id or placed.consumer_ids[0],
            "party_id": None if point.consumer_id else point.party_id,
            "parties": codec.encode(placed.parties),
        }

    def _refresh(self) -> None:
        name = event_name(AccountPlaced)
        for logged in self._ledger.log[self._read :]:
            if logged.event.type == name:
                placed = codec.decode(AccountPlaced, logged.event.data)
                self._accounts[placed.account_id] = placed
                for point in placed.contact_points:
                    self._points[point.contact_point_id] = (placed, point)
        self._read = len(self._ledger.log)
