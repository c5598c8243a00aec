"""Contacts face to face and by private message on a social platform, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest

from services.compliance.permits.domain import PermitGranted
from services.compliance.permits.domain.refusals import OutcomeMisfit
from services.compliance.rules import facts
from services.compliance.rules.outcomes import OUTCOMES, fits
from services.compliance.rules.request import (
    CALL_DISPATCH_S,
    MESSAGE_DISPATCH_S,
    Circumstances,
    ContactRequest,
)
from tests.unit.compliance.samples import (
    CONSUMER,
    NOON,
    START,
    World,
    email,
    gate,
    letter,
    local,
    point,
    request,
    social,
    text,
    visit,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
UNCHECKED = Circumstances(is_content_checked=False)


BOTH = pytest.mark.parametrize("what", [visit(), social()], ids=["in person", "social"])


def living_in(state: str, *more: facts.Fact) -> World:
    place = facts.LocationEvidence(evidence=state, zones=("America/New_York",), states=(state,))
    return World(gate(place, *more))


@BOTH
class TestEitherOfThem:
    def test_is_permitted_where_nothing_bars_it(self, what: ContactRequest) -> None:
        assert World().objecting(what) == set()
        assert World().flags(what) == set()

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-06-10T08:00:00", {"permitted-hours"}),
            ("2026-06-10T08:00:01", set()),
            ("2026-06-10T20:58:59", set()),
            ("2026-06-10T21:00:00", {"permitted-hours"}),
            ("2026-06-10T22:00:00", {"permitted-hours"}),
        ],
    )
    def test_keeps_the_hours(self, what: ContactRequest, at: str, expected: set[str]) -> None:
        assert World().objecting(what, at=local(at)) == expected

    @pytest.mark.parametrize(
        ("fact", "rule"),
        [
            (facts.CeaseNotice(received_at=START), "cease-notice"),
            (facts.AttorneyRetained(received_at=START), "attorney-retained"),
            (facts.Bankruptcy(learned_at=START, chapter=7), "bankruptcy-stay"),
            (facts.ConsumerStatus(status="deceased", learned_at=START), "consumer-deceased"),
            (
                facts.Dispute(account_id="acct_1", in_writing=True, received_at=START, timely=True),
                "dispute-open",
            ),
            (
                facts.InconvenientTime(windows=(facts.WeeklyWindow(),), received_at=START),
                "inconvenient-time",
            ),
            (facts.OptOut(received_at=START), "opted-out-medium"),
        ],
    )
    def test_heeds_what_was_said(self, what: ContactRequest, fact: facts.Fact, rule: str) -> None:
        assert World(gate(fact)).objecting(what) == {rule}

    def test_ends_with_an_opt_out_of_its_medium_alone(self, what: ContactRequest) -> None:
        medium: Any = what.channel
        world = World(gate(facts.OptOut(received_at=NOON, medium=medium)))
        assert world.objecting(what) == {"opted-out-medium"}
        for other in (request(), text(), email(), letter(), visit(), social()):
            if other.channel != what.channel:
                assert world.objecting(other) == set()

    @pytest.mark.parametrize("medium", ["call", "text", "email", "letter"])
    def test_outlasts_an_opt_out_of_another_medium(self, what: ContactRequest, medium: Any) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium=medium)))
        assert world.objecting(what) == set()

    def test_is_not_for_third_parties(self, what: ContactRequest) -> None:
        neighbor = facts.PartyKnown(party_id="pty_1", role="third_party")
        known = facts.ContactPointKnown(
            contact_point_id="cp_theirs", point_kind="address", label="home",
            digest="digest-theirs", zones=("America/New_York",), states=("VT",), party_id="pty_1",
        )  # fmt: skip
        theirs = "cp_theirs" if what.channel == "in_person" else None
        place = facts.LocationEvidence(
            evidence="told", zones=("America/New_York",), states=("VT",), party_id="pty_1"
        )
        world = World(gate(neighbor, known, place))
        asked = {"party_id": "pty_1", "contact_point_id": theirs}
        told = visit(**asked) if theirs else social(**asked)
        assert world.objecting(told) == {"party-unfit"}

    def test_is_no_call_that_is_counted(self, what: ContactRequest) -> None:
        world = World()
        outcome = "right_party_contact" if what.channel == "in_person" else "social_sent"
        for _ in range(8):
            world.called(NOON - DAY, what, outcome=outcome)
        assert world.objecting(request()) == set()

    def test_counts_in_new_york_city(self, what: ContactRequest) -> None:
        world = living_in("NYC", facts.MessageConsent(
            medium="text", procedure="direct_consent", given_at=START
        ))  # fmt: skip
        noon = local("2026-10-14T12:00")
        for days in (3, 2, 1):
            world.called(
                noon - days * DAY, what,
                outcome="no_answer" if what.channel == "in_person" else "social_sent",
            )  # fmt: skip
        for each in (what, request(), letter()):
            assert "contact-frequency" in world.objecting(each, at=noon)
        assert "contact-frequency" not in world.objecting(request(), at=noon + 5 * DAY)

    @pytest.mark.parametrize("state", ["OR", "WA"])
    def test_goes_by_the_limits_of_work(self, what: ContactRequest, state: str) -> None:
        office = point("cp_office", "address", "work")
        world = living_in(state, office)
        if what.channel == "in_person":
            what = visit(contact_point_id="cp_office")
        world.called(NOON - 2 * DAY, letter(contact_point_id="cp_office"), outcome="letter_sent")
        assert "contact-frequency" in world.objecting(what)

    def test_needs_the_notice_on_old_debt_in_new_york(self, what: ContactRequest) -> None:
        old = facts.LimitationPeriod(account_id="acct_1", barred_from=local("2024-01-01").date())
        world = living_in("NY", old)
        assert "time-barred-disclosure" in world.objecting(what)


class TestVisit:
    @pytest.mark.parametrize("point_id", [None, "cp_phone", "cp_email", "cp_unknown", "cp_theirs"])
    def test_goes_to_a_known_address_of_that_person(self, point_id: str | None) -> None:
        theirs = facts.ContactPointKnown(
            contact_point_id="cp_theirs", point_kind="address", label="home",
            digest="digest-theirs", party_id="pty_1",
        )  # fmt: skip
        world = World(gate(theirs))
        assert world.objecting(visit(contact_point_id=point_id)) == {"contact-point-unfit"}

    def test_is_not_made_to_an_address_that_was_wrong(self) -> None:
        wrong = facts.WrongNumber(contact_point_id="cp_address", learned_at=START)
        assert "wrong-number" in World(gate(wrong)).objecting(visit())

    def test_is_not_made_to_an_address_that_was_opted_out(self) -> None:
        gone = facts.OptOut(received_at=START, medium="in_person", contact_point_id="cp_address")
        world = World(gate(gone))
        assert world.objecting(visit()) == {"opted-out-address"}
        assert world.objecting(letter()) == set()

    @pytest.mark.parametrize(
        "fact",
        [
            facts.EmployerProhibition(received_at=START),
            facts.InconvenientPlace(place="work", received_at=START),
            facts.InconvenientPlace(place="work", received_at=START, media=("call",)),
            facts.InconvenientPlace(place="work", received_at=START, media=("in_person",)),
        ],
    )
    def test_to_work_is_barred_wherever_a_call_is(self, fact: facts.Fact) -> None:
        world = World(gate(fact, point("cp_office", "address", "work"),
                           point("cp_desk", "phone", "work")))  # fmt: skip
        barred = world.objecting(visit(contact_point_id="cp_office"))
        assert barred & {"employer-prohibits", "inconvenient-place"}
        assert world.objecting(request(contact_point_id="cp_desk")) <= barred
        assert world.objecting(visit()) == set()

    def test_to_work_in_oregon_waits_until_home_was_tried(self) -> None:
        world = living_in("OR", point("cp_office", "address", "work"))
        assert "work-contact-last" in world.objecting(visit(contact_point_id="cp_office"))
        world.called(NOON - DAY)
        assert "work-contact-last" not in world.objecting(visit(contact_point_id="cp_office"))

    @pytest.mark.parametrize(
        ("media", "expected"),
        [
            ((), {"inconvenient-place"}),
            (("in_person",), {"inconvenient-place"}),
            (("call",), {"inconvenient-place"}),
            (("letter",), set()),
        ],
    )
    def test_home_is_barred_where_it_was_meant(self, media: Any, expected: set[str]) -> None:
        home = facts.InconvenientPlace(place="home", received_at=START, media=media)
        assert World(gate(home)).objecting(visit()) == expected

    def test_named_alone_leaves_letters(self) -> None:
        home = facts.InconvenientPlace(place="home", received_at=START, media=("in_person",))
        assert World(gate(home)).objecting(letter()) == set()

    def test_ends_with_an_oral_stop(self) -> None:
        world = World(gate(facts.OralStop(received_at=NOON)))
        assert world.objecting(visit()) == {"opted-out-medium"}
        assert world.flags(social()) == {"contact-after-oral-stop"}

    def test_that_is_permitted_ends_with_an_oral_stop(self) -> None:
        world = World()
        granted = world.ask(visit())
        world.learn(facts.OralStop(received_at=NOON), NOON)
        assert world.state.slots[granted.permit_id].status == "revoked"

    def test_is_made_once_in_thirty_dates_in_massachusetts(self) -> None:
        world = living_in("MA")
        world.called(local("2026-06-10T12:00"), visit())
        office = visit()
        assert "contact-frequency" in world.objecting(office, at=local("2026-07-09T12:00"))
        assert "contact-frequency" not in world.objecting(office, at=local("2026-07-10T12:00"))
        assert "contact-frequency" not in world.objecting(request(), at=local("2026-06-11T12:00"))

    def test_is_not_among_the_calls_and_messages_of_the_district(self) -> None:
        world = living_in("DC")
        for _ in range(6):
            world.called(NOON - DAY, visit())
        for each in (request(), visit()):
            assert "contact-frequency" not in world.objecting(each)

    def test_may_begin_a_minute_after_the_redeem(self) -> None:
        assert self.dispatched_within(visit()) == timedelta(seconds=CALL_DISPATCH_S)
        assert self.dispatched_within(social()) == timedelta(seconds=MESSAGE_DISPATCH_S)

    def dispatched_within(self, what: ContactRequest) -> timedelta:
        world = World()
        redeemed = world.redeem(world.ask(what), at=NOON)
        within: timedelta = redeemed.dispatch_before - NOON
        return within

    def test_with_a_conversation_reaches_the_person_but_starts_no_seven_days(self) -> None:
        world = World()
        world.contact(visit(), at=NOON, outcome="right_party_contact")
        (way,) = world.state.reached["acct_1"]
        assert (way.is_spoken, way.at) == (True, NOON)
        assert world.objecting(request(), at=NOON + DAY) == set()

    def test_that_met_nobody_reached_nobody(self) -> None:
        world = World()
        world.contact(visit(), at=NOON, outcome="no_answer")
        assert not world.state.reached

    @pytest.mark.parametrize(
        ("outcome", "given"), [("right_party_contact", 1), ("no_answer", 0), ("wrong_number", 0)]
    )
    def test_gives_a_notice_only_to_whom_it_met(self, outcome: str, given: int) -> None:
        world = World()
        world.contact(visit(disclosures=("ca_rights",)), at=NOON, outcome=outcome)
        assert len(world.state.notices) == given


class TestSocialMessage:
    def test_goes_to_no_contact_point(self) -> None:
        for named in ("cp_phone", "cp_email", "cp_address", "cp_unknown"):
            assert World().objecting(social(contact_point_id=named)) == {"contact-point-unfit"}

    @pytest.mark.parametrize("act", ["contact", "reply", "opt_out_confirmation"])
    def test_unchecked_is_refused_with_what_to_do(self, act: Any) -> None:
        refused = World().ask(social(act=act), circumstances=UNCHECKED)
        (objection,) = refused.objections
        assert (objection.rule, objection.verdict) == ("social-unchecked", "deny")
        assert (objection.law, objection.earliest) == ("REGF-SOCIAL", None)
        assert "1006.22(f)(4)" in objection.citation
        assert "POST /v1/content-checks" in objection.explanation

    @pytest.mark.parametrize("what", [request(), text(), email(), letter(), visit()])
    def test_is_the_only_one_to_be_checked(self, what: ContactRequest) -> None:
        assert isinstance(World().ask(what, circumstances=UNCHECKED), PermitGranted)

    def test_unfit_is_refused(self) -> None:
        unfit = Circumstances(content_unfit_by=("social-visibility",))
        refused = World().ask(social(), circumstances=unfit)
        assert {each.rule for each in refused.objections} == {"content-unfit"}

    def test_is_checked_again_at_the_redeem(self) -> None:
        world = World()
        refused = world.redeem(world.ask(social()), at=NOON, circumstances=UNCHECKED)
        assert {each.rule for each in refused.objections} == {"social-unchecked"}

    @pytest.mark.parametrize("state", ["DC", "NYC"])
    def test_needs_consent_that_nobody_can_have_given(self, state: str) -> None:
        agreed = facts.MessageConsent(medium="text", procedure="direct_consent", given_at=START)
        world = living_in(state, agreed)
        noon = local("2026-10-14T12:00")
        assert "message-consent-needed" in world.objecting(social(), at=noon)
        assert "message-consent-needed" not in world.objecting(text(), at=noon)

    def test_counts_with_texts_and_emails_in_the_district(self) -> None:
        world = living_in("DC")
        for _ in range(5):
            world.called(NOON - DAY, social(), outcome="social_sent")
        assert "contact-frequency" in world.objecting(email())
        assert "contact-frequency" in world.objecting(social())
        assert "contact-frequency" not in world.objecting(request())

    def test_is_not_counted_with_the_calls_of_massachusetts(self) -> None:
        world = living_in("MA")
        for _ in range(3):
            world.called(NOON - DAY, social(), outcome="social_sent")
        assert "contact-frequency" not in world.objecting(request())
        assert "contact-frequency" not in world.objecting(social())

    def test_keeps_the_hours_of_florida(self) -> None:
        world = living_in("FL")
        refused = world.ask(social(), at=local("2026-06-10T22:00"))
        assert {each.law for each in refused.objections} >= {"STATE-FL-TIME", "REGF-TIME-WINDOW"}

    def test_confirms_an_opt_out_once(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium="social")))
        confirmation = social(act="opt_out_confirmation", purpose="opt_out_confirmation")
        assert world.objecting(confirmation) == set()
        world.contact(confirmation, at=NOON)
        assert world.objecting(confirmation, at=NOON + SECOND) == {"opted-out-medium"}

    def test_is_one_more_medium_beside_calls(self) -> None:
        world = World()
        for days in range(7):
            world.called(NOON - days * timedelta(hours=20))
        assert "message-on-calls" in world.flags(social())

    def test_runs_on_with_other_messages(self) -> None:
        world = World()
        for days in (2, 1, 0):
            for minutes in (1, 2, 3):
                world.called(
                    NOON - days * DAY - minutes * timedelta(minutes=9), social(),
                    outcome="social_sent",
                )  # fmt: skip
        assert "messages-day-after-day" in world.flags(social())

    def test_reaches_the_person_unless_it_failed(self) -> None:
        world = World()
        permit_id = world.contact(social(), at=NOON)
        (way,) = world.state.reached["acct_1"]
        assert (way.is_spoken, way.undeliverable_at) == (False, None)
        world.report(permit_id, "social_failed", at=NOON + SECOND)
        (way,) = world.state.reached["acct_1"]
        assert way.undeliverable_at == NOON + SECOND


OF_A_VISIT = {
    *(each for each in OUTCOMES if each.startswith("right_party_")),
    *("no_answer", "wrong_number", "language_barrier", "third_party_no_disclosure"),
    *("employer_prohibits", "deceased_stated", "claims_paid", "cease_requested", "opt_out"),
    *("attorney_represented", "bankruptcy_stated"),
}
OF_ALL = {"unknown", "blocked_by_vendor", "not_attempted_permit_released"}


class TestOutcomes:
    @pytest.mark.parametrize(
        ("channel", "expected"),
        [
            ("in_person", OF_A_VISIT),
            ("social", {"social_sent", "social_failed", "social_replied"}),
        ],
    )
    def test_are_those_that_can_come_of_it(self, channel: str, expected: set[str]) -> None:
        assert {each for each in OUTCOMES if fits(each, channel)} == expected | OF_ALL

    @pytest.mark.parametrize("outcome", ["busy", "voicemail_left", "social_sent", "letter_sent"])
    def test_of_another_channel_are_refused(self, outcome: str) -> None:
        world = World()
        granted = world.ask(visit())
        world.redeem(granted, at=NOON)
        with pytest.raises(OutcomeMisfit):
            world.report(granted.permit_id, outcome, at=NOON)

    def test_of_a_social_message_are_no_calls(self) -> None:
        for channel in ("call", "text", "email", "letter", "portal", "in_person"):
            assert not fits("social_sent", channel)


def test_a_gate_that_forgets_calls_still_knows_of_the_visit() -> None:
    world = living_in("MA")
    world.contact(visit(), at=NOON, outcome="no_answer")
    world.contact(request(), at=NOON)
    world.learn(facts.OralStop(received_at=NOON + 25 * DAY), NOON + 25 * DAY)
    kept = [each.request.channel for each in world.state.slots.values()]
    assert "in_person" in kept
    assert CONSUMER in {each.request.party_id for each in world.state.slots.values()}
