"""What one person says of a debt binds at the gates of everyone who owes it, in whatever order
what was said and the debt become known.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.compliance.facts import from_contact, from_ledger, joint
from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.permits.domain import GATES, FactRecorded, GateState, PermitRevoked, stream
from services.compliance.rules import facts
from services.compliance.rules.facts import Fact
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment, Transactor, rebuild
from shared.kernel.clock import RandomIds
from shared.kernel.money import Money
from shared.kernel.records import event_name, replace
from shared.messaging.feed import START, Envelope
from tests.unit.compliance.samples import NOON, ask, gate, request

ADA, BEN, EVE = "cns_ada", "cns_ben", "cns_eve"
CONTEXT = Context(tenant="agy_1", metadata=Metadata(actor="test", correlation_id="c-1"))
METADATA = b'{"correlation_id":"cor_1","causation_id":"evt_0","actor":"key_1"}'
MOMENT = Moment(now=NOON, system_now=NOON, watermarks={}, parked=(), guards={})
FILED = date(2026, 6, 1)
PETITION = facts.Bankruptcy(learned_at=NOON, chapter=13, filed_on=FILED)


def envelope(name: str, version: int = 1) -> Envelope:
    return Envelope(
        source="x", position=START, tenant="agy_1", stream=name, version=version,
        event_id="evt_1", type="x", data=b"{}", metadata_bytes=METADATA, occurred_at=NOON,
        recorded_at=NOON,
    )  # fmt: skip


def placed(account_id: str, *consumer_ids: str) -> Sequence[Issue]:
    """Return what comes of a placement."""
    event = from_ledger.AccountPlaced(
        account_id=account_id, consumer_ids=consumer_ids, parties=(), product_type="credit_card",
        balance=Money(amount=100, currency="USD"), at=NOON,
    )  # fmt: skip
    return from_ledger.placed(event, envelope(f"account-{account_id}"))


def said(fact: Fact, by: str = ADA, key: str = "fact_1", version: int = 3) -> Sequence[Issue]:
    """Return what comes of a statement."""
    return record_fact(_stated(by, key, version), fact)


def released(by: str = ADA, key: str = "fact_1", version: int = 9) -> Sequence[Issue]:
    """Return what comes of its release."""
    return release_fact(_stated(by, key, version), released_by="usr_1", reason="superseded")


def _stated(by: str, key: str, version: int) -> Stated:
    return Stated(
        fact_key=key, source_stream=f"contact-{by}", source_version=version, consumer_ids=(by,)
    )


class Gates:
    """The gates of a tenant, in a store of their own."""

    def __init__(self) -> None:
        self.store = MemoryEventStore(lambda: NOON)
        self._transactor = Transactor(self.store, RandomIds())

    async def take(self, *several: Sequence[Issue]) -> "Gates":
        for issues in several:
            await self._transactor.transact(CONTEXT, issues)
        return self

    async def state(self, consumer_id: str) -> GateState:
        reading = await self.store.load("agy_1", [stream(consumer_id)])
        state: GateState = rebuild(GATES, reading.streams[stream(consumer_id)])
        return state

    async def told(self, consumer_id: str) -> list[Fact]:
        """Return what others said that is in force at a gate."""
        kept = (await self.state(consumer_id)).facts
        return [
            each.fact
            for where, each in kept.items()
            if each.fact and where.startswith("contact-") and f"-{consumer_id} " not in where
        ]


async def test_a_petition_reaches_who_owes_the_debt_too() -> None:
    gates = await Gates().take(placed("acct_1", ADA, BEN), placed("acct_2", ADA), said(PETITION))
    (petition,) = await gates.told(BEN)
    assert petition == facts.Bankruptcy(
        learned_at=NOON, chapter=13, filed_on=FILED, account_ids=("acct_1",), party_id=ADA
    )
    own = (await gates.state(ADA)).facts[f"contact-{ADA} fact_1"].fact
    assert own == PETITION


async def test_an_account_that_comes_later_brings_its_people_what_was_said() -> None:
    gates = await Gates().take(said(PETITION), placed("acct_1", ADA, BEN), placed("acct_2", EVE))
    assert [type(each) for each in await gates.told(BEN)] == [facts.Bankruptcy]
    await gates.take(placed("acct_3", EVE, ADA), placed("acct_4", BEN, ADA))
    assert {each.account_ids for each in await gates.told(BEN)} == {("acct_1",), ("acct_4",)}  # type: ignore[union-attr]
    assert {each.account_ids for each in await gates.told(EVE)} == {("acct_3",)}  # type: ignore[union-attr]


async def test_who_shares_an_older_account_is_learnt_with_its_next_event() -> None:
    alone = [
        issue
        for issue in placed("acct_1", ADA, BEN)
        if not isinstance(issue.command(MOMENT).fact, facts.JointDebt)
    ]
    gates = await Gates().take(alone, said(PETITION))
    assert await gates.told(BEN) == []
    active = from_ledger.AccountActivated(account_id="acct_1", consumer_ids=(ADA, BEN))
    await gates.take(from_ledger.activated(active, envelope("account-acct_1", 2)))
    assert len(await gates.told(BEN)) == 1


async def test_who_owes_an_account_together_is_noted_once() -> None:
    gates = await Gates().take(placed("acct_1", ADA, BEN))
    active = from_ledger.AccountActivated(account_id="acct_1", consumer_ids=(ADA, BEN))
    before = len(gates.store.log)
    await gates.take(from_ledger.activated(active, envelope("account-acct_1", 2)))
    assert len(gates.store.log) == before + 2  # where it stands, at two gates


@pytest.mark.parametrize(
    ("fact", "there"),
    [
        (facts.IdentityTheftReport(account_id="acct_1", source="agency_block", received_at=NOON),
         {"party_id": ADA}),
        (facts.ReportingDispute(account_id="acct_1", noticed_at=NOON), {"party_id": ADA}),
        (facts.MilitaryService(started_on=FILED), {"party_id": ADA, "account_ids": ("acct_1",)}),
        (facts.Bankruptcy(learned_at=NOON, account_ids=("acct_1", "acct_2"),
                          reaffirmed=("acct_2",), postpetition=("acct_1", "acct_2")),
         {"party_id": ADA, "account_ids": ("acct_1",), "reaffirmed": (),
          "postpetition": ("acct_1",)}),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
async def test_says_who_said_it_and_of_which_debt(fact: Any, there: dict[str, Any]) -> None:
    gates = await Gates().take(placed("acct_1", BEN, ADA), placed("acct_2", ADA), said(fact))
    (told,) = await gates.told(BEN)
    assert {name: getattr(told, name) for name in there} == there
    assert await gates.told(ADA) == []


@pytest.mark.parametrize(
    "fact",
    [
        facts.CeaseNotice(received_at=NOON),
        facts.AttorneyRetained(received_at=NOON),
        facts.OralStop(received_at=NOON),
        facts.ConsumerStatus(status="deceased", learned_at=NOON),
        facts.PersonStatement(statement="does_not_owe", received_at=NOON),
        facts.InitialCommunication(account_id="acct_1", at=NOON),
        facts.Bankruptcy(learned_at=NOON, account_ids=("acct_2",)),
        facts.IdentityTheftReport(account_id="acct_2", source="agency_block", received_at=NOON),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_what_is_said_of_a_person_or_another_debt_stays_there(fact: Fact) -> None:
    gates = await Gates().take(placed("acct_1", ADA, BEN), placed("acct_2", ADA), said(fact))
    assert await gates.told(BEN) == []


async def test_what_the_creditor_says_of_a_debt_is_everybodys_already() -> None:
    held = from_ledger.HoldPlaced(
        account_id="acct_1", consumer_ids=(ADA, BEN), hold_id="hold_1", reason="bankruptcy",
        at=NOON, source="placement",
    )  # fmt: skip
    gates = await Gates().take(placed("acct_1", ADA, BEN))
    await gates.take(from_ledger.held(held, envelope("account-acct_1", 2)))
    for each in (ADA, BEN):
        cases = [
            kept.fact
            for kept in (await gates.state(each)).facts.values()
            if isinstance(kept.fact, facts.Bankruptcy)
        ]
        assert [case.party_id for case in cases] == [None]


async def test_a_release_ends_it_everywhere_and_for_good() -> None:
    gates = await Gates().take(
        placed("acct_1", ADA, BEN), placed("acct_2", ADA, EVE), said(PETITION), released()
    )
    assert await gates.told(BEN) == await gates.told(EVE) == []
    await gates.take(said(PETITION), placed("acct_3", ADA, BEN))
    assert await gates.told(BEN) == []


async def test_the_release_of_what_bound_one_person_is_noted_at_no_other_gate() -> None:
    stop = facts.OralStop(received_at=NOON)
    gates = await Gates().take(placed("acct_1", ADA, BEN), said(stop))
    before = (await gates.state(BEN)).facts
    await gates.take(released())
    assert (await gates.state(BEN)).facts == before


@pytest.mark.parametrize(
    ("chapter", "is_ended"), [(7, False), (11, False), (12, True), (13, True), (None, True)]
)
async def test_ends_permits_of_the_other_on_that_debt(chapter: Any, is_ended: bool) -> None:
    petition = replace(PETITION, chapter=chapter)
    gates = await Gates().take(placed("acct_1", ADA, "cns_1"))
    known = [_again(each) for each in gate()]
    permit = Issue(stream=stream("cns_1"), decider=GATES, command=lambda _: ask(request()))
    await gates.take(known, [permit], said(petition))
    last = gates.store.log[-1].event
    assert last.stream == stream("cns_1")
    assert (last.type == event_name(PermitRevoked)) is is_ended


async def test_the_feed_tells_it_as_the_line_did() -> None:
    event = from_contact.BankruptcyReported(
        consumer_ids=(ADA,), fact_id="fact_1", chapter=13, filed_on=FILED, ended_on=None,
        discharged_on=None, account_ids=(), stay_lifted=(), postpetition=(), reaffirmed=(),
        learned_at=NOON,
    )  # fmt: skip
    (handler,) = [each for each in from_contact.HANDLERS if each.event is type(event)]
    assert handler.react is not None
    gates = await Gates().take(placed("acct_1", ADA, BEN))
    await gates.take(handler.react(event, envelope(f"contact-{ADA}", 3)))
    before = len(gates.store.log)
    assert len(await gates.told(BEN)) == 1
    await gates.take(said(PETITION))
    assert len(gates.store.log) == before


STEPS = {
    "first": lambda: placed("acct_1", ADA, BEN),
    "second": lambda: placed("acct_2", BEN, ADA),
    "petition": lambda: said(PETITION),
    "service": lambda: said(facts.MilitaryService(started_on=FILED), key="fact_2"),
    "theft of it": lambda: said(
        facts.IdentityTheftReport(account_id="acct_2", source="agency_block", received_at=NOON),
        by=BEN,
        key="fact_3",
    ),
    "no service": lambda: released(key="fact_2"),
}


@given(order=st.permutations(list(STEPS)), again=st.lists(st.sampled_from(list(STEPS)), max_size=3))
@settings(max_examples=60)
async def test_comes_to_the_same_in_any_order(order: list[str], again: list[str]) -> None:
    steps = [STEPS[name]() for name in (*order, *again)]
    gates = await Gates().take(*steps)
    assert _sorted(await gates.told(BEN)) == _sorted(
        [joint.as_said_of(PETITION, each, ADA) for each in ("acct_1", "acct_2")]
    )
    (theft,) = await gates.told(ADA)
    assert isinstance(theft, facts.IdentityTheftReport)


def _sorted(found: list[Any]) -> list[str]:
    return sorted(map(repr, found))


def _again(event: Any) -> Issue:
    assert isinstance(event, FactRecorded)
    stated = Stated(
        fact_key=event.fact_key, source_stream=event.source_stream,
        source_version=event.source_version, consumer_ids=("cns_1",),
    )  # fmt: skip
    (issue,) = record_fact(stated, event.fact)
    return issue
