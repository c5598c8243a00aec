"""Whom a desk works on: ids, ways to reach them, and what may be done to them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.contact.foreign import AccountPlaced, PlacedContactPoint
from tests.simulation.chance import Chance
from tests.simulation.population import Protected
from tests.simulation.processes import SkewedIds


@dataclass
class Subject:
    """One protected consumer, as placed."""

    person: Protected
    accounts: list[AccountPlaced]
    chance: Chance
    ids: SkewedIds
    parties: dict[str, str] = field(default_factory=dict)
    points: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By party id, kind and label, of those that were added later too."""

    def __post_init__(self) -> None:
        for placed in self.accounts:
            for party in placed.parties:
                if party.consumer_id != self.consumer_id:
                    self.parties.setdefault(party.role, party.consumer_id or party.party_id)
            for point in placed.contact_points:
                self.points.setdefault(
                    (self._owner(point), point.kind, point.label), point.contact_point_id
                )

    def _owner(self, point: PlacedContactPoint) -> str:
        return point.consumer_id or point.party_id

    @property
    def begins(self) -> datetime:
        """Return when the world begins."""
        return self.person.begins

    @property
    def consumer_id(self) -> str:
        """Return the consumer."""
        return self.accounts[0].consumer_ids[0]

    @property
    def account_ids(self) -> list[str]:
        """Return the accounts."""
        return [each.account_id for each in self.accounts]

    @property
    def account_id(self) -> str:
        """Return one of the accounts."""
        return self.chance.one_of(self.account_ids)

    def point(self, kind: str, label: str = "", owner: str | None = None) -> str | None:
        """Return a way to reach somebody: the consumer, and any label, unless said otherwise."""
        wanted = owner or self.consumer_id
        found = [
            point_id
            for (party, its_kind, its_label), point_id in self.points.items()
            if party == wanted and its_kind == kind and label in ("", its_label)
        ]
        return self.chance.one_of(found) if found else None

    def digest(self, point_id: str | None) -> str:
        """Return the digest of a placed contact point."""
        return next(
            each.digest
            for placed in self.accounts
            for each in placed.contact_points
            if each.contact_point_id == point_id
        )

    def around(self, days_min: float, days_max: float) -> datetime:
        """Return an instant some days from the beginning."""
        return self.begins + timedelta(days=self.chance.between(days_min, days_max))

    def day(self, days_min: float, days_max: float) -> date:
        """Return a date some days from the beginning."""
        return self.around(days_min, days_max).date()
