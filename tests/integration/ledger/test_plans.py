"""Plans over real PostgreSQL, at once and all at the same time: an account follows at most one."""

import asyncio
from collections import Counter

import pytest

from tests.integration.ledger.desk import Desk, Placed

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

ACCOUNTS = 12
AGREEMENTS = 4


async def active(placed: Placed, plan_ids: list[str]) -> list[str]:
    statuses = [await placed.status(each) for each in plan_ids]
    return [each for each, status in zip(plan_ids, statuses, strict=True) if status == "active"]


class TestAgreements:
    async def test_that_race_leave_one_plan(self, desk: Desk) -> None:
        for _ in range(ACCOUNTS):
            placed = await desk.place()
            answers = await asyncio.gather(*(placed.agree() for _ in range(AGREEMENTS)))
            assert Counter(each.status_code for each in answers) == {201: 1, 409: AGREEMENTS - 1}
            refused = {each.json()["code"] for each in answers if each.status_code == 409}
            assert refused == {"plan-exists"}

    async def test_that_race_with_a_recall_leave_no_plan(self, desk: Desk) -> None:
        for _ in range(ACCOUNTS):
            placed = await desk.place()
            recall = placed.post("/recall", {"reason": "creditor_request"})
            agreed, recalled = await asyncio.gather(placed.agree(), recall)
            assert recalled.status_code == 200, recalled.text
            if agreed.status_code == 201:
                assert await placed.status(agreed.json()["id"]) == "cancelled"
            else:
                assert agreed.json()["code"] == "account-not-open"

    async def test_that_race_with_payments_count_each_in_full(self, desk: Desk) -> None:
        for _ in range(ACCOUNTS):
            placed = await desk.place()
            agreed, *payments = await asyncio.gather(
                placed.agree(), *(placed.pay(300) for _ in range(AGREEMENTS))
            )
            assert {each.status_code for each in (agreed, *payments)} == {201}
            plan_id = agreed.json()["id"]
            to_plan = sum(300 for each in payments if each.json()["plan_id"] == plan_id)
            assert sum(await placed.left(plan_id)) == 2_000 - to_plan

    async def test_need_somebody_on_the_account(self, desk: Desk) -> None:
        placed, other = await desk.place(), await desk.place()
        for stranger in (desk.new("pty"), other.party_id, other.consumer_id):
            refused = await placed.agree(stranger)
            assert (refused.status_code, refused.json()["code"]) == (422, "party-not-on-account")
            assert refused.json()["errors"][0]["pointer"] == "/agreed_with"
        assert (await placed.agree(placed.consumer_id)).status_code == 201


class TestRightAfterAgreeing:
    async def test_a_payment_reaches_the_plan(self, desk: Desk) -> None:
        placed = await desk.place()
        plan_id = await placed.plan()
        paid = await placed.pay(1_200)
        assert paid.json()["plan_id"] == plan_id
        assert await placed.left(plan_id) == [0, 800]

    async def test_a_recall_ends_it(self, desk: Desk) -> None:
        placed = await desk.place()
        plan_id = await placed.plan()
        await placed.post("/recall", {"reason": "creditor_request"})
        assert await placed.status(plan_id) == "cancelled"
        assert (await placed.pay()).json()["plan_id"] is None

    async def test_a_closing_ends_it(self, desk: Desk) -> None:
        placed = await desk.place()
        plan_id = await placed.plan()
        await placed.post("/close", {"reason": "uneconomic_low_balance"})
        assert await placed.status(plan_id) == "cancelled"

    async def test_a_cancellation_makes_room_for_another(self, desk: Desk) -> None:
        placed = await desk.place()
        first = await placed.plan()
        for _ in range(2):
            ended = await desk.post(f"/plans/{first}/cancel", {"reason": "superseded"})
            assert (ended.status_code, ended.json()["status"]) == (200, "cancelled")
        second = await placed.plan()
        assert await active(placed, [first, second]) == [second]


class TestPayments:
    async def test_go_to_no_plan_but_the_accounts_own(self, desk: Desk) -> None:
        placed, other = await desk.place(), await desk.place()
        plan_id, elsewhere = await placed.plan(), await other.plan()
        for named in (elsewhere, desk.new("plan")):
            refused = await placed.pay(plan_id=named)
            assert (refused.status_code, refused.json()["code"]) == (409, "plan-not-open")
            assert refused.json()["errors"][0]["pointer"] == "/plan_id"
        account = await desk.get(f"/accounts/{placed.account_id}")
        assert account["balance"]["amount"] == 10_000
        assert await other.left(elsewhere) == [1_000, 1_000]
        assert (await placed.pay(plan_id=plan_id)).status_code == 201
        assert await placed.left(plan_id) == [0, 1_000]

    async def test_of_a_completed_plan_open_it_again_when_reversed(self, desk: Desk) -> None:
        placed = await desk.place()
        plan_id = await placed.plan()
        paid = await placed.pay(2_000)
        assert await placed.status(plan_id) == "completed"
        assert (await desk.post(f"/plans/{plan_id}/cancel", {"reason": "requested"})).json()[
            "code"
        ] == "plan-completed"
        await placed.reverse(paid)
        assert await placed.status(plan_id) == "active"
        assert (await placed.agree()).json()["code"] == "plan-exists"

    async def test_of_an_older_plan_open_no_second_one_when_reversed(self, desk: Desk) -> None:
        placed = await desk.place()
        first = await placed.plan()
        paid = await placed.pay(2_000)
        second = await placed.plan()
        reversal = await placed.reverse(paid)
        assert reversal.json()["account_balance"]["amount"] == 10_000
        assert await active(placed, [first, second]) == [second]
        assert await placed.status(first) == "cancelled"
        assert await placed.left(second) == [1_000, 1_000]

    async def test_of_an_older_plan_race_with_a_new_agreement(self, desk: Desk) -> None:
        for _ in range(ACCOUNTS):
            placed = await desk.place()
            first = await placed.plan()
            paid = await placed.pay(2_000)
            reversal, agreed = await asyncio.gather(placed.reverse(paid), placed.agree())
            assert reversal.status_code == 201, reversal.text
            plan_ids = [first] + ([agreed.json()["id"]] if agreed.status_code == 201 else [])
            assert len(await active(placed, plan_ids)) == 1

    async def test_that_clear_the_account_leave_no_plan(self, desk: Desk) -> None:
        placed = await desk.place()
        plan_id = await placed.plan(each=5_000)
        paid = await placed.pay(10_000)
        assert paid.json()["account_lifecycle"] == "closed"
        assert await placed.status(plan_id) == "completed"
        assert (await placed.reverse(paid)).json()["account_lifecycle"] == "active"
        assert await placed.status(plan_id) == "active"


async def test_the_oracle_has_nothing_to_say(desk: Desk) -> None:
    report = await desk.examined()
    assert [str(each) for each in report.violations] == []
    assert set(report.trial_balance.values()) == {0}
