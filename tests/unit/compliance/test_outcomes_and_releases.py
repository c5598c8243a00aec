from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.permits.domain import (
    GATES,
    GateState,
    OutcomeUnknown,
    PermitReleased,
    PermitUnknown,
    PermitUsed,
    ReleasePermit,
    ReportOutcome,
    ReportUnpermittedAttempt,
    UnpermittedAttemptReported,
)
from services.compliance.permits.domain.refusals import (
    AccountNotTheirs,
    EndsBeforeItStarts,
    OutcomeMilder,
    OutcomeMisfit,
)
from services.compliance.rules import facts
from services.compliance.rules.outcomes import OUTCOMES, fits, is_milder
from services.compliance.rules.slots import is_counted_call
from shared.eventstore import codec
from shared.kernel.errors import DomainError
from shared.testing.spec import Spec
from tests.unit.compliance.samples import CONSUMER, NOON, World, gate, local, request

SPEC = Spec(GATES)
TELEPHONE_CODES = {each for each in OUTCOMES if fits(each, "call")} - {"unknown"}
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def release(permit_id: str) -> ReleasePermit:
    return ReleasePermit(
        consumer_id=CONSUMER, permit_id=permit_id, reason="line was busy", now=NOON
    )


def said(permit_id: str, outcome: str, *, at: datetime) -> ReportOutcome:
    return ReportOutcome(
        consumer_id=CONSUMER, permit_id=permit_id, report_id=f"r_{at}", outcome=outcome, now=at
    )


class TestReportOutcome:
    def used(self) -> tuple[World, str]:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        return world, granted.permit_id

    def test_keeps_times_within_the_bound(self) -> None:
        world, permit_id = self.used()
        reported = world.report(
            permit_id,
            "right_party_contact",
            at=NOON + timedelta(minutes=9),
            started_at=NOON + 20 * SECOND,
            ended_at=NOON + timedelta(minutes=8),
        )
        assert reported.started_at == NOON + 20 * SECOND
        assert reported.ended_at == NOON + timedelta(minutes=8)
        assert reported.irregularities == ()

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            (NOON - SECOND, NOON),
            (NOON + 60 * SECOND, NOON + 60 * SECOND),
            (NOON + 61 * SECOND, NOON + 60 * SECOND),
        ],
    )
    def test_holds_a_start_to_the_bound_and_flags_it(self, said: object, kept: object) -> None:
        world, permit_id = self.used()
        reported = world.report(
            permit_id, "no_answer", at=NOON + 90 * SECOND, started_at=said, ended_at=None
        )
        assert reported.started_at == kept
        assert reported.reported_started_at == said
        assert reported.irregularities == (() if said == kept else ("time_out_of_bounds",))

    def test_of_a_notice_shown_in_the_portal_keeps_a_state_that_can_be_stored(self) -> None:
        world = World()
        came = facts.InboundMessage(
            message_id="inb_1",
            channel="portal",
            received_at=NOON,
            until=NOON + timedelta(minutes=20),
        )
        world.learn(came, NOON)
        shown = request(channel="portal", contact_point_id=None, disclosures=("ca_time_barred",))
        granted = world.ask(shown)
        world.redeem(granted, at=NOON)
        world.report(granted.permit_id, "email_opened", at=NOON + SECOND)
        assert codec.decode(GateState, codec.encode(world.state)) == world.state
        assert world.state.notices == ()

    def test_holds_an_end_of_a_clock_that_runs_ahead_to_now(self) -> None:
        world, permit_id = self.used()
        reported = world.report(
            permit_id,
            "right_party_contact",
            at=NOON + SECOND,
            started_at=NOON,
            ended_at=NOON + 5 * MINUTE,
        )
        assert reported.ended_at == NOON + SECOND
        assert reported.irregularities == ("time_out_of_bounds",)

    def test_moves_the_end_with_a_start_that_a_slow_clock_put_too_early(self) -> None:
        # Otherwise a long talk past midnight would be kept as of the day before.
        world, permit_id = self.used()
        reported = world.report(
            permit_id,
            "right_party_contact",
            at=NOON + timedelta(hours=4),
            started_at=NOON - 4 * MINUTE,
            ended_at=NOON + timedelta(hours=2),
        )
        assert reported.started_at == NOON
        assert reported.ended_at == NOON + timedelta(hours=2, minutes=5)
        assert reported.irregularities == ("time_out_of_bounds",)

    @pytest.mark.parametrize(
        ("started_at", "ended_at"),
        [
            (NOON - 6 * MINUTE, None),
            (None, NOON - 6 * MINUTE),
            (NOON + 16 * MINUTE, None),
            (NOON, NOON + 16 * MINUTE),
        ],
    )
    def test_holds_times_that_cannot_be_to_those_that_can(
        self, started_at: object, ended_at: object
    ) -> None:
        world, permit_id = self.used()
        told: Any = {"started_at": started_at, "ended_at": ended_at}
        now = NOON + 10 * MINUTE
        reported = world.report(permit_id, "right_party_contact", at=now, **told)
        assert NOON <= reported.started_at <= reported.ended_at <= now
        assert reported.irregularities == ("time_out_of_bounds",)

    def test_refuses_times_that_run_backwards(self) -> None:
        world, permit_id = self.used()
        told: Any = {"started_at": NOON + SECOND, "ended_at": NOON}
        with pytest.raises(EndsBeforeItStarts) as refused:
            world.report(permit_id, "right_party_contact", at=NOON + 10 * MINUTE, **told)
        assert refused.value.pointer == "/ended_at"

    @pytest.mark.parametrize("field", ["discussed", "raised"])
    def test_refuses_accounts_that_are_not_the_consumers(self, field: str) -> None:
        world, permit_id = self.used()
        told: Any = {field: ("acct_1", "acct_of_another")}
        with pytest.raises(AccountNotTheirs) as refused:
            world.report(permit_id, "right_party_contact", at=NOON, **told)
        assert refused.value.pointer == f"/{field}/1"

    @pytest.mark.parametrize(
        ("channel", "outcome"),
        [("call", "email_sent"), ("call", "letter_sent"), ("letter", "no_answer"),
         ("letter", "email_sent")],
    )  # fmt: skip
    def test_refuses_what_cannot_come_of_the_channel(self, channel: str, outcome: str) -> None:
        point = "cp_address" if channel == "letter" else "cp_phone"
        world = World()
        granted = world.ask(request(channel=channel, contact_point_id=point))
        world.redeem(granted, at=NOON)
        with pytest.raises(OutcomeMisfit):
            world.report(granted.permit_id, outcome, at=NOON)

    def test_counts_once(self) -> None:
        world, permit_id = self.used()
        world.report(permit_id, "busy", at=NOON)
        assert len(world.state.slots[permit_id].reports) == 1

    def test_is_added_to_by_a_later_report(self) -> None:
        world, permit_id = self.used()
        world.report(permit_id, "no_answer", at=NOON)
        assert "call-cooldown" not in world.objecting(at=NOON + timedelta(hours=1))
        world.report(permit_id, "right_party_contact", at=NOON)
        assert "call-cooldown" in world.objecting(at=NOON + timedelta(hours=1))

    def test_says_the_same_again_to_no_effect(self) -> None:
        world, permit_id = self.used()
        world.report(permit_id, "right_party_contact", at=NOON + MINUTE)
        again = said(permit_id, "right_party_contact", at=NOON + 5 * MINUTE)
        assert world.do(again) == ()

    @pytest.mark.parametrize(
        ("first", "later"),
        [
            ("right_party_contact", "no_answer"),
            ("right_party_contact", "wrong_number"),
            ("right_party_contact", "bankruptcy_stated"),
            ("right_party_contact", "unknown"),
            ("no_answer", "blocked_by_vendor"),
            ("no_answer", "busy"),
            ("no_answer", "unknown"),
            ("busy", "not_attempted_permit_released"),
            ("voicemail_left", "voicemail_no_message"),
            ("bankruptcy_stated", "busy"),
        ],
    )
    def test_is_refused_when_milder_than_what_is_on_record(self, first: str, later: str) -> None:
        world, permit_id = self.used()
        world.report(permit_id, first, at=NOON)
        before = world.state
        with pytest.raises(OutcomeMilder) as refused:
            world.report(permit_id, later, at=NOON + MINUTE)
        assert refused.value.pointer == "/outcome"
        assert "wrong number" in refused.value.detail
        assert world.state == before

    @pytest.mark.parametrize(
        "later", ["right_party_contact", "no_answer", "busy", "blocked_by_vendor"]
    )
    def test_of_anything_replaces_an_unknown_outcome(self, later: str) -> None:
        world, permit_id = self.used()
        world.report(permit_id, "unknown", at=NOON)
        assert world.report(permit_id, later, at=NOON + MINUTE).outcome == later

    def test_leaves_out_no_account_of_a_conversation(self) -> None:
        world, permit_id = self.used_for_both()
        world.report(permit_id, "right_party_contact", at=NOON)
        with pytest.raises(OutcomeMilder) as refused:
            world.report(permit_id, "right_party_contact", at=NOON, discussed=("acct_1",))
        assert refused.value.pointer == "/discussed"

    def test_may_add_what_was_discussed_to_what_was_brought_up(self) -> None:
        world, permit_id = self.used_for_both()
        world.report(permit_id, "right_party_contact", at=NOON, raised=("acct_1",))
        more = {"raised": ("acct_1",), "discussed": ("acct_2",)}
        told = world.report(permit_id, "right_party_contact", at=NOON, **more)
        assert (told.raised, told.discussed) == (("acct_1",), ("acct_2",))

    def test_does_not_move_a_conversation_back(self) -> None:
        world, permit_id = self.used()
        world.report(permit_id, "right_party_contact", at=NOON + timedelta(hours=2))
        with pytest.raises(OutcomeMilder) as refused:
            world.report(
                permit_id,
                "right_party_refused",
                at=NOON + timedelta(hours=3),
                started_at=NOON,
                ended_at=NOON + timedelta(hours=1),
            )
        assert refused.value.pointer == "/ended_at"

    def used_for_both(self) -> tuple[World, str]:
        world = World(gate(accounts=("acct_1", "acct_2")))
        granted = world.ask(request(account_ids=("acct_1", "acct_2")))
        world.redeem(granted, at=NOON)
        return world, granted.permit_id

    @given(st.lists(st.sampled_from(sorted(OUTCOMES)), min_size=2, max_size=5))
    def test_never_lifts_what_one_before_it_brought(self, outcomes: list[str]) -> None:
        world, permit_id = self.used()
        held: set[str] = set()
        for number, outcome in enumerate(outcomes):
            at = NOON + number * MINUTE
            try:
                world.do(said(permit_id, outcome, at=at))
            except DomainError:
                continue
            slot = world.state.slots[permit_id]
            if slot.outcome == "unknown":
                continue
            now = {"counts"} if is_counted_call(slot, at) else set()
            if world.objecting(at=NOON + timedelta(hours=1)) & {"call-cooldown"}:
                now.add("cooldown")
            assert held <= now
            held = now

    def test_of_a_permit_not_redeemed_counts_and_is_flagged(self) -> None:
        world = World()
        granted = world.ask()
        reported = world.report(granted.permit_id, "no_answer", at=NOON)
        assert reported.irregularities == ("permit_not_redeemed",)
        later = NOON + timedelta(hours=1)
        for day in range(4, 10):
            world.called(local(f"2026-06-{day:02}T12:00"))
        assert world.objecting(at=later) == {"call-frequency"}

    def test_refuses_an_unknown_code(self) -> None:
        world, permit_id = self.used()
        command = ReportOutcome(
            consumer_id=CONSUMER, permit_id=permit_id, report_id="r", outcome="fine", now=NOON
        )
        with pytest.raises(OutcomeUnknown):
            GATES.decide(command, world.state)

    def test_refuses_an_unknown_permit(self) -> None:
        command = ReportOutcome(
            consumer_id=CONSUMER, permit_id="prm_x", report_id="r", outcome="busy", now=NOON
        )
        SPEC.given(*gate()).when(command).then_raises(PermitUnknown)


class TestOutcomeTable:
    @pytest.mark.parametrize("on_record", sorted(TELEPHONE_CODES))
    def test_no_later_report_of_a_call_says_that_nobody_was_told(self, on_record: str) -> None:
        earlier = OUTCOMES[on_record]
        for code in TELEPHONE_CODES:
            if not is_milder(code, on_record) and earlier.reached:
                assert OUTCOMES[code].reached, code

    def test_what_nobody_knows_may_have_been_made_after_all(self) -> None:
        assert not is_milder("unknown", "not_attempted_permit_released")
        assert is_milder("unknown", "no_answer")

    def test_a_message_that_came_back_told_nobody(self) -> None:
        assert not is_milder("email_bounced", "email_sent")
        assert is_milder("fax_or_modem", "third_party_no_disclosure")
        assert is_milder("wrong_number", "voicemail_left")

    @pytest.mark.parametrize(
        ("code", "counts", "conversation"),
        [
            ("no_answer", True, "no"),
            ("busy", False, "no"),
            ("disconnected_or_out_of_service", False, "no"),
            ("hung_up_before_verification", True, "no"),
            ("dropped_after_answer", True, "no"),
            ("voicemail_left", True, "no"),
            ("voicemail_left_limited_content", True, "no"),
            ("voicemail_full", True, "no"),
            ("right_party_contact", True, "yes"),
            ("right_party_callback_requested", True, "yes"),
            ("unknown", True, "unknown"),
            ("email_sent", False, "no"),
            ("not_attempted_permit_released", False, "no"),
        ],
    )
    def test_follows_the_law(self, code: str, counts: bool, conversation: str) -> None:
        assert OUTCOMES[code].counts == counts
        assert OUTCOMES[code].conversation == conversation

    def test_what_counts_was_made(self) -> None:
        assert all(each.is_made for each in OUTCOMES.values() if each.counts)


class TestReleasePermit:
    def test_frees_the_slot(self) -> None:
        world = World()
        for day in range(4, 10):
            world.called(local(f"2026-06-{day:02}T12:00"))
        granted = world.ask()
        assert world.objecting() == {"call-frequency"}
        (released,) = world.do(release(granted.permit_id))
        assert isinstance(released, PermitReleased)
        assert world.objecting() == set()

    def test_of_a_used_permit_is_refused(self) -> None:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        with pytest.raises(PermitUsed):
            GATES.decide(release(granted.permit_id), world.state)

    def test_twice_does_nothing(self) -> None:
        world = World()
        granted = world.ask()
        world.do(release(granted.permit_id))
        assert world.do(release(granted.permit_id)) == ()

    def test_of_an_unknown_permit_is_an_error(self) -> None:
        SPEC.given(*gate()).when(release("prm_x")).then_raises(PermitUnknown)

    def test_ends_the_permit(self) -> None:
        world = World()
        granted = world.ask()
        world.do(release(granted.permit_id))
        refused = world.redeem(granted, at=NOON)
        assert [each.rule for each in refused.objections] == ["permit-released"]


class TestReportUnpermittedAttempt:
    def command(self, **changes: object) -> ReportUnpermittedAttempt:
        values: dict[str, object] = {
            "attempt_id": "att_1",
            "request": request(),
            "outcome": "no_answer",
            "started_at": NOON,
            "now": NOON,
            **changes,
        }
        return ReportUnpermittedAttempt(**values)  # type: ignore[arg-type]

    def test_is_recorded_and_counts(self) -> None:
        world = World()
        for number in range(7):
            world.do(self.command(attempt_id=f"att_{number}"))
        assert world.objecting() == {"call-frequency"}

    def test_twice_does_nothing(self) -> None:
        world = World()
        (first,) = world.do(self.command())
        assert isinstance(first, UnpermittedAttemptReported)
        assert world.do(self.command()) == ()

    @pytest.mark.parametrize("minutes", [5, 600])
    def test_never_lies_in_the_future(self, minutes: int) -> None:
        ahead = {"started_at": NOON + minutes * MINUTE, "ended_at": NOON + minutes * MINUTE}
        (reported,) = World().do(self.command(**ahead))
        assert isinstance(reported, UnpermittedAttemptReported)
        assert reported.started_at == reported.ended_at == NOON

    def test_is_never_dropped_for_what_its_report_says(self) -> None:
        (backwards,) = World().do(self.command(ended_at=NOON - SECOND))
        assert isinstance(backwards, UnpermittedAttemptReported)
        assert backwards.started_at == backwards.ended_at == NOON
        (misfit,) = World().do(self.command(outcome="email_sent"))
        assert isinstance(misfit, UnpermittedAttemptReported)

    def test_refuses_an_unknown_code(self) -> None:
        SPEC.given(*gate()).when(self.command(outcome="x")).then_raises(OutcomeUnknown)


class TestUnknownOutcome:
    def test_bars_calls_as_a_conversation_would(self) -> None:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        assert world.objecting(at=NOON + timedelta(hours=1)) == {"call-outcome-unknown"}
        assert world.earliest(at=NOON + timedelta(hours=1)) == local("2026-06-17T08:00:01")

    def test_stops_barring_once_reported(self) -> None:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        world.report(granted.permit_id, "no_answer", at=NOON)
        assert world.objecting(at=NOON + timedelta(hours=1)) == set()

    def test_does_not_bar_a_letter(self) -> None:
        world = World()
        world.redeem(world.ask(), at=NOON)
        what = request(channel="letter", contact_point_id="cp_address")
        assert world.objecting(what, at=NOON + timedelta(hours=1)) == set()

    def test_late_evening_call_may_have_ended_the_next_day(self) -> None:
        world = World()
        world.redeem(world.ask(at=local("2026-06-10T20:30")), at=local("2026-06-10T20:30"))
        assert world.earliest(at=local("2026-06-11T12:00")) == local("2026-06-18T08:00:01")


class TestLateKnowledge:
    def test_of_a_wrong_number_takes_its_calls_out_of_the_count(self) -> None:
        other = facts.ContactPointKnown(
            contact_point_id="cp_other", point_kind="phone", label="mobile", digest="d"
        )
        world = World(gate(other))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02}T09:00"), request(contact_point_id="cp_other"))
        assert world.objecting() == {"call-frequency"}
        world.learn(facts.WrongNumber(contact_point_id="cp_other", learned_at=NOON), NOON)
        assert world.objecting() == set()
        assert "wrong-number" in world.objecting(request(contact_point_id="cp_other"))
