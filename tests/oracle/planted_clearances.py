"""Faults in acts other than contacts."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.oracle.acts import Quarrel, pay
from tests.oracle.history import Debtor, Log, text
from tests.oracle.planted_contacts import creditor_hold

SUIT = {"form": "suit", "forum_district": "D-1"}


def time_barred_suit(log: Log) -> None:
    debtor = _placed(log, state="TX", defaulted_on="2019-01-01")
    debtor.clear("legal-action", **SUIT)


def suit_by_unread_law(log: Log) -> None:
    debtor = _placed(log, state="HI")
    debtor.clear("legal-action", **SUIT)


def suit_after_stated_expiry(log: Log) -> None:
    debtor = _placed(log, stated_expiry="2026-05-31")
    debtor.clear("legal-action", form="threat")


def suit_elsewhere(log: Log) -> None:
    _placed(log).clear("legal-action", **{**SUIT, "forum_district": "D-2"})


def suit_on_hold(log: Log) -> None:
    debtor = _placed(log)
    log.emit("ledger", debtor.stream, "hold-placed", creditor_hold(debtor))
    log.fact(debtor.consumer, "hold-hold_z", debtor.stream, "account-hold", creditor_hold(debtor))
    debtor.clear("legal-action", **SUIT)


def suit_in_bankruptcy(log: Log) -> None:
    debtor = _placed(log)
    debtor.file("bankruptcy", learned_at=text(log.now), filed_on="2026-06-01")
    debtor.clear("legal-action", **SUIT)


def suit_during_dispute(log: Log) -> None:
    debtor = _placed(log)
    told = {"account_id": debtor.account, "in_writing": True, "received_at": text(log.now)}
    debtor.file("dispute", timely=True, **told)
    debtor.clear("legal-action", **SUIT)


def judgment_without_affidavit(log: Log) -> None:
    _placed(log).clear("default-judgment", affidavit=None)


def judgment_against_soldier(log: Log) -> None:
    debtor = _placed(log)
    debtor.file("military-service", started_on="2026-01-01")
    debtor.clear("default-judgment", affidavit="not_in_service")


def furnished_unreached(log: Log) -> None:
    debtor = _placed(log)
    sent = text(log.now - timedelta(days=3))
    debtor.file("debt-message-sent", account_id=debtor.account, sent_at=sent)
    debtor.clear("furnish", is_marked_disputed=False)


def furnished_unmarked(log: Log) -> None:
    debtor = _spoken(log)
    quarrel = Quarrel(debtor)
    quarrel.answer()
    debtor.clear("furnish", is_marked_disputed=False)


def furnished_stolen(log: Log) -> None:
    debtor = _spoken(log)
    _report_theft(debtor)
    debtor.clear("furnish", is_marked_disputed=False)


def transferred_stolen(log: Log) -> None:
    debtor = _placed(log)
    _report_theft(debtor)
    debtor.clear("transfer", way="sale", recipient="other")


def transferred_paid(log: Log) -> None:
    debtor = _placed(log)
    pay(debtor, debtor.balance)
    debtor.clear("transfer", way="sale", recipient="other")


def deposit_too_early(log: Log) -> None:
    _placed(log).clear("deposit-instrument", dated_on="2026-06-20", deposit_on="2026-06-19")


def charge_without_basis(log: Log) -> None:
    _placed(log).clear("add-charge", charge="fee", basis=None, authority="")


def charge_above_cap(log: Log) -> None:
    debtor = _placed(log, incurred_on="2020-01-01")
    service = {"started_on": "2026-01-01", "notice_received_on": "2026-02-01"}
    debtor.file("military-service", **service)
    debtor.clear(
        "add-charge", charge="interest", basis="agreement", authority="4", rate_basis_points=601
    )


def payment_to_disputed_debt(log: Log) -> None:
    debtor = _two_accounts(log)
    Quarrel(debtor)
    debtor.clear("allocate-payment", allocations=[{"account_id": debtor.account, "amount": 500}])


def payment_not_as_directed(log: Log) -> None:
    debtor = _two_accounts(log)
    debtor.clear(
        "allocate-payment",
        allocations=[{"account_id": debtor.account, "amount": 500}],
        directed=[{"account_id": "acct_other", "amount": 500}],
    )


def purged_too_early(log: Log) -> None:
    _placed(log).clear("purge", records="call_recording", recorded_on="2023-12-01")


def cleared_on_stale_facts(log: Log) -> None:
    debtor = _placed(log)
    debtor.clear("purge", records="call_recording", recorded_on="2020-12-01")
    _change_last(log, "stale", ["ledger"])


def _change_last(log: Log, name: str, value: Any) -> None:
    last = log.events[-1]
    body = json.loads(last.data)
    body["circumstances"][name] = value
    log.events[-1] = replace(last, data=json.dumps(body).encode())


def _placed(log: Log, state: str = "IL", **history: Any) -> Debtor:
    debtor = Debtor(log)
    debtor.live_in(state)
    known = {"defaulted_on": "2025-01-01", **history}
    debtor.file("debt-history", account_id=debtor.account, contract="written", **known)
    debtor.file("residence", district="D-1")
    return debtor


def _spoken(log: Log) -> Debtor:
    debtor = _placed(log)
    debtor.file("spoken-with", account_id=debtor.account, spoken_at=text(log.now))
    return debtor


def _two_accounts(log: Log) -> Debtor:
    debtor = _placed(log)
    other = {"account_id": "acct_other", "product_type": "medical", "debt_key": None}
    debtor.file("account-known", **other)
    return debtor


def _report_theft(debtor: Debtor) -> None:
    debtor.file(
        "identity-theft-report",
        account_id=debtor.account,
        source="agency_block",
        received_at=text(debtor.log.now),
    )
