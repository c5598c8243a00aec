"""Whom gates know of from a placement, and what makes somebody count as the consumer."""

from typing import Any

import pytest

from services.compliance.facts import from_ledger
from services.compliance.permits.domain import commands
from services.compliance.rules import facts
from shared.eventstore.transact import Issue, Moment
from shared.kernel.money import Money
from shared.messaging.feed import START, Envelope
from tests.unit.compliance.samples import CONSUMER, NOON

MOMENT = Moment(now=NOON, system_now=NOON, watermarks={}, parked=(), guards={})
METADATA = b'{"correlation_id":"cor_1","actor":"key_1"}'
ENVELOPE = Envelope(
    source="ledger", position=START, tenant="agy_1", stream="account-acct_1", version=1,
    event_id="evt_1", type="x", data=b"{}", metadata_bytes=METADATA, occurred_at=NOON,
    recorded_at=NOON,
)  # fmt: skip


def held(reason: str, source: str = "placement") -> list[commands.RecordFact]:
    """Return what a hold makes known."""
    placed = from_ledger.HoldPlaced(
        account_id="acct_1",
        consumer_ids=(CONSUMER,),
        hold_id="hold_1",
        reason=reason,
        at=NOON,
        source=source,
    )
    found = [issue.command(MOMENT) for issue in from_ledger.held(placed, ENVELOPE)]
    return [each for each in found if isinstance(each, commands.RecordFact)]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("bankruptcy", facts.Bankruptcy),
        ("attorney", facts.AttorneyRetained),
        ("fraud_review", facts.IdentityTheftReport),
    ],
)
def test_takes_a_creditors_flag_for_a_fact_while_its_hold_stands(reason: str, kind: type) -> None:
    hold, flag = held(reason)
    assert isinstance(hold.fact, facts.AccountHold)
    assert isinstance(flag.fact, kind)
    lifted = from_ledger.HoldLifted(
        account_id="acct_1", consumer_ids=(CONSUMER,), hold_id="hold_1", reason=reason
    )
    ended = [issue.command(MOMENT) for issue in from_ledger.released(lifted, ENVELOPE)]
    assert all(isinstance(each, commands.ReleaseFact) for each in ended)
    assert [each.fact_key for each in ended] == [hold.fact_key, flag.fact_key]


@pytest.mark.parametrize(
    ("reason", "source"),
    [("deceased_review", "placement"), ("hardship", "placement"), ("attorney", "contact")],
)
def test_takes_no_other_hold_for_more_than_a_hold(reason: str, source: str) -> None:
    (hold,) = held(reason, source)
    assert isinstance(hold.fact, facts.AccountHold)


def people(*parties: from_ledger.Party) -> list[facts.PartyKnown]:
    """Return the people whom a placement makes known."""
    placed = from_ledger.AccountPlaced(
        account_id="acct_1",
        consumer_ids=(CONSUMER,),
        parties=parties,
        product_type="credit_card",
        balance=Money(amount=10_000, currency="USD"),
        at=NOON,
    )
    found = []
    for issue in from_ledger.placed(placed, ENVELOPE):
        assert isinstance(issue, Issue)
        command = issue.command(MOMENT)
        assert isinstance(command, commands.RecordFact)
        if isinstance(command.fact, facts.PartyKnown):
            found.append(command.fact)
    return found


def person(role: str, relation: Any = None, **more: Any) -> from_ledger.Party:
    return from_ledger.Party(party_id="pty_2", role=role, relation=relation, **more)


@pytest.mark.parametrize(
    ("said", "role", "relation"),
    [
        (("other", "spouse"), "spouse", None),
        (("co_debtor", "spouse"), "co_debtor", None),
        (("other", "guardian"), "other", "guardian"),
        (("other", "estate_representative"), "other", "estate_representative"),
        (("attorney", None), "attorney", None),
    ],
)
def test_knows_who_somebody_is(said: tuple[str, Any], role: str, relation: str | None) -> None:
    (known,) = people(person(*said))
    assert (known.role, known.relation, known.account_ids) == (role, relation, ("acct_1",))


def test_leaves_out_who_has_a_gate_of_their_own() -> None:
    assert people(person("co_debtor", "spouse", consumer_id="cns_2")) == []
