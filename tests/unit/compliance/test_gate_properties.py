"""Random stories: whatever is asked, told, lost or doubled, the promises hold.

The recount below is written without the rules' own counting.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.compliance.permits.domain import (
    GATES,
    Event,
    FactReleased,
    GateState,
    OutcomeReported,
    PermitGranted,
    PermitRedeemed,
    PermitRefused,
    PermitReleased,
    PermitRevoked,
    RedemptionRefused,
    ReleaseFact,
    ReleasePermit,
    ReportOutcome,
    UnpermittedAttemptReported,
)
from services.compliance.rules import facts
from services.compliance.rules.request import Circumstances, ContactRequest
from shared.kernel.errors import DomainError
from tests.unit.compliance.samples import (
    CONSUMER,
    World,
    email,
    gate,
    letter,
    local,
    recorded,
    redeem,
    request,
    social,
    text,
    visit,
)

ZONES = st.sampled_from(
    [
        ("America/New_York",),
        ("America/New_York", "America/Los_Angeles"),
        ("Pacific/Honolulu", "America/Chicago"),
        ("America/Phoenix", "America/Denver"),
        ("Pacific/Guam", "America/New_York"),
    ]
)
START = datetime(2026, 10, 28, 12, tzinfo=UTC)  # clocks change on 1 November
OUTCOMES = ["no_answer"] * 14 + ["voicemail_left"] * 3 + ["busy"] * 2
OUTCOMES += ["right_party_contact", "unknown"]
LENGTH = 120

seeds = st.integers(0, 2**32)


def a_fact(random: Random, at: datetime) -> facts.Fact:
    number = random.randrange(1000)
    harmless: list[facts.Fact] = [
        facts.InboundMessage(message_id=f"inb_{number}", channel="email", received_at=at),
        facts.InboundCall(
            started_at=at, ended_at=at, is_conversation=number % 4 == 0, account_ids=("acct_2",)
        ),
        facts.OptOut(received_at=at, medium="email"),
        facts.OptOut(received_at=at, medium=random.choice(("in_person", "social"))),
        facts.InconvenientTime(
            windows=(facts.WeeklyWindow(weekdays=(1, 3), from_minute=600, until_minute=900),),
            received_at=at,
        ),
        facts.WrongNumber(contact_point_id="cp_other", learned_at=at),
        facts.AttorneyRetained(received_at=at, account_ids=("acct_2",)),
        facts.PriorConsent(
            received_at=at, lifts=("time",), until=at + timedelta(minutes=number * 3)
        ),
        facts.ThirdPartyDisclosure(contact_point_id="cp_other", learned_at=at),
    ]
    lasting: list[facts.Fact] = [
        facts.OralStop(received_at=at),
        facts.AccountHold(account_id="acct_1", hold_id="h", reason="dispute"),
        facts.InitialCommunication(account_id="acct_1", at=at - timedelta(days=number % 9)),
    ]
    return random.choice(lasting if number % 40 == 0 else harmless)


class Story(World):
    """A gate that is asked at random, and what happened to it."""

    def __init__(self, zones: tuple[str, ...]) -> None:
        may_text = facts.MessageConsent(
            medium="text", procedure="direct_consent", given_at=START - timedelta(days=1)
        )
        super().__init__(gate(may_text, zones=zones, accounts=("acct_1", "acct_2")))
        self.at = START
        self.happened: list[Event] = []
        self.granted: list[PermitGranted] = []

    def do(self, command: Any) -> tuple[Event, ...]:
        """Decide; a refusal by error changes nothing."""
        try:
            happened = super().do(command)
        except DomainError:
            return ()
        self.happened += happened
        self.granted += [each for each in happened if isinstance(each, PermitGranted)]
        return happened

    def play(self, seed: int) -> None:
        """Do many things."""
        random = Random(seed)
        doings = [self.contact_now] * 9 + [self.ask_only] * 3 + [self.use_any] * 3
        doings += [self.wait] * 4 + [self.jump, self.correct, self.give_back]
        for _ in range(LENGTH):
            self.at += timedelta(seconds=random.randrange(90))
            random.choice(doings)(random)
            if random.random() < 0.04:
                self.hear(random)

    def what(self, random: Random) -> ContactRequest:
        accounts = random.choice([("acct_1",), ("acct_1",), ("acct_2",), ("acct_1", "acct_2")])
        kind = random.choice([request] * 6 + [email, letter, text, visit, social])
        return kind(account_ids=accounts)

    def wait(self, random: Random) -> None:
        self.at += timedelta(minutes=random.choice([1, 5, 30, 120, 400, 900, 1440, 1500]))

    def jump(self, random: Random) -> None:
        """Wait until a call is permitted, and perhaps a little less."""
        if self.verdict(at=self.at) == "permit":
            return
        earliest = self.earliest(at=self.at)
        if earliest is not None:
            self.at = max(self.at, earliest - timedelta(seconds=random.choice([0, 0, 1, 300])))

    def contact_now(self, random: Random) -> None:
        decided = self.ask(self.what(random), at=self.at)
        if not isinstance(decided, PermitGranted):
            return
        self.at += timedelta(seconds=random.randrange(20))
        self.use(decided, random)
        if random.random() < 0.97:
            self.at += timedelta(seconds=random.choice([0, 5, 59, 61, 4000]))
            self.tell(decided.permit_id, random)

    def ask_only(self, random: Random) -> None:
        self.ask(self.what(random), at=self.at)

    def use_any(self, random: Random) -> None:
        if self.granted:
            self.use(random.choice(self.granted[-9:]), random)

    def correct(self, random: Random) -> None:
        """Report again what was reported, or for the first time what was used."""
        used = [e.permit_id for e in self.happened if isinstance(e, PermitRedeemed)][-12:]
        was_busy = {
            e.permit_id
            for e in self.happened
            if isinstance(e, OutcomeReported) and e.outcome == "busy"
        }
        # A busy call that becomes another was lawfully followed by calls; nothing to hold us to.
        candidates = [each for each in used if each not in was_busy]
        if candidates:
            self.tell(random.choice(candidates), random)

    def give_back(self, random: Random) -> None:
        if self.granted:
            permit_id = random.choice(self.granted[-9:]).permit_id
            self.do(
                ReleasePermit(consumer_id=CONSUMER, permit_id=permit_id, reason="", now=self.at)
            )

    def hear(self, random: Random) -> None:
        key, version = f"fact_{random.randrange(6)}", random.randrange(50)
        self.learn(a_fact(random, self.at), self.at, key=key, version=version)
        self.do(
            ReleaseFact(
                consumer_id=CONSUMER,
                fact_key=f"fact_{random.randrange(6)}",
                source_stream="contact-cns_1",
                source_version=random.randrange(50),
                released_by="usr_1",
                reason="",
                now=self.at,
            )
        )

    def use(self, granted: PermitGranted, random: Random) -> None:
        """Redeem a permit."""
        self._count += 1
        is_stale = random.random() < 0.05
        self.do(
            redeem(
                granted.request,
                at=self.at,
                permit_id=granted.permit_id,
                redemption_id=f"rdm_{self._count}",
                circumstances=Circumstances(stale=("ledger",) if is_stale else ()),
            )
        )

    def tell(self, permit_id: str, random: Random) -> None:
        """Report an outcome with a start that may be off."""
        self._count += 1
        if not any(
            isinstance(each, PermitRedeemed) and each.permit_id == permit_id
            for each in self.happened
        ):
            return
        self.do(
            ReportOutcome(
                consumer_id=CONSUMER,
                permit_id=permit_id,
                report_id=f"rep_{self._count}",
                outcome=random.choice(OUTCOMES),
                started_at=random.choice([None, self.at - timedelta(seconds=40)]),
                ended_at=self.at,
                now=self.at,
            )
        )


def played(zones: tuple[str, ...], seed: int) -> Story:
    world = Story(zones)
    world.play(seed)
    return world


def dates_called(world: Story, account: str, zone: ZoneInfo) -> list[date]:
    """Recount the local dates of calls about an account, naively, from the events."""
    reports = {e.permit_id: e for e in world.happened if isinstance(e, OutcomeReported)}
    dates = []
    for each in world.happened:
        if not isinstance(each, PermitRedeemed) or each.request.channel != "call":
            continue
        report = reports.get(each.permit_id)
        if account in each.request.account_ids and (report is None or report.outcome != "busy"):
            at = report.started_at if report else each.at
            dates.append(at.astimezone(zone).date())
    return dates


@given(zones=ZONES, seed=seeds)
@settings(max_examples=25, deadline=None)
def test_never_more_than_seven_calls_in_seven_dates(zones: tuple[str, ...], seed: int) -> None:
    world = played(zones, seed)
    for name in zones:
        for account in ("acct_1", "acct_2"):
            dates = dates_called(world, account, ZoneInfo(name))
            for day in dates:
                assert sum(day <= each <= day + timedelta(days=6) for each in dates) <= 7


@given(zones=ZONES, seed=seeds)
@settings(max_examples=50, deadline=None)
def test_no_call_is_redeemed_within_seven_dates_of_a_conversation(
    zones: tuple[str, ...], seed: int
) -> None:
    world = played(zones, seed)
    requests = {each.permit_id: each.request for each in world.granted}
    talks: dict[str, tuple[datetime, datetime, tuple[str, ...]]] = {}
    for each in world.happened:
        if isinstance(each, OutcomeReported):
            talks.pop(each.permit_id, None)
            asked = requests[each.permit_id]
            if each.outcome == "right_party_contact" and asked.channel == "call":
                talks[each.permit_id] = (each.at, each.ended_at, asked.account_ids)
        if isinstance(each, PermitRedeemed) and each.request.channel == "call":
            for _, ended_at, accounts in talks.values():
                if set(accounts).isdisjoint(each.request.account_ids):
                    continue
                for name in zones:
                    zone = ZoneInfo(name)
                    first = ended_at.astimezone(zone).date() + timedelta(days=7)
                    assert each.at.astimezone(zone).date() >= first


@given(zones=ZONES, seed=seeds)
@settings(max_examples=20, deadline=None)
def test_nothing_is_redeemed_twice_or_after_its_end(zones: tuple[str, ...], seed: int) -> None:
    world = played(zones, seed)
    ended: set[str] = set()
    until = {each.permit_id: each.expires_at for each in world.granted}
    for each in world.happened:
        match each:
            case PermitRedeemed():
                assert each.permit_id not in ended
                assert each.at < until[each.permit_id]
                ended.add(each.permit_id)
            case PermitReleased() | PermitRevoked():
                ended.add(each.permit_id)


@given(zones=ZONES, seed=seeds)
@settings(max_examples=20, deadline=None)
def test_the_earliest_time_is_exact(zones: tuple[str, ...], seed: int) -> None:
    world = played(zones, seed)
    for what in (request(), request(account_ids=("acct_2",)), email(), letter()):
        if world.verdict(what, at=world.at) == "permit":
            continue
        earliest = world.earliest(what, at=world.at)
        if earliest is None:
            # Nothing to wait for: it is denied now, or will be by when what defers it has ended.
            later = (world.at + timedelta(hours=7 * step) for step in range(60))
            assert all(world.verdict(what, at=each) != "permit" for each in later)
            continue
        assert earliest.microsecond == 0
        assert world.verdict(what, at=earliest) == "permit"
        before = earliest - timedelta(seconds=1)
        assert before < world.at or world.verdict(what, at=before) != "permit"
        for part in range(1, 7):
            between = (world.at + part * (earliest - world.at) / 7).replace(microsecond=0)
            assert between < world.at or world.verdict(what, at=between) != "permit"


@given(zones=ZONES, seed=seeds)
@settings(max_examples=20, deadline=None)
def test_folding_the_events_gives_the_state_and_it_stays_small(
    zones: tuple[str, ...], seed: int
) -> None:
    before = Story(zones).state
    world = played(zones, seed)
    assert GATES.fold(world.happened, before) == world.state
    stored = msgspec.json.encode(world.state, order="sorted")
    assert msgspec.json.decode(stored, type=GateState) == world.state
    assert len(stored) < 60_000


def test_state_stays_bounded_over_a_year_of_work() -> None:
    world = World()
    sizes = []
    at = START
    for day in range(365):
        at = START + timedelta(days=day, hours=4)
        for number in range(4):
            decided = world.ask(at=at + timedelta(minutes=6 * number))
            if isinstance(decided, PermitGranted):
                world.redeem(decided, at=decided.at)
                world.report(decided.permit_id, "no_answer", at=decided.at)
        world.learn(
            facts.InboundMessage(message_id=f"inb_{day}", channel="email", received_at=at), at
        )
        sizes.append(len(msgspec.json.encode(world.state)))
    assert max(sizes[60:]) <= max(sizes[30:60]) * 1.05


odd_ids = st.sampled_from(["prm_1", "prm_2", "", "x"])


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_evolve_never_raises(data: st.DataObject) -> None:
    at = START
    permit = data.draw(odd_ids)
    granted = World().ask(at=local("2026-10-28T12:00"))
    events: list[Event] = [
        recorded(facts.OralStop(received_at=at)),
        FactReleased(
            consumer_ids=(), fact_key="f", source_stream="s", source_version=1, released_by="",
            reason="", at=at,
        ),
        granted,
        PermitReleased(consumer_ids=(), permit_id=permit, reason="", at=at),
        PermitRevoked(consumer_ids=(), permit_id=permit, by_fact="", at=at),
        PermitRedeemed(
            consumer_ids=(), permit_id=permit, redemption_id="r", request=request(),
            circumstances=Circumstances(), flags=(), answers=None, confirms=(),
            dispatch_before=at, rule_pack="", tz_version="", watermarks={}, trace_id="", at=at,
        ),
        RedemptionRefused(
            consumer_ids=(), permit_id=permit, redemption_id="r", request=request(),
            circumstances=Circumstances(), objections=(), rule_pack="", tz_version="",
            watermarks={}, trace_id="", at=at,
        ),
        PermitRefused(
            consumer_ids=(), permit_id=permit, request=request(), circumstances=Circumstances(),
            verdict="deny", objections=(), flags=(), earliest_permitted_at=None, rule_pack="",
            tz_version="", watermarks={}, trace_id="", at=at,
        ),
        OutcomeReported(
            consumer_ids=(), permit_id=permit, report_id="r", outcome="busy", started_at=at,
            ended_at=at, reported_started_at=None, reported_ended_at=None, discussed=(),
            raised=(), irregularities=(), at=at,
        ),
        UnpermittedAttemptReported(
            consumer_ids=(), attempt_id=permit, request=request(), outcome="busy", started_at=at,
            ended_at=at, discussed=(), raised=(), at=at,
        ),
    ]  # fmt: skip
    GATES.fold(data.draw(st.lists(st.sampled_from(events), max_size=30)))
