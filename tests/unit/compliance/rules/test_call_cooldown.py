from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.compliance.rules import counting, facts
from services.compliance.rules.slots import Slot
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK, NOON, World, gate, local, request

TALK = "right_party_contact"


class TestCooldown:
    @pytest.mark.parametrize(
        ("at", "is_lawful"),
        [
            ("2026-08-14T15:00", False),
            ("2026-08-20T20:58", False),
            ("2026-08-21T08:00:01", True),
        ],
    )
    def test_lasts_seven_dates_the_first_being_that_of_the_talk(
        self, at: str, is_lawful: bool
    ) -> None:
        world = World()
        world.called(local("2026-08-14T10:00"), outcome=TALK)
        assert (world.verdict(at=local(at)) == "permit") == is_lawful

    def test_says_when_it_ends(self) -> None:
        world = World()
        world.called(local("2026-08-14T10:00"), outcome=TALK)
        assert world.earliest(at=local("2026-08-15T10:00")) == local("2026-08-21T08:00:01")

    def test_goes_by_the_end_of_the_conversation(self) -> None:
        world = World(gate(zones=("America/Los_Angeles",)))
        pacific = ZoneInfo("America/Los_Angeles")
        world.called(
            local("2026-08-14T20:55", pacific),
            outcome=TALK,
            ended_at=local("2026-08-15T00:10", pacific),
            now=local("2026-08-15T00:20", pacific),
        )
        assert world.verdict(at=local("2026-08-21T12:00", pacific)) == "defer"
        assert world.verdict(at=local("2026-08-22T12:00", pacific)) == "permit"

    def test_takes_the_latest_date_of_any_plausible_zone(self) -> None:
        world = World(gate(zones=("America/New_York", "America/Los_Angeles")))
        world.called(datetime(2026, 8, 15, 4, 30, tzinfo=UTC), outcome=TALK)  # 15 and 14 August
        assert world.verdict(at=local("2026-08-21T12:00")) == "defer"
        assert world.verdict(at=local("2026-08-22T12:00")) == "permit"

    def test_starts_whoever_called(self) -> None:
        talk = local("2026-08-14T20:45")
        inbound = facts.InboundCall(
            started_at=talk, ended_at=talk, is_conversation=True, account_ids=("acct_1",)
        )
        world = World()
        world.learn(inbound, talk)
        assert world.objecting(at=local("2026-08-20T12:00")) == {"call-cooldown"}
        assert world.verdict(at=local("2026-08-21T08:30")) == "permit"

    def test_does_not_start_with_an_inbound_call_without_a_talk(self) -> None:
        inbound = facts.InboundCall(started_at=NOON, ended_at=NOON, is_conversation=False)
        world = World()
        world.learn(inbound, NOON)
        assert world.verdict() == "permit"

    def test_is_for_each_debt_discussed(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2", "acct_3")))
        world.called(
            local("2026-06-09T10:00"),
            outcome=TALK,
            raised=("acct_1",),
            discussed=("acct_1", "acct_2"),
        )
        assert world.objecting() == {"call-cooldown"}
        assert world.objecting(request(account_ids=("acct_2",))) == {"call-cooldown"}
        assert world.objecting(request(account_ids=("acct_3",))) == set()

    def test_is_for_a_debt_brought_up_that_the_person_would_not_discuss(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        talked_at = local("2026-06-09T10:00")
        world.called(talked_at, outcome=TALK, raised=("acct_1",), discussed=("acct_2",))
        assert world.objecting() == {"call-cooldown"}
        assert world.objecting(request(account_ids=("acct_2",))) == {"call-cooldown"}

    def test_was_for_what_was_discussed_alone_by_terms_that_say_nothing_of_it(self) -> None:
        slot = Slot(
            permit_id="perm_1",
            request=request(),
            status="redeemed",
            granted_at=NOON,
            expires_at=NOON,
            raised=("acct_1",),
            discussed=("acct_2",),
        )
        terms = BOOK.federal("call-cooldown")
        before = replace(terms, names={"rebuttal_purposes": terms.names["rebuttal_purposes"]})
        assert counting.is_raised_counted(terms)
        assert not counting.is_raised_counted(before)
        assert counting.accounts_discussed(slot) == ("acct_2",)
        assert counting.accounts_discussed(slot, with_raised=True) == ("acct_1", "acct_2")

    def test_is_for_the_debt_called_about_when_none_was_discussed(self) -> None:
        world = World()
        world.called(local("2026-06-09T10:00"), outcome=TALK)
        assert world.objecting() == {"call-cooldown"}

    def test_leaves_other_media_alone(self) -> None:
        world = World()
        world.called(local("2026-06-09T10:00"), outcome=TALK)
        assert world.verdict(request(channel="letter", contact_point_id="cp_address")) == "permit"

    def test_restarts_with_each_conversation(self) -> None:
        world = World()
        world.called(local("2026-06-04T10:00"), outcome=TALK)
        world.called(local("2026-06-08T16:00"), outcome=TALK)
        assert world.earliest() == local("2026-06-15T08:00:01")


class TestConsentToExtraCalls:
    def consented(self, at: str, **terms: object) -> World:
        world = World()
        received_at = local(at)
        world.learn(
            facts.ExtraCallsConsent(received_at=received_at, **terms),  # type: ignore[arg-type]
            received_at,
            key="consent",
        )
        return world

    def full(self, world: World, at: str) -> World:
        for minute in range(7):
            world.called(local(f"{at}:{minute:02}"))
        return world

    @pytest.mark.parametrize("at", ["2026-07-08T20:30", "2026-07-14T20:58"])
    def test_lasts_seven_dates_with_that_of_receipt(self, at: str) -> None:
        world = self.full(World(), "2026-07-08T19")
        assert world.verdict(at=local(at)) == "defer"
        received_at = local("2026-07-08T20:00")
        world.learn(facts.ExtraCallsConsent(received_at=received_at), received_at)
        assert world.verdict(at=local(at)) == "permit"

    def test_lifts_the_frequency(self) -> None:
        world = self.full(World(), "2026-07-08T09")
        received_at = local("2026-07-08T10:00")
        assert world.verdict(at=received_at) == "defer"
        world.learn(facts.ExtraCallsConsent(received_at=received_at), received_at)
        assert world.verdict(at=received_at) == "permit"

    def test_ends_with_the_seventh_date(self) -> None:
        world = self.consented("2026-07-08T20:00")
        self.full(world, "2026-07-15T08")
        world.called(local("2026-07-15T08:10"))
        assert world.objecting(at=local("2026-07-15T09:00")) == {"call-frequency"}

    def test_calls_made_under_it_do_not_count_later(self) -> None:
        world = self.full(self.consented("2026-07-14T08:30"), "2026-07-14T09")
        assert world.verdict(at=local("2026-07-14T10:00")) == "permit"
        world.learn(
            facts.ExtraCallsConsent(
                received_at=local("2026-07-14T08:30"), withdrawn_at=local("2026-07-14T11:00")
            ),
            local("2026-07-14T11:00"),
            key="consent",
            version=2,
        )
        assert world.verdict(at=local("2026-07-14T12:00")) == "permit"

    def test_ends_when_withdrawn(self) -> None:
        world = self.full(World(), "2026-07-08T09")
        received_at, withdrawn_at = local("2026-07-08T10:00"), local("2026-07-08T11:00")
        consent = facts.ExtraCallsConsent(received_at=received_at, withdrawn_at=withdrawn_at)
        world.learn(consent, withdrawn_at)
        assert world.verdict(at=withdrawn_at) == "defer"

    def test_ends_with_the_next_conversation(self) -> None:
        world = self.consented("2026-07-08T10:00")
        world.called(local("2026-07-08T12:00"), outcome=TALK)
        assert world.objecting(at=local("2026-07-08T13:00")) == {"call-cooldown"}

    def test_given_in_a_conversation_outlasts_it(self) -> None:
        world = World()
        world.called(local("2026-07-08T10:00"), outcome=TALK)
        at = local("2026-07-08T10:00")
        world.learn(facts.ExtraCallsConsent(received_at=at), at)
        assert world.verdict(at=local("2026-07-08T13:00")) == "permit"

    def test_to_a_monday_is_for_that_monday(self) -> None:
        friday, monday = local("2026-04-03T10:00"), datetime(2026, 4, 6, tzinfo=UTC).date()
        world = World()
        world.called(friday, outcome=TALK)
        world.learn(
            facts.ExtraCallsConsent(received_at=friday, first_date=monday, last_date=monday), friday
        )
        assert world.verdict(at=local("2026-04-05T12:00")) == "defer"
        assert world.earliest(at=local("2026-04-05T12:00")) == local("2026-04-06T08:00:01")
        assert world.verdict(at=local("2026-04-06T12:00")) == "permit"
        assert world.verdict(at=local("2026-04-07T12:00")) == "defer"
        assert world.earliest(at=local("2026-04-07T12:00")) == local("2026-04-10T08:00:01")

    def test_does_not_lift_the_hours_or_a_stop(self) -> None:
        world = self.consented("2026-07-08T10:00")
        assert world.objecting(at=local("2026-07-08T22:00")) == {"permitted-hours"}
        world.learn(facts.OralStop(received_at=NOON), local("2026-07-08T11:00"))
        assert world.objecting(at=local("2026-07-08T12:00")) == {"opted-out-medium"}

    def test_about_another_debt_lifts_nothing(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        self.full(world, "2026-07-08T09")
        at = local("2026-07-08T10:00")
        world.learn(facts.ExtraCallsConsent(received_at=at, account_ids=("acct_2",)), at)
        assert world.verdict(at=at + timedelta(minutes=1)) == "defer"
