"""Nobody is reported to a credit bureau before the collector has reached them about the debt.

Speaking with the consumer is enough at once; a letter or electronic message only after a wait in
which no notice came that it could not be delivered. A notice after the wait changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.compliance.rules import local_time
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.facts import DebtMessageSent, SpokenWith
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms
from shared.kernel.records import record


@record
class _Sent:
    at: datetime
    undeliverable_at: datetime | None


def contact_before_furnishing(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object until one way of 12 CFR 1006.30(a)(1) is complete for every account."""
    act = gate.request.act
    if not isinstance(act, Furnish) or act.recipient == "check_specialty":
        return None
    waits: list[datetime | None] = []
    lacking = ""
    for account_id in gate.request.account_ids:
        if _is_spoken(gate, account_id, at):
            continue
        ends = [_wait_ends(terms, gate, each) for each in _sent(gate, account_id, at)]
        complete = [each for each in ends if each is not None]
        earliest = min(complete, default=None)
        if earliest is None or earliest > at:
            waits.append(earliest)
            lacking = lacking or account_id
    if not waits:
        return None
    known = [each for each in waits if each is not None]
    earliest = max(known) if len(known) == len(waits) else None
    return terms.objection(
        "deny" if earliest is None else "defer",
        "The consumer has not been spoken with about the debt, nor written to with"
        f" {terms.numbers['wait_days']} days of waiting since.",
        {"account_id": lacking},
        earliest,
    )


def _is_spoken(gate: ActGate, account_id: str, at: datetime) -> bool:
    by_gate = any(each.is_spoken and each.at <= at for each in gate.reached.get(account_id, ()))
    return by_gate or any(
        fact.account_id == account_id and fact.spoken_at <= at for _, fact in gate.of(SpokenWith)
    )


def _sent(gate: ActGate, account_id: str, at: datetime) -> Iterable[_Sent]:
    for each in gate.reached.get(account_id, ()):
        if not each.is_spoken:
            yield _Sent(at=each.at, undeliverable_at=each.undeliverable_at)
    for _, fact in gate.of(DebtMessageSent):
        if fact.account_id == account_id and fact.is_monitored and fact.sent_at <= at:
            yield _Sent(at=fact.sent_at, undeliverable_at=fact.undeliverable_at)


def _wait_ends(terms: Terms, gate: ActGate, sent: _Sent) -> datetime | None:
    """Return when the wait is over in every place, the mailing date counted; None if it failed."""
    days = timedelta(days=terms.numbers["wait_days"])
    ends = max(
        local_time.first_instant(each, local_time.local_date(each, sent.at) + days)
        for each in gate.counting_zones
    )
    if sent.undeliverable_at is not None and sent.undeliverable_at < ends:
        return None
    return ends
