"""A gate as rules see it: one consumer's facts by kind and the attempts that may count.

Built once per decision from the folded state, the request's own slot left out; it computes
plausible zones and debts once for all rules.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from services.compliance.rules import facts, local_time, persons, places
from services.compliance.rules.act_request import ActRequest, name_of
from services.compliance.rules.facts import Fact
from services.compliance.rules.pack import FEDERAL, Terms
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.slots import Reach, Slot
from shared.kernel.lazy import lazy

F = TypeVar("F")
T = TypeVar("T")
R = TypeVar("R", bound=ContactRequest | ActRequest)

OUTSIDE_FREQUENCY = frozenset(
    {"attorney", "creditor", "creditor_attorney", "collector_attorney", "consumer_reporting_agency"}
)
"""Those of 1006.6(d)(1)(ii)-(vi): not the consumer, and calls to them are not limited."""


class Known(Generic[R]):
    """What is known of one consumer when something is asked: a contact, or another act."""

    def __init__(
        self,
        *,
        facts: Iterable[tuple[str, Fact]],
        slots: Iterable[Slot],
        request: R,
        circumstances: Circumstances,
        is_overfull: bool = False,
    ) -> None:
        self._by_kind: dict[type, list[tuple[str, Any]]] = {}
        for key, fact in facts:
            self._by_kind.setdefault(type(fact), []).append((key, fact))
        self.slots = tuple(slots)
        self.request = request
        self.circumstances = circumstances
        self.is_overfull = is_overfull
        self.remembered: dict[tuple[object, ...], Any] = {}

    def once(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return what was computed under that key before, or compute it now."""
        if key not in self.remembered:
            self.remembered[key] = compute()
        found: T = self.remembered[key]
        return found

    def of(self, kind: type[F]) -> list[tuple[str, F]]:
        """Return the facts of one kind with their keys."""
        return self._by_kind.get(kind, [])

    @property
    def kinds(self) -> Set[type]:
        """The kinds of facts that are known."""
        return self._by_kind.keys()

    def is_about(self, party_id: str | None) -> bool:
        """Tell whether a fact of that party (None: the consumer) is of the requested party."""
        return (party_id or self.request.consumer_id) == self.request.party_id

    def covers(self, account_ids: tuple[str, ...]) -> bool:
        """Tell whether a fact on those accounts (none: all) touches a requested account."""
        return not account_ids or not self.requested.isdisjoint(account_ids)

    @property
    def doing(self) -> str:
        """What is to be done, as laws that list exceptions call it: the purpose, or the act."""
        request: ContactRequest | ActRequest = self.request
        return request.purpose if isinstance(request, ContactRequest) else name_of(request.act)

    @lazy
    def requested(self) -> frozenset[str]:
        """The accounts asked about."""
        return frozenset(self.request.account_ids)

    @lazy
    def accounts(self) -> dict[str, facts.AccountKnown]:
        """Known accounts by id."""
        return {fact.account_id: fact for _, fact in self.of(facts.AccountKnown)}

    def placed_at(self, account_id: str) -> datetime | None:
        """Return since when the agency has an account; None where nobody has said."""
        known = self.accounts.get(account_id)
        return None if known is None else known.placed_at

    @property
    def point(self) -> facts.ContactPointKnown | None:
        """The contact point asked about, where there is one and it is known."""
        return None

    @lazy
    def labels(self) -> dict[str, str]:
        """The labels of all known contact points by id."""
        return {fact.contact_point_id: fact.label for _, fact in self.of(facts.ContactPointKnown)}

    @property
    def role(self) -> str:
        """Who the requested party is: `consumer`, a known role, or `unknown`."""
        return self.role_of(self.request.party_id)

    def role_of(self, party_id: str) -> str:
        """Return who somebody is: `consumer`, a known role, or `unknown`."""
        if party_id == self.request.consumer_id:
            return "consumer"
        return self._roles.get(party_id, "unknown")

    @lazy
    def _roles(self) -> dict[str, str]:
        return {fact.party_id: fact.relation or fact.role for _, fact in self.of(facts.PartyKnown)}

    @lazy
    def is_deceased(self) -> bool:
        """Whether the consumer is known to have died."""
        return any(fact.status == "deceased" for _, fact in self.of(facts.ConsumerStatus))

    @lazy
    def is_treated_as_consumer(self) -> bool:
        """Whether the requested party counts as the consumer (1006.6(a))."""
        return persons.is_consumer(self.role, (fact for _, fact in self.of(facts.ConsumerStatus)))

    @lazy
    def wrong_points(self) -> frozenset[str]:
        """Contact points known not to be the person's."""
        return frozenset(fact.contact_point_id for _, fact in self.of(facts.WrongNumber))

    def debt_of(self, account_id: str) -> str:
        """Return the particular debt an account belongs to (1006.14(b)(4))."""
        known = self.accounts.get(account_id)
        return account_id if known is None or known.debt_key is None else known.debt_key

    @lazy
    def debts(self) -> tuple[str, ...]:
        """The particular debts asked about."""
        return tuple(dict.fromkeys(self.debt_of(each) for each in self.request.account_ids))

    @lazy
    def zone_names(self) -> tuple[str, ...]:
        """Names of every zone in which the party may plausibly be; unknown ones included."""
        actual = [
            fact
            for _, fact in self.of(facts.LocationEvidence)
            if fact.is_actual and self.is_about(fact.party_id)
        ]
        if actual:
            return _zone_names(actual)
        return _zone_names(self._evidence)

    @lazy
    def jurisdictions(self) -> frozenset[str]:
        """Every state and locality that anything shows the party may be in, the federal one too.

        Knowing where the party is now does not make the law of their home go away.
        """
        named = (each for fact in self._evidence for each in (*fact.states, *fact.localities))
        return frozenset({FEDERAL, *named})

    @lazy
    def _evidence(self) -> list[facts.LocationEvidence | facts.ContactPointKnown]:
        found: list[facts.LocationEvidence | facts.ContactPointKnown] = [
            fact for _, fact in self.of(facts.LocationEvidence) if self.is_about(fact.party_id)
        ]
        return found + [
            fact
            for _, fact in self.of(facts.ContactPointKnown)
            if self.is_about(fact.party_id) and fact.contact_point_id not in self.wrong_points
        ]

    @lazy
    def zones(self) -> tuple[ZoneInfo, ...]:
        """Every plausible zone that exists."""
        found = (local_time.zone(name) for name in self.zone_names)
        return tuple(each for each in found if each is not None)

    @lazy
    def counting_zones(self) -> tuple[ZoneInfo, ...]:
        """The zones whose calendars count; with none known, contact is denied for that anyway."""
        return self.zones or (local_time.UNIVERSAL,)


class Gate(Known[ContactRequest]):
    """What is known of one consumer when a contact is judged.

    `limitations` are the terms of limitation periods that the book in force knows, by state;
    `reached` says, by account, how the consumer was spoken with or written to about it.
    """

    def __init__(
        self,
        *,
        limitations: Mapping[str, tuple[Terms, ...]] | None = None,
        reached: Mapping[str, tuple[Reach, ...]] | None = None,
        **known: Any,
    ) -> None:
        super().__init__(**known)
        self.limitations = limitations or {}
        self.reached = reached or {}

    @lazy
    def point(self) -> facts.ContactPointKnown | None:
        """The requested contact point, where it is known."""
        for _, fact in self.of(facts.ContactPointKnown):
            if fact.contact_point_id == self.request.contact_point_id:
                return fact
        return None


def instant_text(at: datetime) -> str:
    """Return an instant as text for an explanation."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _zone_names(
    evidence: Iterable[facts.LocationEvidence | facts.ContactPointKnown],
) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for fact in evidence:
        if fact.zones:
            names.update(dict.fromkeys(fact.zones))
            continue
        for state in fact.states:
            # A state nobody knows becomes a zone nobody knows, and that is a no.
            names.update(dict.fromkeys(places.zones_of_state(state) or (f"state:{state}",)))
    return tuple(names)
