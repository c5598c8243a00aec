"""What an agency does to the people of a hand-written history: contacts, disputes, money, plans."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.history import Debtor, Log, text, usd
from tests.oracle.outcomes import slack_s

PERMIT_TTL = timedelta(minutes=5)
CHECKED = "digest-of-words"


class Contact:
    """One attempt to reach a debtor, act by act."""

    def __init__(self, debtor: Debtor, channel: str = "call", **changes: Any) -> None:
        self.debtor = debtor
        self.log = debtor.log
        self.permit = self.log.new("prm")
        self.attempt = self.log.new("att")
        self.request = {
            "consumer_id": debtor.consumer,
            "account_ids": [debtor.account],
            "party_id": debtor.consumer,
            "channel": channel,
            "contact_point_id": debtor.email if channel == "email" else debtor.phone,
            "purpose": "collection",
            "content_digest": "digest-of-content",
            "act": "contact",
            "in_reply_to": None,
            "portion": "whole",
            **changes,
        }

    @property
    def _slack(self) -> timedelta:
        return timedelta(seconds=slack_s(str(self.request["channel"])))

    def grant(self, **changes: Any) -> "Contact":
        """Have compliance grant the permit and contact record it."""
        granted = {**self._decision, "expires_at": text(self.log.now + PERMIT_TTL), **changes}
        self._at_gate("permit-granted", granted)
        self.in_attempt("attempt-permitted", {**self.request, "agent": "user:1"})
        return self

    def start(self) -> "Contact":
        """Have contact claim the attempt."""
        self.in_attempt("dispatch-started", {"channel": self.request["channel"]})
        return self

    def redeem(self, **changes: Any) -> "Contact":
        """Have compliance redeem the permit."""
        self._at_gate(
            "permit-redeemed",
            {
                **self._decision,
                "redemption_id": self.log.new("dsp"),
                "dispatch_before": text(self.log.now + self._slack),
                **changes,
            },
        )
        self.redeemed_at = self.log.now
        return self

    def conclude(
        self,
        outcome: str,
        *,
        began: datetime | None = None,
        lasted_s: int = 0,
        raised: Sequence[str] = (),
        discussed: Sequence[str] = (),
        dispute_id: str | None = None,
    ) -> None:
        """Have contact record what came of it and compliance take it in."""
        started = began or self.log.now
        self.log.now = max(self.log.now, started) + timedelta(seconds=lasted_s)
        ended = self.log.now
        said = {
            "outcome": outcome,
            "started_at": text(started),
            "ended_at": text(ended),
            "discussed": list(discussed),
            "raised": list(raised),
        }
        report = {"report_id": f"{self.attempt}.1", **said}
        about = {"channel": self.request["channel"], "dispute_id": dispute_id}
        self.in_attempt("attempt-concluded", {**about, **report})
        self._at_gate(
            "outcome-reported",
            {
                **report,
                "reported_started_at": text(started),
                "reported_ended_at": text(ended),
                "irregularities": [],
            },
        )

    def make(self, outcome: str, *, lasted_s: int = 0) -> None:
        """Do all of it."""
        self.grant().start().redeem().conclude(outcome, lasted_s=lasted_s)

    @property
    def _decision(self) -> dict[str, Any]:
        return {
            "request": self.request,
            "circumstances": {"stale": [], "parked": [], "unapplied": [], "point_opt_outs": []},
            "flags": [],
            "answers": self.request["in_reply_to"],
            "confirms": [],
            "watermarks": {},
        }

    def _at_gate(self, name: str, body: Mapping[str, Any]) -> None:
        same = {"consumer_ids": [self.debtor.consumer], "permit_id": self.permit}
        self.log.emit("compliance", f"gate-{self.debtor.consumer}", name, {**same, **body})

    def in_attempt(self, name: str, body: Mapping[str, Any]) -> None:
        """Log an event of the attempt."""
        same = {
            "consumer_ids": [self.debtor.consumer],
            "account_ids": [self.debtor.account],
            "attempt_id": self.attempt,
            "permit_id": self.permit,
        }
        self.log.emit("contact", f"attempt-{self.attempt}", name, {**same, **body})


def call(debtor: Debtor, outcome: str = "no_answer", *, lasted_s: int = 0, **changes: Any) -> None:
    """Call the debtor."""
    Contact(debtor, "call", **changes).make(outcome, lasted_s=lasted_s)


def email(debtor: Debtor, **changes: Any) -> None:
    """Write to the debtor."""
    Contact(debtor, "email", **changes).make("email_sent")


def check_content(
    log: Log, channel: str, *rules: str, is_from_collector: bool = True, said: str = ""
) -> None:
    """Have words judged as a message of which something is said; every rule named objects."""
    body = {
        "content_digest": CHECKED,
        "check_id": log.new("dec"),
        "channel": channel,
        "document": "message",
        "findings": [{"rule": each, "verdict": "deny"} for each in rules],
        "is_from_collector": is_from_collector,
        "message_digest": said,
    }
    log.emit("compliance", f"content-{CHECKED}", "content-checked", body)


class Quarrel:
    """One dispute, which holds its account until it is resolved."""

    def __init__(self, debtor: Debtor) -> None:
        self.debtor = debtor
        self.log = debtor.log
        self.dispute = self.log.new("dsp")
        self.hold = self.log.new("hold")
        self._facts = {
            "account_id": debtor.account,
            "in_writing": True,
            "received_at": text(self.log.now),
            "disputed_amount": None,
        }
        self._log("dispute-opened", {"grounds": "not_mine", **self._facts})
        self._tell(answered=False)
        self._hold("hold-placed")
        held = {"account_id": debtor.account, "hold_id": self.hold, "reason": "dispute"}
        key = f"hold-{self.hold}"
        self.log.fact(debtor.consumer, key, debtor.stream, "account-hold", held)

    def answer(self) -> None:
        """Send verification."""
        self._log("dispute-answered", {"answer": "verification", **self._facts})
        self._tell(answered=True)

    def resolve(self, resolution: str) -> None:
        """End it, and the hold with it."""
        self._log("dispute-resolved", {"resolution": resolution, **self._facts})
        self.log.release(self.debtor.consumer, self.dispute, f"dispute-{self.dispute}")
        self._hold("hold-lifted")
        self.log.release(self.debtor.consumer, f"hold-{self.hold}", self.debtor.stream)

    def _tell(self, *, answered: bool) -> None:
        fact = {"answered": answered, **self._facts}
        source = f"dispute-{self.dispute}"
        self.log.fact(self.debtor.consumer, self.dispute, source, "dispute", fact)

    def _log(self, name: str, body: Mapping[str, Any]) -> None:
        same = {"dispute_id": self.dispute, "consumer_ids": [self.debtor.consumer]}
        self.log.emit("disputes", f"dispute-{self.dispute}", name, {**same, **body})

    def _hold(self, name: str) -> None:
        body = {
            "account_id": self.debtor.account,
            "consumer_ids": [self.debtor.consumer],
            "hold_id": self.hold,
            "reason": "dispute",
            "source": "dispute",
            "source_id": self.dispute,
        }
        self.log.emit("ledger", self.debtor.stream, name, body)


def pay(debtor: Debtor, cents: int, **changes: Any) -> dict[str, Any]:
    """Record a payment, principal first, and return what was logged of it."""
    left, allocation = cents, {}
    for bucket in ("principal", "interest", "fees"):
        part = min(left, debtor.owed[bucket])
        if part:
            allocation[bucket] = part
            left -= part
    for bucket, part in allocation.items():
        debtor.owed[bucket] -= part
    payment = {
        "account_id": debtor.account,
        "creditor_id": "crd_1",
        "consumer_ids": [debtor.consumer],
        "payment_id": debtor.log.new("pay"),
        "amount": usd(cents),
        "received_by": "agency",
        "received_at": text(debtor.log.now),
        "instrument": "ach",
        "allocation": allocation,
        "balance": usd(debtor.balance),
        "external_ref": None,
        "plan_id": None,
        "after_exit": False,
        **changes,
    }
    debtor.log.emit("ledger", debtor.stream, "payment-recorded", payment)
    debtor.standing("active", owes=debtor.balance > 0)
    return payment


def reverse(debtor: Debtor, payment: Mapping[str, Any], **changes: Any) -> None:
    """Undo a payment."""
    undone = {
        each: payment[each]
        for each in ("account_id", "creditor_id", "consumer_ids", "payment_id", "amount")
    }
    undone |= {each: payment[each] for each in ("received_by", "allocation", "plan_id")}
    undone |= {"reversal_id": debtor.log.new("rev"), "reason": "nsf", **changes}
    for bucket, part in undone["allocation"].items():
        debtor.owed[bucket] += part
    undone.setdefault("balance", usd(debtor.balance))
    debtor.log.emit("ledger", debtor.stream, "payment-reversed", undone)
    debtor.standing("active", owes=True)


def leave(debtor: Debtor, how: str) -> None:
    """Recall or close the account with what is owed on it."""
    remainder = {each: amount for each, amount in debtor.owed.items() if amount}
    body = {
        "account_id": debtor.account,
        "creditor_id": "crd_1",
        "consumer_ids": [debtor.consumer],
        "reason": "creditor_request",
        "remainder": remainder,
        "balance": usd(0),
    }
    debtor.log.emit("ledger", debtor.stream, f"account-{how}", body)
    debtor.standing(how, owes=False)


def agree_plan(debtor: Debtor, amounts: list[int]) -> str:
    """Agree on instalments a week apart, and return the plan's id."""
    log = debtor.log
    plan = log.new("plan")
    instalments = [
        {
            "number": number,
            "amount": usd(amount),
            "due_date": (log.now + timedelta(days=7 * number)).date().isoformat(),
            "due_at": text(log.now + timedelta(days=7 * number)),
            "missed_at": text(log.now + timedelta(days=7 * number + 4)),
        }
        for number, amount in enumerate(amounts, 1)
    ]
    body = {"instalments": instalments, "total": usd(sum(amounts)), "agreed_with": "consumer"}
    in_plan(debtor, plan, "plan-agreed", **body)
    return plan


def in_plan(debtor: Debtor, plan: str, name: str, **body: Any) -> None:
    """Log an event of a plan."""
    same = {"plan_id": plan, "account_id": debtor.account, "consumer_ids": [debtor.consumer]}
    debtor.log.emit("ledger", f"plan-{plan}", name, {**same, **body})


def pay_instalment(debtor: Debtor, plan: str, number: int, amount: int) -> None:
    """Pay one instalment whole."""
    payment = pay(debtor, amount, plan_id=plan)
    portions = [{"number": number, "amount": amount}]
    same = {"payment_id": payment["payment_id"], "amount": usd(amount)}
    in_plan(debtor, plan, "plan-payment-applied", portions=portions, excess=0, **same)
    paid_by = [payment["payment_id"]]
    in_plan(debtor, plan, "instalment-paid", number=number, payment_ids=paid_by, opening=1)
