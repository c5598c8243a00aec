"""Faults in the books, the disputes and the logs themselves."""

import json
from dataclasses import replace
from datetime import timedelta

from tests.oracle.acts import Quarrel, agree_plan, in_plan, leave, pay, pay_instalment, reverse
from tests.oracle.history import Debtor, Log, text, usd
from tests.oracle.planted_contacts import creditor_hold


def unbalanced(log: Log) -> None:
    debtor = Debtor(log)
    debtor.owed["principal"] -= 10_00
    pay(debtor, 0, amount=usd(10_01), allocation={"principal": 10_00})


def misallocated(log: Log) -> None:
    debtor = Debtor(log)
    debtor.owed["interest"] -= 10_00
    pay(debtor, 0, amount=usd(10_00), allocation={"interest": 10_00})


def wrong_balance(log: Log) -> None:
    pay(Debtor(log), 10_00, balance=usd(89_99))


def doubled(log: Log) -> None:
    debtor = Debtor(log)
    first = pay(debtor, 10_00)
    pay(debtor, 10_00, payment_id=first["payment_id"])


def doubled_by_reference(log: Log) -> None:
    debtor = Debtor(log)
    pay(debtor, 10_00, external_ref="wire-7")
    pay(debtor, 10_00, external_ref="wire-7")


def unlike_reversal(log: Log) -> None:
    debtor = Debtor(log)
    payment = pay(debtor, 10_00)
    reverse(debtor, payment, amount=usd(9_00), allocation={"principal": 9_00})


def reversed_twice(log: Log) -> None:
    debtor = Debtor(log)
    payment = pay(debtor, 10_00)
    reverse(debtor, payment)
    reverse(debtor, payment)


def plan_sum(log: Log) -> None:
    debtor = Debtor(log)
    instalments = [
        {"number": 1, "amount": usd(10_00), "due_at": text(log.now), "missed_at": text(log.now)}
    ]
    in_plan(debtor, log.new("plan"), "plan-agreed", instalments=instalments, total=usd(11_00))


def instalment_not_paid(log: Log) -> None:
    debtor = Debtor(log)
    plan = agree_plan(debtor, [40_00, 60_00])
    in_plan(debtor, plan, "instalment-paid", number=1, payment_ids=[], opening=1)


def plan_payment_from_nowhere(log: Log) -> None:
    debtor = Debtor(log)
    plan = agree_plan(debtor, [40_00])
    portions = [{"number": 1, "amount": 10_00}]
    same = {"payment_id": "pay_none", "amount": usd(10_00), "portions": portions}
    in_plan(debtor, plan, "plan-payment-applied", excess=0, **same)


def two_plans(log: Log) -> None:
    debtor = Debtor(log)
    agree_plan(debtor, [40_00])
    agree_plan(debtor, [30_00])
    _go_on(log)


def reopened_beside_another(log: Log) -> None:
    debtor = Debtor(log)
    older = agree_plan(debtor, [10_00])
    pay_instalment(debtor, older, 1, 10_00)
    in_plan(debtor, older, "plan-completed")
    agree_plan(debtor, [30_00])
    in_plan(debtor, older, "plan-reopened")
    _go_on(log)


def plan_of_another_account(log: Log) -> None:
    debtor, other = Debtor(log), Debtor(log)
    plan = agree_plan(other, [40_00])
    payment = pay(debtor, 10_00, plan_id=plan)
    portions = [{"number": 1, "amount": 10_00}]
    same = {"payment_id": payment["payment_id"], "amount": usd(10_00), "portions": portions}
    in_plan(other, plan, "plan-payment-applied", excess=0, **same)


def recalled_with_a_plan(log: Log) -> None:
    debtor = Debtor(log)
    agree_plan(debtor, [40_00])
    leave(debtor, "recalled")
    _go_on(log)


def closed_with_a_plan(log: Log) -> None:
    debtor = Debtor(log)
    agree_plan(debtor, [40_00])
    leave(debtor, "closed")
    _go_on(log)


def reopened_on_a_recalled_account(log: Log) -> None:
    debtor = Debtor(log)
    plan = agree_plan(debtor, [10_00])
    pay_instalment(debtor, plan, 1, 10_00)
    in_plan(debtor, plan, "plan-completed")
    leave(debtor, "recalled")
    in_plan(debtor, plan, "plan-reopened")
    _go_on(log)


def _go_on(log: Log) -> None:
    """Let the log not end with what was committed last, which could be cut off."""
    log.now += timedelta(minutes=1)
    Debtor(log)


def denied_unanswered(log: Log) -> None:
    Quarrel(Debtor(log)).resolve("denied")


def missing_event(log: Log) -> None:
    pay(Debtor(log), 10_00)
    before_last = [each for each in log.events if each.stream == log.events[-2].stream][-2]
    log.events.remove(before_last)


def time_back(log: Log) -> None:
    debtor = Debtor(log)
    log.now -= timedelta(hours=1)
    log.emit("ledger", debtor.stream, "hold-placed", creditor_hold(debtor))
    log.now += timedelta(hours=1)
    log.fact(debtor.consumer, "hold-hold_z", debtor.stream, "account-hold", creditor_hold(debtor))


def unknown_cause(log: Log) -> None:
    last = log.events[-1]
    metadata = json.dumps({"actor": "a", "correlation_id": "r", "causation_id": "evt_nowhere"})
    log.events[-1] = replace(last, metadata=metadata.encode())


def same_id(log: Log) -> None:
    log.events[-1] = replace(log.events[-1], event_id=log.events[0].event_id)


def back_dated(log: Log) -> None:
    last = log.events[-1]
    log.events[-1] = replace(last, occurred_at=last.occurred_at + timedelta(seconds=1))
