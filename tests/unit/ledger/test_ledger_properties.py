"""What holds after any history: books balance, money is counted once, nothing is decided twice."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain.allocation import ALLOCATION_ORDER, allocate
from services.ledger.journal.domain import imbalance, postings, receivable
from services.ledger.plans import domain as plans
from shared.eventstore import codec
from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.records import event_name, replace
from tests.unit.ledger.samples import (
    NOON,
    TODAY,
    agree_plan,
    place_account,
    placed,
    record_payment,
    reverse_payment,
    sealed,
    usd,
)

amounts = st.integers(1, 4_000)
buckets = st.dictionaries(
    st.sampled_from(ALLOCATION_ORDER), st.integers(0, 5_000), min_size=1
).filter(lambda owed: sum(owed.values()) > 0)
payment_ids = st.sampled_from(["pay_1", "pay_2", "pay_3", "pay_4"])
plan_ids = st.sampled_from(["plan_1", "plan_2", "plan_3"])
reasons = st.sampled_from(["paid_in_full", "settled_in_full", "exhausted", "untraceable"])

account_commands = st.one_of(
    st.builds(
        record_payment,
        payment_ids,
        amounts,
        received_by=st.sampled_from(["agency", "creditor", "attorney", "platform"]),
        external_ref=st.none() | st.sampled_from(["ref-1", "ref-2"]),
    ),
    st.builds(reverse_payment, payment_ids, st.sampled_from(["rev_1", "rev_2", "rev_3"])),
    st.builds(accounts.RecallAccount, reason=st.just("creditor_request"), now=st.just(NOON)),
    st.builds(accounts.CloseAccount, reason=reasons, now=st.just(NOON)),
    st.builds(
        accounts.PlaceHold,
        hold_id=st.sampled_from(["hold_1", "hold_2"]),
        reason=st.sampled_from(["dispute", "attorney"]),
        source=st.just("dispute"),
        source_id=st.sampled_from(["dsp_1", "dsp_2"]),
        now=st.just(NOON),
    ),
    st.builds(accounts.LiftHold, hold_id=st.sampled_from(["hold_1", "hold_2"]), now=st.just(NOON)),
    st.builds(
        accounts.LiftHoldsOf,
        source=st.just("dispute"),
        source_id=st.sampled_from(["dsp_1", "dsp_2"]),
        now=st.just(NOON),
    ),
)

instants = st.integers(0, 120).map(lambda days: NOON + timedelta(days=days))
plan_commands = st.one_of(
    st.builds(plans.ApplyPayment, payment_id=payment_ids, amount=amounts.map(usd), now=instants),
    st.builds(
        plans.UnapplyPayment, payment_id=payment_ids, now=instants, is_taken_up=st.booleans()
    ),
    st.builds(plans.FallDue, number=st.integers(1, 3), now=instants),
    st.builds(plans.MissInstalment, number=st.integers(1, 3), now=instants),
    st.builds(
        plans.CancelPlan, reason=st.sampled_from(["requested", "account_closed"]), now=instants
    ),
)


def history(
    decider: Decider[Any, Any, Any],
    start: tuple[Any, ...],
    commands: list[Any],
    check: Callable[[tuple[Any, ...], Any], None],
) -> None:
    """Issue each command, twice; check the whole history after each."""
    events = start
    state = decider.fold(events)
    check(events, state)
    for command in commands:
        try:
            happened = decider.decide(command, state)
        except DomainError:
            continue
        state = decider.fold(happened, state)
        events = (*events, *happened)
        assert decider.decide(command, state) == ()
        assert decider.fold(events) == state
        check(events, state)


def books_balance(events: tuple[Any, ...], state: accounts.Account) -> None:
    lines = [line for event in events for line in postings(event)]
    assert all(imbalance(postings(event)) == {} for event in events)
    assert receivable(lines, "acct_1") == state.balance.amount
    assert all(amount > 0 for amount in state.owed.values())
    moving = [event for event in events if hasattr(event, "balance")]
    assert moving[-1].balance == state.balance
    due = -sum(line.amount_minor for line in lines if line.account_code == "due-to-creditor")
    standing = [each for each in state.payments.values() if each.reversal_id is None]
    assert due == sum(each.amount.amount for each in standing if each.received_by != "creditor")
    assert sum(state.owed.values()) + sum(each.amount.amount for each in standing) == (
        events[0].balance.amount
    )


def money_is_counted_once(events: tuple[Any, ...], state: accounts.Account) -> None:
    recorded = [each for each in events if isinstance(each, accounts.PaymentRecorded)]
    reversals = [each for each in events if isinstance(each, accounts.PaymentReversed)]
    for kind, key in (
        (recorded, "payment_id"),
        (reversals, "payment_id"),
        (reversals, "reversal_id"),
    ):
        keys = [getattr(each, key) for each in kind]
        assert len(keys) == len(set(keys))
    references = [each.external_ref for each in recorded if each.external_ref]
    assert len(references) == len(set(references))
    by_id = {each.payment_id: each for each in recorded}
    for each in recorded:
        assert sum(each.allocation.values()) == each.amount.amount
    for undone in reversals:
        assert undone.allocation == by_id[undone.payment_id].allocation
        assert undone.amount == by_id[undone.payment_id].amount


class TestAccounts:
    @given(buckets, st.lists(account_commands, max_size=25))
    def test_balance_at_every_event(
        self, owed: dict[str, int], commands: list[accounts.Command]
    ) -> None:
        history(accounts.ACCOUNTS, placed(owed), commands, books_balance)

    @given(buckets, st.lists(account_commands, max_size=25))
    def test_count_money_once(self, owed: dict[str, int], commands: list[accounts.Command]) -> None:
        history(accounts.ACCOUNTS, placed(owed), commands, money_is_counted_once)

    @given(buckets, st.data())
    def test_allocate_to_the_cent(self, owed: dict[str, int], data: st.DataObject) -> None:
        amount = data.draw(st.integers(1, sum(owed.values())))
        parts = allocate(amount, owed)
        assert sum(parts.values()) == amount
        assert all(0 < part <= owed[bucket] for bucket, part in parts.items())


def _stored(events: tuple[type, ...]) -> st.SearchStrategy[Any]:
    """Draw any stored event, whether or not it makes sense where it stands."""
    return st.one_of([st.builds(each, **_arguments(each)) for each in events])


def _arguments(cls: type) -> dict[str, st.SearchStrategy[Any]]:
    special: dict[str, st.SearchStrategy[Any]] = {
        "payment_id": payment_ids,
        "hold_id": st.sampled_from(["hold_1", "hold_2"]),
        "number": st.integers(0, 4),
        "amount": amounts.map(usd),
        "outstanding": amounts.map(usd),
        "total": amounts.map(usd),
        "balance": amounts.map(usd),
        "allocation": buckets,
        "buckets": buckets,
        "remainder": buckets | st.just({}),
        "account_number": st.just(sealed("account_number")),
        "customer_reference": st.just(sealed("customer_reference")),
        "itemization": st.just(place_account().itemization),
        "parties": st.just(place_account().parties),
        "instalments": st.just(plans.decide(agree_plan(), plans.PLANS.initial)[0].instalments),  # type: ignore[union-attr]
    }
    fields = {field.name: field for field in msgspec.structs.fields(cls)}
    return {
        name: special[name] if name in special else _any(field.type)
        for name, field in fields.items()
        if field.required
    }


def _any(kind: Any) -> st.SearchStrategy[Any]:
    if kind == tuple[str, ...]:
        return st.just(("cns_1",))
    if kind == tuple[plans.Portion, ...]:
        portion = st.builds(plans.Portion, number=st.integers(0, 4), amount=amounts)
        return st.lists(portion, max_size=3).map(tuple)
    if kind == tuple[plans.Opening, ...]:
        return st.just(())
    if kind is date:
        return st.just(TODAY)
    if kind is str:
        return st.sampled_from(["one", "two"])
    if kind is int:
        return st.integers(0, 9)
    if kind is datetime:
        return st.just(NOON)
    return st.sampled_from(kind.__args__)


class World:
    """An account and its plans, as one transaction after the other leaves them."""

    def __init__(self, owed: dict[str, int]) -> None:
        self.account = accounts.ACCOUNTS.fold(placed(owed))
        self.plans: dict[str, plans.Plan] = {}

    def agree(self, command: accounts.AttachPlan) -> None:
        """Agree on a plan of one instalment under an id that was never used."""
        if command.plan_id in self.plans:
            return
        events = accounts.decide(command, self.account)
        terms = ((TODAY + timedelta(days=9), command.total.amount),)
        agreed = plans.decide(agree_plan(*terms, plan_id=command.plan_id), plans.Plan())
        self._take(events, command.plan_id, plans.PLANS.fold(agreed))

    def cancel(self, command: accounts.DetachPlan) -> None:
        """End a plan."""
        plan = self.plans[command.plan_id]
        ended = plans.decide(plans.CancelPlan(reason=command.reason, now=NOON), plan)
        events = accounts.decide(command, self.account)
        self._take(events, command.plan_id, plans.PLANS.fold(ended, plan))

    def change(self, command: Any) -> None:
        """Let the account decide and the plan concerned follow."""
        plan_id = self.account.open_plan_id
        if isinstance(command, accounts.ReversePayment):
            plan_id = self.account.payments[command.payment_id].plan_id
        plan = self.plans[plan_id] if plan_id else plans.Plan()
        if isinstance(command, accounts.RecordPayment):
            command = replace(command, plan_outstanding=plan.outstanding)
        if isinstance(command, accounts.ReversePayment):
            command = replace(command, plan_is_completed=plan.status == "completed")
        events = accounts.decide(command, self.account)
        if plan_id:
            follow = plans.FollowAccount(events=events, now=NOON)
            happened = plans.decide(follow, plan)
            plan = plans.PLANS.fold(happened, plan)
            assert plans.decide(follow, plan) == ()
        self._take(events, plan_id, plan)

    def _take(
        self, events: tuple[accounts.Event, ...], plan_id: str | None, plan: plans.Plan
    ) -> None:
        self.account = accounts.ACCOUNTS.fold(events, self.account)
        if plan_id:
            self.plans[plan_id] = plan


plan_acts = st.one_of(
    account_commands,
    st.builds(
        record_payment, payment_ids, amounts, plan_id=st.none() | plan_ids, external_ref=st.none()
    ),
    st.builds(
        accounts.AttachPlan,
        plan_id=plan_ids,
        agreed_with=st.sampled_from(["pty_1", "cns_1"]),
        total=amounts.map(usd),
        now=st.just(NOON),
    ),
    st.builds(
        accounts.DetachPlan, plan_id=plan_ids, reason=st.just("requested"), now=st.just(NOON)
    ),
)


class TestAnAccountAndItsPlans:
    @given(st.lists(plan_acts, max_size=30))
    def test_agree_on_which_plan_is_open_and_it_is_one(self, acts: list[Any]) -> None:
        world = World({"principal": 6_000})
        for act in acts:
            try:
                match act:
                    case accounts.AttachPlan():
                        world.agree(act)
                    case accounts.DetachPlan():
                        world.cancel(act)
                    case _:
                        world.change(act)
            except (DomainError, KeyError):
                continue
            active = [key for key, plan in world.plans.items() if plan.status == "active"]
            followed = world.account.open_plan_id
            assert active == ([] if followed is None else [followed])
            assert world.account.is_open or not active
            for key, plan in world.plans.items():
                assert plan.status != "active" or plan.outstanding <= world.account.balance.amount
                for payment_id, seen in plan.payments.items():
                    assert world.account.payments[payment_id].plan_id == key
                    is_undone = world.account.payments[payment_id].reversal_id is not None
                    assert seen.is_unapplied == is_undone


class TestEvolve:
    @given(st.lists(_stored(accounts.EVENTS), max_size=12))
    def test_never_raises_for_accounts(self, events: list[accounts.Event]) -> None:
        state = accounts.ACCOUNTS.fold(events)
        assert msgspec.json.decode(msgspec.json.encode(state), type=accounts.Account) == state

    @given(st.lists(_stored(plans.EVENTS), max_size=12))
    def test_never_raises_for_plans(self, events: list[plans.Event]) -> None:
        state = plans.PLANS.fold(events)
        assert msgspec.json.decode(msgspec.json.encode(state), type=plans.Plan) == state


class TestStoredEvents:
    @given(_stored((*accounts.EVENTS, *plans.EVENTS)))
    def test_load_as_they_were(self, event: Any) -> None:
        assert codec.decode(type(event), codec.encode(event)) == event

    @pytest.mark.parametrize("cls", [*accounts.EVENTS, *plans.EVENTS])
    def test_carry_whom_they_concern_and_when(self, cls: type) -> None:
        fields = {field.name: field.type for field in msgspec.structs.fields(cls)}
        assert (fields["account_id"], fields["at"]) == (str, datetime)
        assert fields["consumer_ids"] == tuple[str, ...]

    @pytest.mark.parametrize("cls", [*accounts.EVENTS, *plans.EVENTS])
    def test_are_named_for_their_class(self, cls: type) -> None:
        kebab = re.sub("(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()
        assert event_name(cls) == f"forbear.ledger.{kebab}.v1"


class TestPlans:
    @given(st.lists(plan_commands, max_size=30))
    def test_count_each_payment_once(self, commands: list[plans.Command]) -> None:
        def sums_are_exact(events: tuple[Any, ...], state: plans.Plan) -> None:
            applied = [each for each in events if isinstance(each, plans.PlanPaymentApplied)]
            undone = {
                each.payment_id for each in events if isinstance(each, plans.PlanPaymentUnapplied)
            }
            assert len({each.payment_id for each in applied}) == len(applied)
            for each in applied:
                parts = sum(portion.amount for portion in each.portions)
                assert parts + each.excess == each.amount.amount
            standing = sum(
                each.amount.amount - each.excess
                for each in applied
                if each.payment_id not in undone
            )
            assert sum(due.amount - due.outstanding for due in state.instalments) == standing
            assert all(0 <= due.outstanding <= due.amount for due in state.instalments)
            is_kept = not any(due.outstanding for due in state.instalments)
            assert (state.status == "completed") == (is_kept and state.status != "cancelled")

        history(plans.PLANS, plans.decide(agree_plan(), plans.Plan()), commands, sums_are_exact)

    @given(st.lists(plan_commands, max_size=30))
    def test_keep_a_clock_on_exactly_what_is_unpaid(self, commands: list[plans.Command]) -> None:
        def clocks_run(events: tuple[Any, ...], state: plans.Plan) -> None:
            running: set[str] = set()
            for event in events:
                for job in plans.jobs(event):
                    if hasattr(job, "due_at"):
                        assert job.key not in running
                        running.add(job.key)
                    else:
                        running.remove(job.key)
            waiting = {
                f"instalment-missed/plan_1/{due.number}/{due.opening}"
                for due in state.instalments
                if due.outstanding and state.status == "active"
            }
            assert {key for key in running if key.startswith("instalment-missed")} == waiting

        history(plans.PLANS, plans.decide(agree_plan(), plans.Plan()), commands, clocks_run)

    @given(
        st.lists(st.tuples(st.dates(TODAY, date(2028, 1, 1)), st.integers(-10, 500)), max_size=12),
        st.integers(-1, 1),
    )
    def test_are_agreed_only_if_they_add_up(
        self, terms: list[tuple[date, int]], off_by: int
    ) -> None:
        total = sum(amount for _, amount in terms) + off_by
        command = agree_plan(*terms, total=usd(total)) if terms else None
        if command is None:
            return
        days = [day for day, _ in terms]
        is_sound = (
            off_by == 0
            and all(amount > 0 for _, amount in terms)
            and all(day < following for day, following in zip(days, days[1:], strict=False))
        )
        try:
            events = plans.decide(command, plans.Plan())
        except DomainError:
            assert not is_sound
        else:
            assert is_sound
            assert events
