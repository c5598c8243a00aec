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
ENVELOPE = Envelope(
    source="ledger", position=START, tenant="agy_1", stream="account-acct_1", version=1,
    event_id="evt_1", type="x", data=b"{}", metadata_bytes=b"{}", occurred_at=NOON,
    recorded_at=NOON,
)  # fmt: skip


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
