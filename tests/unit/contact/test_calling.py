"""Leave to call: the number once, and only on a redeem that nobody was answered before."""

from datetime import datetime, timedelta

import pytest

from services.contact.attempts.calling import CallDispatch, Leave
from services.contact.attempts.domain import ATTEMPTS, Attempt, outcomes
from services.contact.permit_client import Redemption
from shared.http.compliance_client import ComplianceRefused, ComplianceUnreachable
from tests.unit.contact.dispatching import objection
from tests.unit.contact.samples import ATTEMPT, NOON, conclude, happened, permit, start

LEAVE = Redemption(is_redeemed=True, redeemed_at=NOON, dispatch_before=NOON + timedelta(seconds=60))
NUMBER = "+12125550100"


class Ports:
    """Everything a call dispatch needs, in memory."""

    def __init__(self, answer: Redemption | Exception = LEAVE, number: str | None = NUMBER) -> None:
        self.attempt = ATTEMPTS.fold(happened(permit(), start()))
        self.answer = answer
        self.number = number
        self.recorded: list[tuple[str, ...]] = []
        self.redeemed = 0
        self.seconds = 0.0
        self.slowness_s = 0.0

    async def find(self, attempt_id: str) -> Attempt:
        return self.attempt

    async def start(self, attempt_id: str, dispatch_id: str) -> None:
        raise AssertionError("the caller has claimed it")

    async def refuse(self, attempt_id: str, dispatch_id: str, rules: tuple[str, ...]) -> None:
        self.recorded.append(("refused", *rules))

    async def conclude(self, attempt_id: str, outcome: str, started_at: datetime | None) -> None:
        self.recorded.append(("concluded", outcome))

    async def give_up(self, attempt_id: str) -> None:
        raise AssertionError("a claimed call is refused instead")

    async def redeem(self, attempt: Attempt, dispatch_id: str) -> Redemption:
        self.redeemed += 1
        self.seconds += self.slowness_s
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def number_of(self, attempt: Attempt) -> str | None:
        return self.number

    async def run(self, dispatch_id: str = "req_1") -> Leave:
        dispatch = CallDispatch(log=self, gate=self, book=self, timer=lambda: self.seconds)
        return await dispatch.run(ATTEMPT, dispatch_id)


async def test_gives_the_number_for_a_minute() -> None:
    leave = await Ports().run()
    assert (leave.decision, leave.number) == ("dispatch", NUMBER)
    assert leave.dial_before == NOON + timedelta(seconds=60)
    assert NUMBER not in repr(leave)


async def test_a_repeated_redemption_is_no_leave() -> None:
    ports = Ports(Redemption(is_redeemed=True, is_replayed=True, redeemed_at=NOON))
    leave = await ports.run()
    assert (leave.decision, leave.number, ports.recorded) == ("used", None, [])


async def test_a_refusal_says_why_and_is_on_record() -> None:
    ports = Ports(Redemption(is_redeemed=False, objections=(objection("cease-notice"),)))
    leave = await ports.run()
    assert (leave.decision, leave.number) == ("refused", None)
    assert [each.rule for each in leave.objections] == ["cease-notice"]
    assert ports.recorded == [("refused", "cease-notice")]


async def test_a_permit_that_is_gone_is_a_refusal() -> None:
    ports = Ports(ComplianceRefused(404, "permit-unknown"))
    assert (await ports.run()).decision == "refused"
    assert ports.recorded == [("refused", "permit-unknown")]


async def test_without_an_answer_nothing_is_decided_yet() -> None:
    ports = Ports(ComplianceUnreachable("ReadTimeout"))
    with pytest.raises(ComplianceUnreachable):
        await ports.run()
    assert ports.recorded == []


async def test_a_late_answer_is_no_leave() -> None:
    ports = Ports()
    ports.slowness_s = 59.6
    leave = await ports.run()
    assert (leave.decision, leave.number) == ("refused", None)
    assert ports.recorded == [("concluded", outcomes.NOT_ATTEMPTED)]


async def test_an_erased_person_has_no_number() -> None:
    ports = Ports(number=None)
    assert (await ports.run()).decision == "refused"
    assert (ports.redeemed, ports.recorded) == (0, [("refused", "person-erased")])


async def test_another_dispatch_gets_nothing() -> None:
    ports = Ports()
    assert (await ports.run("req_2")).decision == "used"
    assert ports.redeemed == 0


async def test_nothing_is_given_once_it_is_concluded() -> None:
    ports = Ports()
    ports.attempt = ATTEMPTS.fold(happened(permit(), start(), conclude()))
    assert (await ports.run()).decision == "used"
    assert ports.redeemed == 0
