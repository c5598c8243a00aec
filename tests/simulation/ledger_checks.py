"""Money and placements: what was acknowledged is there, once, and the books always balance."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from services.ledger.accounts import domain as accounts
from services.ledger.journal import domain as journal
from shared.eventstore import codec
from shared.kernel.records import event_name
from tests.simulation.logs import Log
from tests.simulation.simulation import Simulation


def check_ledger(simulation: Simulation, ledger: Log) -> Iterator[str]:
    """Name whatever is missing, doubled or out of balance."""
    yield from _placements(simulation, ledger)
    yield from _payments(simulation, ledger)
    yield from _books(ledger)
    yield from _plans(ledger)
    yield from _open_plans(ledger)


def _placements(simulation: Simulation, ledger: Log) -> Iterator[str]:
    placed = Counter(each.body.account_number_digest for each in ledger.of("account-placed"))
    for digest, count in placed.items():
        if count > 1:
            yield f"the account number {digest[:8]} was placed {count} times"
    known = {each.body.account_id for each in ledger.of("account-placed")}
    receipts = Counter(each.body.placement_id for each in ledger.of("placement-received"))
    for told in simulation.history.placements:
        if receipts[told.answer["id"]] != 1:
            yield f"the acknowledged placement {told.answer['id']} is on record {receipts} times"
        for each in told.answer["rows"]:
            if each["account_id"] not in known:
                yield f"the acknowledged account {each['account_id']} was never placed"


def _payments(simulation: Simulation, ledger: Log) -> Iterator[str]:
    recorded = Counter(each.body.payment_id for each in ledger.of("payment-recorded"))
    told = {each.answer["id"] for each in simulation.history.payments}
    for payment_id in told:
        if recorded[payment_id] != 1:
            yield f"the acknowledged payment {payment_id} was recorded {recorded[payment_id]} times"
    if doubled := len(recorded) - simulation.history.paid_at_most:
        if doubled > 0:
            yield f"{doubled} payments are on record that nobody made"
    reversed_ = Counter(each.body.payment_id for each in ledger.of("payment-reversed"))
    for payment_id, count in reversed_.items():
        if count > 1 or payment_id not in recorded:
            yield f"the payment {payment_id} was reversed {count} times"


def _books(ledger: Log) -> Iterator[str]:
    classes = {event_name(each): each for each in accounts.ACCOUNTS.events}
    states: dict[str, accounts.Account] = {}
    lines: list[journal.Posting] = []
    for logged in ledger.events:
        kind = classes.get(f"forbear.ledger.{logged.name}.v1")
        if kind is None or not logged.stream.startswith("account-"):
            continue
        event: Any = codec.decode(kind, logged.data)
        lines.extend(journal.postings(event))
        states[logged.stream] = accounts.evolve(
            states.get(logged.stream, accounts.Account()), event
        )
        if imbalance := journal.imbalance(lines):
            yield f"the books are off by {imbalance} after {logged.name} of {logged.stream}"
        state = states[logged.stream]
        if state.balance.amount != journal.receivable(lines, state.account_id):
            yield f"fold and journal of {logged.stream} differ after {logged.name}"


def _plans(ledger: Log) -> Iterator[str]:
    """A plan has been told of every payment of its own, and of every reversal, and of no other."""
    told: Counter[tuple[str, str]] = Counter()
    for each in ledger.of("plan-payment-applied"):
        told[each.body.plan_id, each.body.payment_id] += 1
    for each in ledger.of("plan-payment-unapplied"):
        told[each.body.plan_id, each.body.payment_id] -= 1
    undone = {each.body.payment_id for each in ledger.of("payment-reversed")}
    accounts_of = {each.body.plan_id: each.body.account_id for each in ledger.of("plan-agreed")}
    for each in ledger.of("payment-recorded"):
        plan_id, payment_id = each.body.plan_id, each.body.payment_id
        if plan_id is None:
            continue
        if accounts_of[plan_id] != each.body.account_id:
            yield f"{payment_id} went to {plan_id}, which is another account's"
        expected = 0 if payment_id in undone else 1
        if told.pop((plan_id, payment_id), 0) != expected:
            yield f"{plan_id} was not told once of {payment_id}, or not of its reversal"
    for (plan_id, payment_id), count in told.items():
        yield f"{plan_id} was told {count} times of {payment_id}, which was not for it"


def _open_plans(ledger: Log) -> Iterator[str]:
    """An account has one open plan at most at any time, and at rest only while it is worked."""
    open_plans: defaultdict[str, set[str]] = defaultdict(set)
    gone: set[str] = set()
    for each in ledger.events:
        match each.name:
            case "plan-agreed" | "plan-reopened":
                plans = open_plans[each.body.account_id]
                plans.add(each.body.plan_id)
                if len(plans) > 1:
                    yield f"{each.body.account_id} has {len(plans)} plans after {each.name}"
            case "plan-completed" | "plan-cancelled":
                open_plans[each.body.account_id].discard(each.body.plan_id)
            case "account-recalled" | "account-closed":
                gone.add(each.body.account_id)
            case "account-reopened":
                gone.discard(each.body.account_id)
    for account_id in sorted(gone):
        for plan_id in open_plans[account_id]:
            yield f"{plan_id} is open on {account_id}, which is worked no more"
