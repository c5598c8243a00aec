from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.compliance.permits.domain import PERMIT_TTL
from services.compliance.rules import facts
from tests.unit.compliance.samples import NOON, World, account, gate, local, request

SECOND = timedelta(seconds=1)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def called_on(*days: int, at: str = "12:00") -> World:
    world = World(gate(accounts=("acct_1", "acct_2")))
    for day in days:
        world.called(local(f"2026-06-{day:02}T{at}"))
    return world


class TestSevenInSeven:
    def test_permits_the_seventh(self) -> None:
        assert called_on(1, 2, 3, 4, 5, 6).verdict(at=local("2026-06-07T12:00")) == "permit"

    def test_defers_the_eighth(self) -> None:
        world = called_on(1, 2, 3, 4, 5, 6, 7)
        assert world.objecting(at=local("2026-06-07T13:00")) == {"call-frequency"}

    def test_counts_dates_not_hours(self) -> None:
        world = called_on(1, 1, 1, 1, 1, 1, 1, at="20:00")
        assert world.verdict(at=local("2026-06-07T20:30")) == "defer"
        assert world.verdict(at=local("2026-06-08T08:30")) == "permit"

    def test_says_when_the_oldest_leaves(self) -> None:
        world = called_on(1, 2, 3, 4, 5, 6, 7)
        assert world.earliest(at=local("2026-06-07T13:00")) == local("2026-06-08T08:00:01")

    def test_says_when_enough_have_left(self) -> None:
        world = called_on(1, 2, 2, 2, 3, 3, 3, 3, 3)
        assert world.earliest(at=local("2026-06-04T12:00")) == local("2026-06-09T08:00:01")

    def test_takes_all_numbers_of_a_person_together(self) -> None:
        other = facts.ContactPointKnown(
            contact_point_id="cp_other", point_kind="phone", label="home", digest="d"
        )
        world = World(gate(other))
        for hour in range(9, 16):
            point = "cp_other" if hour % 2 else "cp_phone"
            world.called(local(f"2026-06-09T{hour:02}:00"), request(contact_point_id=point))
        assert world.objecting() == {"call-frequency"}

    def test_counts_each_debt_apart(self) -> None:
        world = called_on(4, 5, 6, 7, 8, 9, 10)
        assert world.verdict(request(account_ids=("acct_2",)), at=NOON + 4 * SECOND) == "permit"
        both = request(account_ids=("acct_1", "acct_2"))
        assert world.objecting(both, at=NOON + 4 * SECOND) == {"call-frequency"}

    def test_counts_each_person_apart(self) -> None:
        other = facts.PartyKnown(party_id="pty_2", role="co_debtor")
        point = facts.ContactPointKnown(
            contact_point_id="cp_2", point_kind="phone", label="mobile", digest="d",
            party_id="pty_2", zones=("America/New_York",), states=("VT",),
        )  # fmt: skip
        world = World(gate(other, point))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02}T09:00"))
        what = request(party_id="pty_2", contact_point_id="cp_2")
        assert world.verdict(what) == "permit"
        assert world.flags(what) == set()

    def test_takes_student_loans_of_one_number_as_one_debt(self) -> None:
        loans = [fact for name in ("acct_s1", "acct_s2") for fact in account(
            name, product_type="student_loan", debt_key="number-digest")]  # fmt: skip
        world = World(gate(*loans))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02}T09:00"), request(account_ids=("acct_s1",)))
        assert world.objecting(request(account_ids=("acct_s2",))) == {"call-frequency"}

    @pytest.mark.parametrize("outcome", ["busy", "disconnected_or_out_of_service"])
    def test_leaves_out_calls_that_did_not_connect(self, outcome: str) -> None:
        world = called_on(4, 5, 6, 7, 8, 9)
        world.called(local("2026-06-10T09:00"), outcome=outcome)
        assert world.verdict() == "permit"

    @pytest.mark.parametrize("outcome", ["voicemail_full", "hung_up_before_verification"])
    def test_counts_calls_that_connected(self, outcome: str) -> None:
        world = called_on(4, 5, 6, 7, 8, 9)
        world.called(local("2026-06-10T09:00"), outcome=outcome)
        assert world.objecting() == {"call-frequency"}

    def test_counts_voicemail_and_leaves_out_messages(self) -> None:
        world = called_on(4, 5, 6, 7, 8)
        world.called(local("2026-06-09T09:00"), request(channel="voicemail"))
        world.called(local("2026-06-09T09:00"), request(channel="text"), outcome="text_sent")
        assert world.verdict() == "permit"
        world.called(local("2026-06-09T09:30"), request(channel="voicemail"))
        assert world.objecting() == {"call-frequency"}

    def test_counts_what_the_collector_raised(self) -> None:
        world = called_on(4, 5, 6, 7, 8, 9)
        both = request(account_ids=("acct_1", "acct_2"))
        world.called(local("2026-06-10T09:00"), both, raised=("acct_2",))
        assert world.verdict() == "permit"

    def test_does_not_limit_the_consumers_attorney(self) -> None:
        attorney = facts.PartyKnown(party_id="pty_a", role="attorney")
        point = facts.ContactPointKnown(
            contact_point_id="cp_a", point_kind="phone", label="work", digest="d",
            party_id="pty_a", zones=("America/New_York",), states=("VT",),
        )  # fmt: skip
        world = World(gate(attorney, point))
        what = request(party_id="pty_a", contact_point_id="cp_a")
        for hour in range(9, 12):
            for minute in range(3):
                world.called(local(f"2026-06-10T{hour:02}:0{minute}"), what)
        assert world.verdict(what) == "permit"


class TestOutstandingPermits:
    def test_count_until_they_expire(self) -> None:
        world = called_on(4, 5, 6, 7, 8, 9)
        world.ask(at=NOON)
        assert world.objecting(at=NOON + PERMIT_TTL - SECOND) == {"call-frequency"}
        assert world.verdict(at=NOON + PERMIT_TTL) == "permit"

    def test_expiry_is_when_the_next_is_permitted(self) -> None:
        world = called_on(4, 5, 6, 7, 8, 9)
        world.ask(at=NOON)
        assert world.earliest(at=NOON + SECOND) == NOON + PERMIT_TTL

    def test_seven_at_once_leave_no_eighth(self) -> None:
        world = World()
        for _ in range(7):
            world.ask()
        assert world.objecting() == {"call-frequency"}

    def test_used_count_at_the_latest_instant_they_can_have_happened(self) -> None:
        # Redeemed at 23:59:30 in the later zone: the call may have begun on the next date there.
        world = World(gate(zones=("Pacific/Honolulu",)))
        at = datetime(2026, 6, 2, 6, 59, tzinfo=UTC)  # 20:59 in Honolulu
        for _ in range(7):
            granted = world.ask(at=at)
            world.redeem(granted, at=at)
            world.report(granted.permit_id, "no_answer", at=at + 60 * SECOND, started_at=None)
        (slot, *_) = world.state.slots.values()
        assert slot.started_at == at + 60 * SECOND


class TestZones:
    def test_an_attempt_counts_as_long_as_it_would_anywhere(self) -> None:
        # 00:30 on 2 June in New York is still 1 June in Los Angeles.
        world = World(gate(zones=("America/New_York", "America/Los_Angeles")))
        for minute in range(7):
            world.called(datetime(2026, 6, 2, 4, 30 + minute, tzinfo=UTC))
        assert world.objecting(at=local("2026-06-08T12:00")) == {"call-frequency"}
        assert world.earliest(at=local("2026-06-08T12:00")) == local(
            "2026-06-09T08:00:01", LOS_ANGELES
        )

    def test_local_dates_decide_not_utc_dates(self) -> None:
        world = World(gate(zones=("America/Los_Angeles",)))
        for minute in range(7):
            world.called(local(f"2026-06-01T20:3{minute}", LOS_ANGELES))  # 2 June in UTC
        assert world.verdict(at=local("2026-06-08T09:00", LOS_ANGELES)) == "permit"
