"""What a question about an act says that cannot be is refused, each fault with its place."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.compliance.permits.act_checks import refuse_impossible
from services.compliance.permits.clearance_bodies import ClearanceBody
from shared.http.problem import Problem
from shared.kernel.clock import RandomIds

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
_IDS = RandomIds()
CONSUMER, FIRST, SECOND, OTHER = (_IDS.new(each) for each in ("cns", "acct", "acct", "acct"))


def part(account_id: str, amount: int = 500) -> dict[str, Any]:
    return {"account_id": account_id, "amount": amount}


def payment(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "allocate-payment", "allocations": list(parts), **more}


def deposit(**changes: str) -> dict[str, Any]:
    usual = {"received_on": "2026-06-01", "dated_on": "2026-06-20", "deposit_on": "2026-06-20"}
    return {"kind": "deposit-instrument", **usual, **changes}


def charge(**changes: Any) -> dict[str, Any]:
    return {"kind": "add-charge", "charge": "interest", **changes}


def purge(**changes: str) -> dict[str, Any]:
    return {"kind": "purge", "records": "all", **changes}


def body_of(act: dict[str, Any], accounts: tuple[str, ...] = (FIRST, SECOND)) -> ClearanceBody:
    return ClearanceBody.model_validate_json(
        json.dumps({"consumer_id": CONSUMER, "account_ids": list(accounts), "act": act})
    )


def faults(act: dict[str, Any], accounts: tuple[str, ...] = (FIRST, SECOND)) -> dict[str, str]:
    """Return what is refused, by place; every fault says how to mend it."""
    body = body_of(act, accounts)
    with pytest.raises(Problem) as raised:
        refuse_impossible(body, NOW)
    assert raised.value.status_code == 422
    assert all(each.detail for each in raised.value.errors)
    return {str(each.pointer): each.code for each in raised.value.errors}


@pytest.mark.parametrize(
    "act",
    [
        payment(part(FIRST), part(SECOND)),
        payment(part(FIRST), part(SECOND), directed=[part(SECOND)], amount=1000),
        deposit(notice_sent_on="2026-06-11"),
        deposit(received_on="2026-06-11"),  # it is the eleventh already in Kiritimati
        charge(from_on="2026-01-01", until_on="2026-01-01", rate_basis_points=600),
        charge(rate_basis_points=1_000_000),
        purge(last_activity_on="2020-02-29"),
    ],
)
def test_what_can_be_passes(act: dict[str, Any]) -> None:
    refuse_impossible(body_of(act), NOW)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (payment(part(OTHER)), {"/act/allocations/0/account_id": "account-not-named"}),
        (
            payment(part(FIRST), part(FIRST)),
            {"/act/allocations/1/account_id": "duplicate"},
        ),
        (
            payment(part(FIRST), directed=[part(OTHER, 1)]),
            {"/act/directed/0/account_id": "account-not-named"},
        ),
        (
            payment(part(FIRST), directed=[part(FIRST, 501)]),
            {"/act/directed": "amount-mismatch"},
        ),
        (payment(part(FIRST), amount=499), {"/act/allocations": "amount-mismatch"}),
        (deposit(received_on="2026-06-12"), {"/act/received_on": "date-range"}),
        (
            deposit(dated_on="2077-01-01", deposit_on="2077-01-01"),
            {"/act/dated_on": "date-range", "/act/deposit_on": "date-range"},
        ),
        (deposit(deposit_on="2026-05-31"), {"/act/deposit_on": "date-order"}),
        (
            charge(from_on="2026-02-01", until_on="2026-01-31"),
            {"/act/until_on": "date-order"},
        ),
        (charge(from_on="2026-06-12"), {"/act/from_on": "date-range"}),
        (charge(until_on="2077-01-01"), {"/act/until_on": "date-range"}),
        (deposit(notice_sent_on="2026-06-12"), {"/act/notice_sent_on": "date-range"}),
        (charge(rate_basis_points=1_000_001), {"/act/rate_basis_points": "number-range"}),
        (purge(recorded_on="2026-07-01"), {"/act/recorded_on": "date-range"}),
        (purge(last_activity_on="2026-07-01"), {"/act/last_activity_on": "date-range"}),
    ],
)
def test_what_cannot_be_is_named(act: dict[str, Any], expected: dict[str, str]) -> None:
    assert faults(act) == expected


def test_an_account_is_named_once() -> None:
    assert faults(purge(), (FIRST, SECOND, FIRST)) == {"/account_ids/2": "duplicate"}
