"""Plans: instalments that add up, filled in order, each in the state its payments make.

Which plans an account has open is in `open_plans`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.oracle.log import Event, instant
from tests.oracle.money import Payment
from tests.oracle.report import Findings


@dataclass(slots=True)
class Instalment:
    """One instalment: what it asks for, what came in by payment, and when its clock strikes."""

    amount: int
    due_at: str
    missed_at: str
    paid: dict[str, int] = field(default_factory=dict)
    is_said_paid: bool = False
    is_missed: bool = False

    @property
    def outstanding(self) -> int:
        """Return what is not yet paid."""
        return self.amount - sum(self.paid.values())


@dataclass(slots=True)
class Plan:
    """One plan and the payments it has seen."""

    plan_id: str
    account_id: str
    instalments: dict[int, Instalment]
    is_over: bool = False
    applied: dict[str, tuple[int, str]] = field(default_factory=dict)
    unapplied: set[str] = field(default_factory=set)

    @property
    def outstanding(self) -> int:
        """Return what is not yet paid of all of it."""
        return sum(each.outstanding for each in self.instalments.values())


class Plans:
    """Recounts every plan, and at the end lays it beside the accounts' payments."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._plans: dict[tuple[str, str], Plan] = {}

    def take(self, stream: Sequence[Event]) -> None:
        """Recount one plan from its events."""
        plan: Plan | None = None
        for event in stream:
            self._findings.checked["plan-incorrect"] += 1
            if event.name == "plan-agreed":
                plan = self._agreed(event)
                self._plans[event.logged.tenant, plan.plan_id] = plan
            elif plan is None:
                self._name("plan-incorrect", event, "The plan was never agreed.")
                return
            else:
                self._follow(plan, event)

    def _agreed(self, event: Event) -> Plan:
        body = event.body
        plan = Plan(
            plan_id=body["plan_id"],
            account_id=body["account_id"],
            instalments={
                each["number"]: Instalment(
                    amount=each["amount"]["amount"],
                    due_at=each["due_at"],
                    missed_at=each["missed_at"],
                )
                for each in body["instalments"]
            },
        )
        total = sum(each["amount"]["amount"] for each in body["instalments"])
        if total != body["total"]["amount"]:
            self._name(
                "plan-incorrect", event, f"Instalments of {total}, total {body['total']['amount']}."
            )
        if list(plan.instalments) != list(range(1, len(body["instalments"]) + 1)):
            self._name("plan-incorrect", event, "The instalments are not numbered 1, 2, 3 …")
        return plan

    def _follow(self, plan: Plan, event: Event) -> None:
        match event.name:
            case "plan-payment-applied":
                self._applied(plan, event)
            case "plan-payment-unapplied":
                self._unapplied(plan, event)
            case "instalment-paid" | "instalment-reopened":
                self._changed(plan, event)
            case "instalment-fell-due" | "instalment-missed":
                self._clock(plan, event)
            case "plan-completed":
                if plan.outstanding:
                    self._name("plan-incorrect", event, f"{plan.outstanding} is not paid.")
                plan.is_over = True
            case "plan-reopened":
                plan.is_over = False
            case "plan-cancelled":
                plan.is_over = True

    def _applied(self, plan: Plan, event: Event) -> None:
        body = event.body
        payment_id, amount = body["payment_id"], body["amount"]["amount"]
        if payment_id in plan.applied:
            self._name("plan-payment-doubled", event, f"{payment_id} was applied before.")
        expected = {}
        left = amount
        for number, instalment in plan.instalments.items():
            part = min(left, instalment.outstanding)
            if part > 0:
                expected[number] = part
                left -= part
        stated = {each["number"]: each["amount"] for each in body["portions"]}
        if stated != expected or body["excess"] != left:
            self._name(
                "plan-incorrect",
                event,
                f"{amount} was spread as {stated} and {body['excess']} over; it makes {expected}"
                f" and {left}.",
            )
        if plan.is_over:
            self._name("plan-incorrect", event, "The plan was over.")
        for number, part in stated.items():
            if number in plan.instalments:
                plan.instalments[number].paid[payment_id] = part
        plan.applied[payment_id] = (amount, event.id)

    def _unapplied(self, plan: Plan, event: Event) -> None:
        payment_id = event.body["payment_id"]
        stated = {each["number"]: each["amount"] for each in event.body["portions"]}
        expected = {
            number: each.paid[payment_id]
            for number, each in plan.instalments.items()
            if payment_id in each.paid
        }
        is_known = payment_id in plan.applied and payment_id not in plan.unapplied
        if stated != expected or not is_known:
            self._name("plan-incorrect", event, f"{stated} was taken back, given was {expected}.")
        for number in expected:
            del plan.instalments[number].paid[payment_id]
        plan.unapplied.add(payment_id)

    def _changed(self, plan: Plan, event: Event) -> None:
        instalment = plan.instalments.get(event.body["number"])
        is_paid = event.name == "instalment-paid"
        if instalment is None or (instalment.outstanding == 0) != is_paid:
            self._name("instalment-incorrect", event, f"{instalment} is not so.")
            return
        if is_paid and set(event.body["payment_ids"]) != set(instalment.paid):
            self._name("instalment-incorrect", event, f"It was paid by {sorted(instalment.paid)}.")
        if not is_paid:
            instalment.is_missed = False
            instalment.missed_at = event.body["missed_at"]
            if event.body["outstanding"]["amount"] != instalment.outstanding:
                self._name("instalment-incorrect", event, f"Outstanding: {instalment.outstanding}.")

    def _clock(self, plan: Plan, event: Event) -> None:
        instalment = plan.instalments.get(event.body["number"])
        if instalment is None or plan.is_over or instalment.outstanding <= 0:
            self._name("instalment-incorrect", event, f"Nothing is due of {instalment}.")
            return
        is_missed = event.name == "instalment-missed"
        strikes = instant(instalment.missed_at if is_missed else instalment.due_at)
        if event.at < strikes:
            self._name("instalment-incorrect", event, f"It is not so before {strikes}.")
        if event.body["outstanding"]["amount"] != instalment.outstanding:
            self._name("instalment-incorrect", event, f"Outstanding: {instalment.outstanding}.")
        if is_missed and instalment.is_missed:
            self._name("instalment-incorrect", event, "It was missed before.")
        instalment.is_missed = instalment.is_missed or is_missed

    def finish(self, payments: Mapping[tuple[str, str], Payment]) -> None:
        """Name payments that a plan has and its account has not, or has otherwise."""
        for (tenant, plan_id), plan in self._plans.items():
            for payment_id, (amount, event_id) in plan.applied.items():
                self._findings.checked["plan-payment-unknown"] += 1
                self._findings.checked["plan-payment-elsewhere"] += 1
                payment = payments.get((tenant, payment_id))
                if payment is not None and payment.account_id != plan.account_id:
                    self._findings.name(
                        "plan-payment-elsewhere",
                        tenant,
                        plan_id,
                        (event_id,),
                        f"{payment_id} was paid on {payment.account_id}, the plan is of"
                        f" {plan.account_id}.",
                    )
                    continue
                if payment is None or payment.plan_id != plan_id or payment.amount != amount:
                    self._findings.name(
                        "plan-payment-unknown",
                        tenant,
                        plan_id,
                        (event_id,),
                        f"The plan has {amount} of {payment_id}, its account has {payment}.",
                    )

    def _name(self, code: str, event: Event, sentence: str) -> None:
        logged = event.logged
        self._findings.name(code, logged.tenant, logged.stream, (event.id,), sentence)
