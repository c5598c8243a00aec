"""Records that the ledger's tests are told with. Nobody in them exists."""

from datetime import UTC, date, datetime
from typing import Any

from services.ledger.accounts import domain as accounts
from services.ledger.plans import domain as plans
from shared.kernel.money import Money
from shared.kernel.records import replace
from shared.kernel.sealed import Sealed

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
CONSUMERS = ("cns_1",)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def sealed(field: str) -> Sealed:
    return Sealed(key_id="key_1", nonce="bm9uY2U=", ciphertext=f"sealed-{field}")


def place_account(buckets: dict[str, int] | None = None, **changes: Any) -> accounts.PlaceAccount:
    owed = {"principal": 8_000, "interest": 1_500, "fees": 500} if buckets is None else buckets
    total = sum(owed.values())
    command = accounts.PlaceAccount(
        account_id="acct_1",
        creditor_id="crd_1",
        placement_id="plc_1",
        consumer_ids=CONSUMERS,
        parties=(
            accounts.Party(
                party_id="pty_1", consumer_id="cns_1", role="consumer", name=sealed("name")
            ),
        ),
        product_type="credit_card",
        original_creditor_name="First Example Bank",
        current_creditor_name="Example Receivables",
        account_number=sealed("account_number"),
        account_number_digest="digest-number",
        customer_reference=sealed("customer_reference"),
        itemization=accounts.Itemization(
            date=date(2025, 1, 15),
            type="charge_off",
            balance=total,
            interest=0,
            fees=0,
            payments=0,
            credits=0,
        ),
        buckets=owed,
        balance=usd(total),
        delinquency_date=date(2024, 8, 1),
        now=NOON,
        new_consumer_claims=(
            accounts.ConsumerClaim(digest="digest-consumer", consumer_id="cns_1"),
        ),
    )
    return replace(command, **changes)


def placed(buckets: dict[str, int] | None = None, **changes: Any) -> tuple[accounts.Event, ...]:
    """Return the events of an account that was taken on."""
    command = place_account(buckets, **changes)
    return accounts.decide(command, accounts.ACCOUNTS.initial)


def record_payment(
    payment_id: str = "pay_1", amount: int = 1_000, **changes: Any
) -> accounts.RecordPayment:
    command = accounts.RecordPayment(
        payment_id=payment_id,
        amount=usd(amount),
        received_by="agency",
        received_at=NOON,
        instrument="ach",
        now=NOON,
    )
    return replace(command, **changes)


def paid(
    payment_id: str, amount: int, allocation: dict[str, int], balance: int, **changes: Any
) -> accounts.PaymentRecorded:
    event = accounts.PaymentRecorded(
        account_id="acct_1",
        creditor_id="crd_1",
        consumer_ids=CONSUMERS,
        payment_id=payment_id,
        amount=usd(amount),
        received_by="agency",
        received_at=NOON,
        instrument="ach",
        allocation=allocation,
        balance=usd(balance),
        at=NOON,
    )
    return replace(event, **changes)


def reverse_payment(
    payment_id: str = "pay_1", reversal_id: str = "rev_1", **changes: Any
) -> accounts.ReversePayment:
    command = accounts.ReversePayment(
        reversal_id=reversal_id,
        payment_id=payment_id,
        reason="nsf",
        effective_at=NOON,
        now=NOON,
    )
    return replace(command, **changes)


def reversed_(
    payment_id: str, amount: int, allocation: dict[str, int], balance: int, **changes: Any
) -> accounts.PaymentReversed:
    event = accounts.PaymentReversed(
        account_id="acct_1",
        creditor_id="crd_1",
        consumer_ids=CONSUMERS,
        reversal_id="rev_1",
        payment_id=payment_id,
        amount=usd(amount),
        received_by="agency",
        reason="nsf",
        effective_at=NOON,
        allocation=allocation,
        balance=usd(balance),
        at=NOON,
    )
    return replace(event, **changes)


def closed(
    reason: accounts.CloseReason, remainder: dict[str, int] | None = None
) -> accounts.AccountClosed:
    return accounts.AccountClosed(
        account_id="acct_1",
        creditor_id="crd_1",
        consumer_ids=CONSUMERS,
        reason=reason,
        remainder=remainder or {},
        balance=usd(0),
        at=NOON,
    )


def recalled(remainder: dict[str, int]) -> accounts.AccountRecalled:
    return accounts.AccountRecalled(
        account_id="acct_1",
        creditor_id="crd_1",
        consumer_ids=CONSUMERS,
        reason="creditor_request",
        remainder=remainder,
        balance=usd(0),
        at=NOON,
    )


def activated() -> accounts.AccountActivated:
    return accounts.AccountActivated(account_id="acct_1", consumer_ids=CONSUMERS, at=NOON)


def hold_placed(
    hold_id: str = "hold_1",
    reason: accounts.HoldReason = "dispute",
    source: str = "dispute",
    source_id: str = "dsp_1",
) -> accounts.HoldPlaced:
    return accounts.HoldPlaced(
        account_id="acct_1",
        consumer_ids=CONSUMERS,
        hold_id=hold_id,
        reason=reason,
        source=source,
        source_id=source_id,
        at=NOON,
    )


def hold_lifted(placed_hold: accounts.HoldPlaced) -> accounts.HoldLifted:
    return accounts.HoldLifted(
        account_id="acct_1",
        consumer_ids=CONSUMERS,
        hold_id=placed_hold.hold_id,
        reason=placed_hold.reason,
        source=placed_hold.source,
        source_id=placed_hold.source_id,
        at=NOON,
    )


def attach_plan(plan_id: str = "plan_1", **changes: Any) -> accounts.AttachPlan:
    command = accounts.AttachPlan(plan_id=plan_id, agreed_with="pty_1", total=usd(3_000), now=NOON)
    return replace(command, **changes)


def attached(plan_id: str = "plan_1") -> accounts.PlanAttached:
    return accounts.PlanAttached(
        account_id="acct_1", consumer_ids=CONSUMERS, plan_id=plan_id, at=NOON
    )


def detached(reason: accounts.DetachReason, plan_id: str = "plan_1") -> accounts.PlanDetached:
    return accounts.PlanDetached(
        account_id="acct_1", consumer_ids=CONSUMERS, plan_id=plan_id, reason=reason, at=NOON
    )


def proposed(*terms: tuple[date, int]) -> tuple[plans.ProposedInstalment, ...]:
    return tuple(
        plans.ProposedInstalment(number=index + 1, due_date=day, amount=usd(amount))
        for index, (day, amount) in enumerate(terms)
    )


def agree_plan(*terms: tuple[date, int], **changes: Any) -> plans.AgreePlan:
    chosen = terms or (
        (date(2026, 6, 15), 1_000),
        (date(2026, 7, 15), 1_000),
        (date(2026, 8, 15), 1_000),
    )
    command = plans.AgreePlan(
        plan_id="plan_1",
        account_id="acct_1",
        consumer_ids=CONSUMERS,
        instalments=proposed(*chosen),
        total=usd(sum(amount for _, amount in chosen)),
        agreed_with="pty_1",
        zones=("America/New_York", "America/Los_Angeles"),
        now=NOON,
    )
    return replace(command, **changes)


def agreed(*terms: tuple[date, int], **changes: Any) -> tuple[plans.Event, ...]:
    """Return the events of a plan that was agreed."""
    return plans.decide(agree_plan(*terms, **changes), plans.PLANS.initial)


def row(**changes: Any) -> dict[str, Any]:
    """Return a placement row as a creditor sends it; a change to `...` leaves the field out."""
    whole: dict[str, Any] = {
        "account_number": "4417-220931",
        "customer_reference": "C-88120",
        "product_type": "credit_card",
        "original_creditor_name": "First Example Bank",
        "current_creditor_name": "Example Receivables",
        "itemization": {
            "date": "2025-01-15",
            "type": "charge_off",
            "balance": 9_500,
            "interest": 500,
            "fees": 100,
            "payments": 100,
            "credits": 0,
        },
        "principal": 8_000,
        "interest": 1_500,
        "fees": 500,
        "total_balance": 10_000,
        "currency": "USD",
        "delinquency_date": "2024-08-01",
        "charge_off_date": "2025-01-15",
        "parties": [
            {
                "role": "consumer",
                "first_name": "Ada",
                "last_name": "Example",
                "addresses": [
                    {
                        "lines": ["12 Sample Street"],
                        "city": "Springfield",
                        "state": "IL",
                        "zip": "62701",
                        "country": "US",
                    }
                ],
                "phones": [{"number": "+12175550123", "label": "mobile"}],
                "emails": [{"address": "ada@example.com"}],
            }
        ],
        "special_flags": [],
    }
    whole.update(changes)
    return {field: value for field, value in whole.items() if value is not ...}


def party(**changes: Any) -> dict[str, Any]:
    """Return the row's consumer with some fields changed."""
    whole: dict[str, Any] = {**row()["parties"][0], **changes}
    return {field: value for field, value in whole.items() if value is not ...}
