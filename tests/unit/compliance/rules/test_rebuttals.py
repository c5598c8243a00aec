"""What may rebut the presumptions on calls, and patterns that may harass."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from services.compliance.permits.reviews import ReviewBody
from services.compliance.rules import facts, rebuttal
from tests.unit.compliance.samples import (
    BOOK,
    NOON,
    START,
    World,
    email,
    gate,
    letter,
    local,
    point,
    request,
    text,
)

LITIGATION = request(purpose="active_litigation")


def called_seven_times() -> World:
    world = World()
    for day in range(4, 11):
        world.called(local(f"2026-06-{day:02d}T09:00"))
    return world


def review(**changes: Any) -> facts.CallReview:
    return facts.CallReview(
        **{
            "factor": "active_litigation",
            "decision": "approved",
            "reviewer_id": "usr_1",
            "reviewed_at": NOON,
            "expires_at": NOON + timedelta(days=1),
            "account_ids": ("acct_1",),
            **changes,
        }
    )


class TestFactors:
    def test_are_those_that_can_be_reviewed(self) -> None:
        factor = ReviewBody.__annotations__["factor"]
        assert set(get_args(factor)) == set(rebuttal.FACTORS)

    def test_are_what_the_packs_name(self) -> None:
        for rule in ("call-frequency", "call-cooldown", "call-outcome-unknown"):
            assert set(BOOK.federal(rule).names["rebuttal_purposes"]) == set(rebuttal.FACTORS)


class TestViolation:
    @pytest.mark.parametrize("purpose", sorted(rebuttal.FACTORS))
    def test_may_be_rebutted_and_a_human_says_so(self, purpose: str) -> None:
        world = called_seven_times()
        decision = world.ask(request(purpose=purpose))
        assert decision.verdict == "review"
        (objection,) = decision.objections
        assert objection.facts["rebuttal_factor"] == rebuttal.FACTORS[purpose]
        assert decision.earliest_permitted_at == local("2026-06-11T08:00:01")

    def test_is_not_rebutted_by_a_deadline_of_ones_own(self) -> None:
        assert called_seven_times().verdict(request(purpose="settlement_offer")) == "defer"

    @pytest.mark.parametrize("outcome", ["right_party_contact", "unknown"])
    def test_of_the_seven_days_after_a_talk_may_be_rebutted_too(self, outcome: str) -> None:
        world = World()
        world.called(NOON - timedelta(days=3), outcome=outcome)
        assert world.verdict(request(purpose="requested_information")) == "review"
        assert world.verdict() == "defer"

    def test_goes_out_flagged_once_approved_and_once_only(self) -> None:
        world = called_seven_times()
        world.learn(review(), NOON)
        assert "call-frequency" in world.flags(LITIGATION, at=NOON + timedelta(minutes=1))
        world.contact(LITIGATION, at=NOON + timedelta(minutes=2))
        assert world.verdict(LITIGATION, at=NOON + timedelta(minutes=30)) == "review"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (review(decision="refused"), "defer"),
            (review(factor="requested_information"), "review"),
            (review(account_ids=("acct_2",)), "review"),
            (review(party_id="pty_2"), "review"),
            (review(expires_at=NOON + timedelta(minutes=1)), "review"),
        ],
    )
    def test_is_approved_for_that_call_only(self, given: facts.CallReview, expected: str) -> None:
        world = called_seven_times()
        world.learn(given, NOON)
        assert world.verdict(LITIGATION, at=NOON + timedelta(minutes=1)) == expected

    def test_stays_refused_when_the_refusal_has_lapsed(self) -> None:
        world = called_seven_times()
        world.learn(review(), NOON)
        later, lapsed = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
        refused = review(decision="refused", reviewed_at=later, expires_at=lapsed)
        world.learn(refused, later)
        assert world.verdict(LITIGATION, at=later) == "defer"
        assert world.verdict(LITIGATION, at=lapsed) == "review"

    def test_stays_a_no_at_night(self) -> None:
        decision = called_seven_times().ask(LITIGATION, at=local("2026-06-10T22:00"))
        rules = {each.rule: each.verdict for each in decision.objections}
        assert rules == {"permitted-hours": "defer", "call-frequency": "review"}


class TestCompliance:
    def after(self, *minutes: int, outcome: str = "no_answer", **changes: Any) -> set[str]:
        world = World(gate(point("cp_2", "phone")))
        for each in minutes:
            world.called(NOON - timedelta(minutes=each), outcome=outcome)
        return world.flags(request(**changes))

    @pytest.mark.parametrize(("minutes", "expected"), [(5, True), (6, False), (90, False)])
    def test_is_doubtful_when_a_number_is_called_again_within_minutes(
        self, minutes: int, expected: bool
    ) -> None:
        assert ("calls-in-rapid-succession" in self.after(minutes)) == expected
        assert "calls-in-rapid-succession" not in self.after(minutes, contact_point_id="cp_2")

    def test_is_doubtful_when_voicemails_follow_each_other(self) -> None:
        flags = self.after(3, outcome="voicemail_left")
        assert "voicemails-in-rapid-succession" in flags
        assert "voicemails-in-rapid-succession" not in self.after(3)

    @pytest.mark.parametrize(("calls", "expected"), [(3, False), (4, True)])
    def test_is_doubtful_when_a_day_holds_many(self, calls: int, expected: bool) -> None:
        flags = self.after(*(20 * each for each in range(1, calls + 1)))
        assert ("calls-concentrated" in flags) == expected

    def test_is_doubtful_when_one_number_is_called_seven_times_a_day(self) -> None:
        flags = self.after(*(20 * each for each in range(1, 7)))
        assert "calls-in-rapid-succession" in flags

    @pytest.mark.parametrize(
        ("statement", "flags"),
        [
            ("does_not_wish_contact", {"call-after-statement"}),
            ("refuses_to_pay", {"call-after-statement"}),
            ("does_not_owe", {"call-after-statement"}),
            ("was_answered", set()),
        ],
    )
    def test_is_doubtful_after_what_the_person_said(self, statement: Any, flags: set[str]) -> None:
        world = World(gate(facts.PersonStatement(statement=statement, received_at=START)))
        assert world.flags() == flags
        assert world.flags(letter()) == set()

    def test_is_doubtful_after_what_a_collector_did(self) -> None:
        world = World(gate(facts.PriorConduct(conduct="threat_of_violence", at=START)))
        (flag,) = world.ask().flags
        assert flag.flag == "prior-conduct"
        assert flag.facts["elapsed_days"] == 40


class TestHarassment:
    def written(self, per_day: int, days: int) -> World:
        world = World()
        for day in range(1, days + 1):
            for number in range(per_day):
                world.called(
                    NOON - timedelta(days=day, minutes=number), text(), outcome="text_sent"
                )
        for number in range(per_day - 1):
            world.called(NOON - timedelta(minutes=10 + number), text(), outcome="text_sent")
        return world

    @pytest.mark.parametrize(
        ("per_day", "days", "expected"),
        [(3, 2, True), (10, 4, True), (3, 1, False), (2, 6, False)],
    )
    def test_is_several_messages_a_day_for_days(
        self, per_day: int, days: int, expected: bool
    ) -> None:
        flags = self.written(per_day, days).flags(text())
        assert ("messages-day-after-day" in flags) == expected

    @pytest.mark.parametrize(
        ("calls", "messages", "what", "expected"),
        [
            (4, 3, request(), True),
            (4, 3, email(), True),
            (4, 2, request(), False),
            (7, 1, email(), False),  # a flag of its own
            (6, 0, request(), False),
            (0, 8, email(), False),
            (4, 3, letter(), False),
        ],
    )
    def test_is_pressure_over_calls_and_messages_together(
        self, calls: int, messages: int, what: Any, expected: bool
    ) -> None:
        world = World()
        for each in range(calls):
            world.called(NOON - timedelta(hours=18 * each + 3))
        for each in range(messages):
            at = NOON - timedelta(hours=18 * each + 4)
            world.called(at, email(), outcome="email_sent")
        assert ("contacts-over-media" in world.flags(what)) == expected

    def test_counts_texts_and_email_together(self) -> None:
        assert "messages-day-after-day" in self.written(3, 2).flags(email())

    def test_is_not_in_letters_or_replies(self) -> None:
        world = self.written(3, 4)
        wrote = facts.InboundMessage(message_id="inb_1", channel="text", received_at=NOON)
        world.learn(wrote, NOON)
        assert world.flags(letter()) == set()
        assert world.flags(text(act="reply"), at=NOON + timedelta(minutes=1)) == set()
