"""A history of decisions as an agency leaves one, made by the real decider from a seed.

Weeks of attempts on people in many zones: at the edges of the hours, up to the limits and past
them, with permits that lapse, facts that come late and attempts that nobody allowed.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.permits.domain import GATES, GateState, commands
from services.compliance.rules import facts
from services.compliance.rules.facts import Channel
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.slots import is_open
from tests.gates import BOOK

DAYS = 28
STARTS = date(2026, 2, 16)  # clocks go forward on 8 March
TZ = "2026f"
PLACES = (
    ("IL", ("America/Chicago",)),
    ("TX", ("America/Chicago", "America/Denver")),
    ("FL", ()),
    ("CA", ("America/Los_Angeles",)),
    ("NY", ("America/New_York",)),
    ("MA", ("America/New_York",)),
    ("AZ", ("America/Phoenix",)),
    ("HI", ("Pacific/Honolulu",)),
    ("WA", ("America/Los_Angeles",)),
    ("GA", ("America/New_York",)),
    ("OH", ("America/New_York",)),
    ("IN", ("America/Chicago", "America/New_York")),
)
CHANNELS: tuple[Channel, ...] = ("call",) * 14 + ("voicemail", "voicemail", "text", "email")
OUTCOMES = (
    *("no_answer",) * 14,
    *("voicemail_full",) * 3,
    *("busy",) * 3,
    "dropped_after_answer",
    "right_party_contact",
    "wrong_number",
    "not_attempted_permit_released",
)
EDGES = (
    (8, 0, 0),
    (8, 0, 1),
    (9, 0, 0),
    (9, 0, 1),
    (18, 56, 30),
    (18, 59, 0),
    (18, 59, 1),
    (18, 59, 50),
    (18, 59, 51),
    (19, 0, 0),
    (20, 59, 0),
    (20, 59, 1),
)


class History:
    """What one consumer's gate decided, command after command."""

    def __init__(self, consumer: str, chance: random.Random) -> None:
        self.events: list[Any] = []
        self.state: GateState = GATES.initial
        self.now = datetime(2026, 2, 1, 12, tzinfo=UTC)
        self._consumer = consumer
        self._chance = chance
        self._count = 0
        state, zones = chance.choice(PLACES)
        self._state, self._zones = state, zones
        self._clock = ZoneInfo(zones[0] if zones else "America/New_York")
        self._accounts = [self._id("acct") for _ in range(chance.choice((1, 1, 2)))]
        self._points = {"phone": self._id("cp"), "home": self._id("cp"), "email": self._id("cp")}
        self._meet()

    def live(self, days: int = DAYS) -> None:
        """Let weeks pass."""
        for day in range(days):
            moments = sorted(self._moment(day) for _ in range(self._chance.choice((0, 1, 2, 2, 3))))
            for moment in moments:
                if moment <= self.now:
                    continue
                self.now = moment
                if self._chance.random() < 0.04:
                    self._befall()
                self._attempt()

    def _meet(self) -> None:
        chance = self._chance
        debt = self._id("debt") if chance.random() < 0.3 else None
        for account in self._accounts:
            known = facts.AccountKnown(
                account_id=account, product_type="credit_card", debt_key=debt, placed_at=self.now
            )
            self._learn(f"account-{account}", "account", known)
            standing = facts.AccountStanding(account_id=account, lifecycle="active", owes=True)
            self._learn(f"account-{account}", "standing", standing)
        for label, point in self._points.items():
            is_mail = label == "email"
            known_point = facts.ContactPointKnown(
                contact_point_id=point,
                point_kind="email" if is_mail else "phone",
                label="personal" if is_mail else ("mobile" if label == "phone" else "home"),
                digest=f"{chance.getrandbits(256):064x}",
                zones=() if is_mail else self._zones,
                states=(self._state,),
                source="creditor",
                is_public_domain=True if is_mail else None,
            )
            self._learn(f"account-{self._accounts[0]}", point, known_point)
        if chance.random() < 0.6:
            for medium, label in (("email", "email"), ("text", "phone")):
                consent = facts.MessageConsent(
                    medium=medium,  # type: ignore[arg-type]
                    procedure="direct_consent",
                    given_at=self.now - timedelta(days=3),
                    contact_point_id=self._points[label],
                    confirmed_at=self.now,
                )
                self._learn(f"contact-{self._consumer}", self._id("cst"), consent)

    def _befall(self) -> None:
        """Let something happen that changes what may be done, or what was counted."""
        at, account = self.now, self._chance.choice(self._accounts)
        happened: facts.Fact = self._chance.choice(
            (
                facts.WrongNumber(contact_point_id=self._points["home"], learned_at=at),
                facts.WrongNumber(contact_point_id=self._points["home"], learned_at=at),
                facts.Dispute(account_id=account, in_writing=True, received_at=at),
                facts.CeaseNotice(received_at=at - timedelta(days=4), account_ids=(account,)),
                facts.InboundCall(
                    started_at=at - timedelta(minutes=9), ended_at=at, is_conversation=True
                ),
                facts.AttorneyRetained(received_at=at - timedelta(days=2), account_ids=(account,)),
                facts.LocationEvidence(
                    evidence="stated_zone", zones=("America/Denver",), states=("CO",)
                ),
                facts.InconvenientTime(
                    windows=(facts.WeeklyWindow(from_minute=720, until_minute=840),),
                    received_at=at,
                ),
                facts.OptOut(received_at=at, medium="text"),
            )
        )
        self._learn(f"contact-{self._consumer}", self._id("fact"), happened)

    def _attempt(self) -> None:
        chance = self._chance
        request = self._request(chance.choice(CHANNELS))
        if chance.random() < 0.01:
            self._report_unpermitted(request)
            return
        permit_id = self._id("prm")
        is_stale = chance.random() < 0.01
        stale = ("compliance-facts-from-ledger",) if is_stale else ()
        self._do(
            commands.RequestPermit(
                permit_id=permit_id,
                request=request,
                book=BOOK,
                tz_version=TZ,
                circumstances=Circumstances(stale=stale),
                now=self.now,
            )
        )
        slot = self.state.slots.get(permit_id)
        if slot is None or chance.random() < 0.08:
            return
        if chance.random() < 0.08:
            self._wait(20)
            release = commands.ReleasePermit(
                consumer_id=self._consumer, permit_id=permit_id, reason="not needed", now=self.now
            )
            if is_open(self.state.slots[permit_id], self.now):
                self._do(release)
            return
        self._wait(chance.choice((0, 1, 5, 30, 90, 240, 301)))
        self._redeem(permit_id, request)

    def _redeem(self, permit_id: str, request: ContactRequest) -> None:
        chance = self._chance
        self._do(
            commands.RedeemPermit(
                permit_id=permit_id,
                redemption_id=self._id("dec"),
                request=request,
                book=BOOK,
                tz_version=TZ,
                now=self.now,
            )
        )
        slot = self.state.slots[permit_id]
        if slot.status != "redeemed" or chance.random() < 0.02:
            return
        self._wait(chance.choice((20, 60, 200)))
        is_call = request.channel in ("call", "voicemail")
        outcome = chance.choice(OUTCOMES) if is_call else f"{request.channel}_sent"
        self._do(
            commands.ReportOutcome(
                consumer_id=self._consumer,
                permit_id=permit_id,
                report_id=self._id("req"),
                outcome=outcome,
                now=self.now,
            )
        )

    def _report_unpermitted(self, request: ContactRequest) -> None:
        started_at = self.now - timedelta(minutes=self._chance.choice((0, 40)))
        self._do(
            commands.ReportUnpermittedAttempt(
                attempt_id=self._id("att"),
                request=request,
                outcome="no_answer",
                started_at=started_at,
                now=self.now,
            )
        )

    def _request(self, channel: Channel) -> ContactRequest:
        chance = self._chance
        label = "email" if channel == "email" else chance.choice(("phone", "phone", "home"))
        accounts = tuple(chance.sample(self._accounts, chance.randint(1, len(self._accounts))))
        return ContactRequest(
            consumer_id=self._consumer,
            account_ids=accounts,
            party_id=self._consumer,
            channel=channel,
            contact_point_id=self._points[label],
            purpose="collection",
            content_digest="",
        )

    def _moment(self, day: int) -> datetime:
        chance = self._chance
        hour, minute, second = (
            chance.choice(EDGES)
            if chance.random() < 0.15
            else (chance.randint(7, 21), chance.randint(0, 59), chance.randint(0, 59))
        )
        on = STARTS + timedelta(days=day)
        local = datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=self._clock)
        return local.astimezone(UTC)

    def _learn(self, stream: str, key: str, fact: facts.Fact) -> None:
        self._count += 1
        self._do(
            commands.RecordFact(
                consumer_id=self._consumer,
                fact_key=key,
                source_stream=stream,
                source_version=self._count,
                fact=fact,
                now=self.now,
            )
        )

    def _wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _do(self, command: commands.Command) -> None:
        for event in GATES.decide(command, self.state):
            self.events.append(event)
            self.state = GATES.evolve(self.state, event)

    def _id(self, prefix: str) -> str:
        return made_id(prefix, self._chance)


def histories(seed: int, days: int = DAYS) -> Iterator[tuple[str, History]]:
    """Yield consumers with what became of them, without end."""
    chance = random.Random(seed)
    while True:
        consumer = made_id("cns", chance)
        history = History(consumer, chance)
        history.live(days)
        yield consumer, history


def made_id(prefix: str, chance: random.Random) -> str:
    """Return an id of the usual form, from the seed."""
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return f"{prefix}_0{''.join(chance.choices(letters, k=25))}"
