"""Turns what an example gives into facts and past attempts in the order of time.

`Story` collects steps; `givens` and `timeline` fill it. Labels become ids through the driver, so
the same story runs against the decider and against a server.
"""

from datetime import date, datetime, timedelta
from typing import Any, Protocol, get_args
from zoneinfo import ZoneInfo

from services.compliance.rules import facts, local_time
from services.compliance.rules.book import Book
from services.compliance.rules.check import moments, trace, vocabulary
from services.compliance.rules.check.driver import Made
from services.compliance.rules.facts import Channel, Fact
from services.compliance.rules.request import ContactRequest
from shared.kernel.records import record, replace

DIGEST = "0" * 64
CONSUMER = "P1"
_ELSEWHERE = "VI"
"""Where an example lies that names no state: one without a pack, whose law adds nothing."""
_BEFORE = timedelta(days=10)
TRIALS = {
    "email": (
        "REGF-EMAIL-CONSENT",
        "REGF-EMAIL-CREDITOR",
        "REGF-EMAIL-PRIOR-COLLECTOR",
        "REGF-EMPLOYER-EMAIL",
    ),
    "text": ("REGF-TEXT-60DAY",),
}
"""Rules of which an example on trial says itself how an address or number came into use."""


class Naming(Protocol):
    """Labels to ids."""

    def __call__(self, prefix: str, label: str) -> str:
        """Return the id of a label."""
        ...


@record
class Told:
    """A fact that becomes known, or that ends."""

    at: datetime
    fact_key: str
    fact: Fact | None


@record
class Past:
    """An attempt that was made."""

    at: datetime
    attempt: Made


class Story:
    """Who, which debts, where, and what happened until the acts."""

    def __init__(self, given: dict[str, Any], name: Naming, book: Book, anchor: datetime):
        self.given = given
        self.name = name
        self.book = book
        self.where = _zone(given)
        self.anchor = anchor
        self.start = anchor - _BEFORE
        self.steps: list[Told | Past] = []
        self.persons: dict[str, str] = {CONSUMER: "consumer"}
        self.debts: dict[str, Any] = {}
        self._points: dict[str, None] = {}
        self._moves: list[tuple[datetime, ZoneInfo]] = []
        self.spoken_of: set[str] = set()
        self.question_at: datetime | None = None
        self._latest: dict[str, Fact] = {}
        self._learn_debts()
        self._learn_places()

    # -- facts ---------------------------------------------------------------------------------

    def tell(self, at: datetime, label: str, fact: Fact) -> None:
        """Let a fact become known; the same label again replaces it."""
        self._latest[label] = fact
        trace.note(at, label, fact)
        self.steps.append(Told(at=at, fact_key=self.name("fact", label), fact=fact))

    def change(self, at: datetime, label: str, **changes: Any) -> None:
        """Let a fact known earlier change, if there is one."""
        if label in self._latest:
            self.tell(at, label, replace(self._latest[label], **changes))

    def end(self, at: datetime, label: str) -> None:
        """Let a fact end."""
        if self._latest.pop(label, None) is not None:
            trace.note(at, label, None)
            self.steps.append(Told(at=at, fact_key=self.name("fact", label), fact=None))

    def latest(self, label: str) -> Fact | None:
        """Return the fact of a label as last told."""
        return self._latest.get(label)

    def labels(self) -> list[str]:
        """Return the labels of the facts in force."""
        return list(self._latest)

    # -- people, debts, places -----------------------------------------------------------------

    def party(self, label: str) -> str:
        """Return a person's id, making the person known."""
        if label == CONSUMER:
            return self.name("cns", CONSUMER)
        if label not in self.persons:
            self.add_person(label, label)
        return self.name("pty", label)

    def add_person(self, label: str, said: object) -> None:
        """Make another person known, with the part an example gives."""
        if label == CONSUMER or label in self.persons:
            return
        role = vocabulary.role_of(label, said)
        self.persons[label] = role
        self.tell(
            self.start,
            f"party-{label}",
            _party(self.name("pty", label), role),
        )
        self._learn_location(label)

    def account(self, label: object) -> str:
        """Return a debt's account id, making the account known and active."""
        text = str(label)
        if text not in self.debts:
            self.add_debt(text, None)
        return self.name("acct", text)

    def add_debt(self, label: str, said: object) -> None:
        """Make a debt known, with its kind."""
        self.debts[label] = said
        known = self.book.federal("product-type-unknown").names["product_types"]
        is_student_loan = said == "student_loan"
        number = self._account_number(label)
        self.tell(
            self.start,
            f"account-{label}",
            facts.AccountKnown(
                account_id=self.name("acct", label),
                product_type=vocabulary.product_of(said, known),
                debt_key=number if is_student_loan else None,
            ),
        )
        self.tell(
            self.start,
            f"standing-{label}",
            facts.AccountStanding(
                account_id=self.name("acct", label), lifecycle="active", owes=True
            ),
        )

    def _account_number(self, label: str) -> str | None:
        """Return the account number a debt had when it was obtained, or one for all of them."""
        for key, said in self.given.items():
            words = set(vocabulary.words(key))
            if not {"account", "obtained"} <= words or not words & {"number", "numbers"}:
                continue
            if isinstance(said, dict) and label in said:
                return str(said[label])
            if said is True and words & {"single", "one", "same"}:
                return "one-account-number"
        return None

    def accounts(self, said: object) -> tuple[str, ...]:
        """Return account ids of one or several debt labels."""
        labels = said if isinstance(said, list | tuple) else [said]
        return tuple(self.account(each) for each in labels if each is not None)

    def default_account(self) -> tuple[str, ...]:
        """Return the debt meant where none is named."""
        return (self.account(next(iter(self.debts), "D1")),)

    def point(self, channel: Channel, label: object, person: str) -> str | None:
        """Return a contact point's id, making it known as fit for the channel."""
        if channel in ("portal", "social"):
            return None
        kind: Any = {"email": "email", "letter": "address", "in_person": "address"}.get(
            channel, "phone"
        )
        text = str(label or self._first_point(person, kind)).lower()
        key = f"{person}-{kind}-{text}"
        point_id = self.name("cp", key)
        if key not in self._points:
            self._points[key] = None
            party_id = None if person == CONSUMER else self.party(person)
            self.tell(
                self.start,
                f"point-{key}",
                facts.ContactPointKnown(
                    contact_point_id=point_id,
                    point_kind=kind,
                    label=_label(text, kind),
                    digest=key.encode().hex().ljust(64, "0")[:64],
                    party_id=party_id,
                ),
            )
            if kind == "email" and not self.is_on_trial("email"):
                self.tell(
                    self.start,
                    f"email-{key}",
                    facts.MessageConsent(
                        medium="email",
                        procedure="direct_consent",
                        given_at=self.start - timedelta(days=1),
                        contact_point_id=point_id,
                        party_id=party_id,
                    ),
                )
        return point_id

    def _first_point(self, person: str, kind: str) -> str:
        """Return the label of the point meant where none is named: the first of its kind."""
        prefix = f"{person}-{kind}-"
        return next((key[len(prefix) :] for key in self._points if key.startswith(prefix)), "main")

    def is_on_trial(self, medium: str) -> bool:
        """Tell whether an example is about how an address or number came into use."""
        return medium in self.spoken_of or self.given.get("rule") in TRIALS.get(medium, ())

    def address(self, label: object, medium: str, **changes: Any) -> str:
        """Return an address or number of the consumer, with more known of it."""
        channel: Channel = "email" if medium == "email" else "text"
        point_id = self.point(channel, label, CONSUMER) or ""
        if changes:
            kind = "email" if medium == "email" else "phone"
            name = str(label or self._first_point(CONSUMER, kind)).lower()
            self.change(self.start, f"point-{CONSUMER}-{kind}-{name}", **changes)
        return point_id

    def point_by_label(self, label: str) -> str:
        """Return the consumer's contact point of that label, its kind told by its looks."""
        channel: Channel = "email" if "@" in label else "call"
        if "address" in label and "@" not in label:
            channel = "letter"
        return self.point(channel, label, CONSUMER) or ""

    def request(self, person: str, channel: Channel, accounts: tuple[str, ...],
                point: object = None, **more: Any) -> ContactRequest:  # fmt: skip
        """Return a request with everything an example leaves open in order."""
        return ContactRequest(
            consumer_id=self.name("cns", CONSUMER),
            account_ids=accounts or self.default_account(),
            party_id=self.party(person),
            channel=channel,
            contact_point_id=self.point(channel, point, person),
            content_digest=DIGEST,
            **{"purpose": "payment_demand", **more},
        )

    def make(self, at: datetime, request: ContactRequest, outcome: str, **more: Any) -> None:
        """Let an attempt have been made."""
        attempt = Made(
            request=request,
            outcome=outcome,
            started_at=at,
            ended_at=more.pop("ended_at", at),
            **more,
        )
        trace.note(at, attempt)
        self.steps.append(Past(at=at, attempt=attempt))

    def in_order(self) -> list[Told | Past]:
        """Return the steps by time; what is told at the same instant keeps its order.

        What was known from the start is known before the first thing that happened.
        """
        first = min((each.at for each in self.steps), default=self.start)
        steps = (
            replace(each, at=first) if isinstance(each, Told) and each.at == self.start else each
            for each in self.steps
        )
        return sorted(steps, key=lambda each: (each.at, isinstance(each, Past)))

    def move(self, at: datetime, zone: str, said: str) -> None:
        """Let it become known where the consumer is."""
        evidence = facts.LocationEvidence(
            evidence=said, zones=(zone,), states=(_ELSEWHERE,), is_actual=True
        )
        self.tell(at, f"location-{CONSUMER}-known", evidence)
        if (where := local_time.zone(zone)) is not None:
            self._moves.append((at, where))

    def local(self, at: datetime) -> datetime:
        """Return an instant by the consumer's clock, as it is known by then."""
        where = [zone for since, zone in self._moves if since <= at]
        return at.astimezone(where[-1] if where else self.where)

    def today(self, at: datetime) -> date:
        """Return the consumer's local date."""
        return local_time.local_date(self.where, at)

    # -- learning ------------------------------------------------------------------------------

    def _learn_debts(self) -> None:
        for key in ("debts", "collector_debts", "debt", "account"):
            said = self.given.get(key)
            if isinstance(said, dict) and key == "debts":
                for label, kind in said.items():
                    self.add_debt(str(label), kind if isinstance(kind, str) else None)
            elif isinstance(said, list):
                for label in said:
                    self.add_debt(str(label), None)
            elif isinstance(said, str) and not self.debts:
                self.add_debt(said, None)
        if not self.debts:
            self.add_debt("D1", None)

    def _learn_places(self) -> None:
        self._learn_location(CONSUMER)

    def _learn_location(self, person: str) -> None:
        party_id = None if person == CONSUMER else self.name("pty", person)
        evidence = self.given.get("location_evidence")
        if evidence is None:
            evidence = [{"kind": "given", "tz": self.where.key, "state": self.given.get("state")}]
            if "locality" in self.given:
                evidence.append({"kind": "locality", "state": self.given["locality"]})
        known = next((each for key, each in self.given.items() if _is_known_place(key)), None)
        if known is not None:
            place = known if isinstance(known, dict) else {"tz": known}
            evidence = [*evidence, {"kind": "actual_location", **place}]
        elsewhere = tuple(self.given.get("default_states", (_ELSEWHERE,)))
        for number, item in enumerate(evidence):
            kind = str(item.get("kind", "unknown"))
            zone, state = item.get("tz"), item.get("state")
            is_known = "known" in item or "actual" in kind or "statement" in kind
            self.tell(
                self.start,
                f"location-{person}-{number}",
                facts.LocationEvidence(
                    evidence=kind,
                    zones=(str(zone),) if zone else () if state else ("unknown",),
                    states=(str(state),) if state else elsewhere if zone else (),
                    party_id=party_id,
                    is_actual=is_known,
                ),
            )


def _zone(given: dict[str, Any]) -> ZoneInfo:
    said = given.get("tz")
    evidence = given.get("location_evidence")
    if said is None and evidence:
        said = next((each["tz"] for each in evidence if "tz" in each), None)
    found = local_time.zone(str(said or given.get("default_tz", "America/New_York")))
    return found or local_time.UNIVERSAL


def _party(party_id: str, role: Any) -> facts.PartyKnown:
    if role in get_args(facts.Relation):
        return facts.PartyKnown(party_id=party_id, role="other", relation=role)
    return facts.PartyKnown(party_id=party_id, role=role)


def _is_known_place(key: str) -> bool:
    words = set(vocabulary.words(key))
    return bool(words & {"location", "tz"}) and bool(words & {"known", "actual", "knows"})


def _label(text: str, kind: str) -> str:
    if "work" in text or "employer" in text or "office" in text:
        return "work"
    if kind == "phone":
        return "landline" if "home" in text or "landline" in text else "mobile"
    return "home" if "home" in text else "main"


def tidy_date(said: object) -> date | None:
    """Return a date where one is said."""
    dates = moments.dates_of(said)
    return dates[-1] if dates else None
