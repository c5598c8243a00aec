"""What one consumer says of a debt is known wherever somebody else owes it.

A petition, a report of identity theft, a dispute with a reporting agency and military service are
said by one person and bear on the debt itself. Each gate that shares an account with the one where
it was said holds it too, for that account alone and with the name of who said it. It follows in
the transaction in which either becomes known: what was said, or the account.
"""

from collections.abc import Callable, Iterator, Sequence

from services.compliance.permits.domain import GATES, commands
from services.compliance.permits.domain import stream as gate_stream
from services.compliance.permits.domain.state import GateState, address
from services.compliance.rules import facts
from services.compliance.rules.facts import Fact, JointDebt
from shared.eventstore.transact import Issue, Moment
from shared.kernel.records import record, replace

Then = Callable[[GateState], Sequence[Issue]]
OF_DEBTS = (
    facts.Bankruptcy,
    facts.IdentityTheftReport,
    facts.ReportingDispute,
    facts.MilitaryService,
)


@record
class Said:
    """A fact in force as the gate of who said it holds it."""

    consumer_id: str
    fact_key: str
    source_version: int
    fact: Fact


def profile(consumer_id: str) -> str:
    """Name the stream in which a consumer speaks for themself."""
    return f"contact-{consumer_id}"


def key_for(fact_key: str, account_id: str) -> str:
    """Name the fact at the other gates: there it is about one account."""
    return f"{fact_key}-{account_id}"


def told_of(consumer_id: str, source_stream: str, fact_key: str, fact: Fact) -> Then | None:
    """Return what follows from taking a fact in at a consumer's gate, if anything may."""
    if isinstance(fact, JointDebt):
        return lambda state: [
            issue for said in _all_said(consumer_id, state) for issue in _passed_on(said, fact)
        ]
    if not isinstance(fact, OF_DEBTS) or source_stream != profile(consumer_id):
        return None
    return lambda state: [
        issue
        for said in _all_said(consumer_id, state)
        if said.fact_key == fact_key
        for debt in _joint_debts(state)
        for issue in _passed_on(said, debt)
    ]


def released_of(consumer_id: str, release: Callable[[str, str], Issue]) -> Then:
    """Return what follows from the end of what a consumer said.

    `release` ends it for another consumer and an account, where it is known.
    """
    return lambda state: [
        release(other, debt.account_id)
        for debt in _joint_debts(state)
        for other in debt.consumer_ids
        if other != consumer_id
    ]


def as_said_of(fact: Fact, account_id: str, by: str) -> Fact | None:
    """Return a fact as it is known to others who owe an account; None if it is not about that."""
    match fact:
        case facts.Bankruptcy():
            if fact.account_ids and account_id not in fact.account_ids:
                return None
            only = (account_id,)
            return replace(
                fact,
                account_ids=only,
                stay_lifted=only if account_id in fact.stay_lifted else (),
                postpetition=only if account_id in fact.postpetition else (),
                reaffirmed=only if account_id in fact.reaffirmed else (),
                party_id=fact.party_id or by,
            )
        case facts.IdentityTheftReport() | facts.ReportingDispute():
            if fact.account_id != account_id:
                return None
            return replace(fact, party_id=fact.party_id or by)
        case facts.MilitaryService():
            return replace(fact, account_ids=(account_id,), party_id=fact.party_id or by)
        case _:
            return None


def _joint_debts(state: GateState) -> list[JointDebt]:
    return [kept.fact for kept in state.facts.values() if isinstance(kept.fact, JointDebt)]


def _all_said(consumer_id: str, state: GateState) -> Iterator[Said]:
    source = profile(consumer_id)
    for where, kept in state.facts.items():
        if isinstance(kept.fact, OF_DEBTS) and where == address(source, kept.fact_key):
            yield Said(
                consumer_id=consumer_id,
                fact_key=kept.fact_key,
                source_version=kept.source_version,
                fact=kept.fact,
            )


def _passed_on(said: Said, debt: JointDebt) -> list[Issue]:
    fact = as_said_of(said.fact, debt.account_id, said.consumer_id)
    if fact is None:
        return []
    others = (each for each in debt.consumer_ids if each != said.consumer_id)
    return [_at_gate(each, said, debt.account_id, fact) for each in others]


def _at_gate(consumer_id: str, said: Said, account_id: str, fact: Fact) -> Issue:
    def command(moment: Moment) -> commands.RecordFact:
        return commands.RecordFact(
            consumer_id=consumer_id,
            fact_key=key_for(said.fact_key, account_id),
            source_stream=profile(said.consumer_id),
            source_version=said.source_version,
            fact=fact,
            now=moment.now,
        )

    return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)
