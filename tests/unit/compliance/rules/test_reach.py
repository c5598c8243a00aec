from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.compliance.permits.domain import PermitGranted
from services.compliance.rules import facts, rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.request import ContactRequest
from shared.kernel.records import replace
from tests.unit.compliance.samples import (
    BOOK,
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
    text,
)

DAY = timedelta(days=1)


def third_party(party_id: str = "pty_1", **changes: Any) -> list[facts.Fact]:
    return [
        facts.PartyKnown(party_id=party_id, **{"role": "third_party", **changes}),
        facts.ContactPointKnown(
            contact_point_id=f"cp_{party_id}", point_kind="phone", label="mobile",
            digest=f"digest-{party_id}", zones=("America/New_York",), states=("VT",),
            party_id=party_id,
        ),
    ]  # fmt: skip


def asks_where(party_id: str = "pty_1", **changes: Any) -> Any:
    return request(
        party_id=party_id,
        contact_point_id=f"cp_{party_id}",
        **{"purpose": "location_information", **changes},
    )


class TestLocationContact:
    def test_is_made_once(self) -> None:
        world = World(gate(*third_party()))
        world.contact(asks_where(), at=NOON, outcome="third_party_no_disclosure")
        assert "location-contact" in world.objecting(asks_where(), at=NOON + 30 * DAY)

    def test_is_remembered_for_years(self) -> None:
        world = World(gate(*third_party()))
        world.called(NOON, asks_where(), outcome="right_party_contact")
        world.called(NOON + 700 * DAY, outcome="no_answer")  # what is over is forgotten here
        assert world.objecting(asks_where(), at=NOON + 700 * DAY) == {"location-contact"}

    @pytest.mark.parametrize("outcome", ["no_answer", "busy", "voicemail_no_message"])
    def test_is_not_used_up_by_an_attempt(self, outcome: str) -> None:
        world = World(gate(*third_party()))
        world.contact(asks_where(), at=NOON, outcome=outcome)
        assert world.verdict(asks_where(), at=NOON + DAY) == "permit"

    def test_is_used_up_by_what_may_have_been_one(self) -> None:
        world = World(gate(*third_party()))
        granted = world.ask(asks_where(), at=NOON)
        assert isinstance(granted, PermitGranted)
        world.redeem(granted, at=NOON)
        assert "location-contact" in world.objecting(asks_where(), at=NOON + DAY)

    @pytest.mark.parametrize("why", ["asked_again", "answer_wrong_or_incomplete"])
    def test_may_be_made_again_for_a_reason(self, why: str) -> None:
        world = World(gate(*third_party()))
        world.contact(asks_where(), at=NOON, outcome="third_party_no_disclosure")
        assert world.verdict(asks_where(renewed_for=why), at=NOON + 30 * DAY) == "permit"

    def test_is_counted_for_each_person(self) -> None:
        world = World(gate(*third_party(), *third_party("pty_2")))
        world.contact(asks_where(), at=NOON, outcome="third_party_no_disclosure")
        assert world.verdict(asks_where("pty_2"), at=NOON + DAY) == "permit"

    def test_says_nothing_of_a_debt(self) -> None:
        world = World(gate(*third_party()))
        assert world.objecting(asks_where(says=("debt_owed",))) == {"location-contact"}

    def test_is_for_the_attorney_once_there_is_one(self) -> None:
        attorney = third_party("pty_2", role="attorney")
        known = facts.AttorneyRetained(received_at=NOON - DAY)
        world = World(gate(known, *third_party(), *attorney))
        assert world.objecting(asks_where()) == {"attorney-retained"}
        assert world.verdict(asks_where("pty_2")) == "permit"

    def test_asks_for_an_estate_only_of_the_dead(self) -> None:
        what = asks_where(purpose="estate_representative_information")
        assert World(gate(*third_party())).objecting(what) == {"location-contact"}
        died = facts.ConsumerStatus(status="deceased", learned_at=NOON - DAY)
        assert World(gate(died, *third_party())).verdict(what) == "permit"


class TestThirdParty:
    """Who may be told of a debt because the consumer or a court says so (1006.6(d)(2))."""

    WHAT = request(party_id="pty_1", contact_point_id="cp_pty_1")

    def consent(self, **changes: Any) -> facts.PriorConsent:
        said = {"received_at": NOON - DAY, "lifts": (), "third_parties": ("pty_1",), **changes}
        return facts.PriorConsent(**said)

    def test_is_told_nothing_without_consent(self) -> None:
        assert World(gate(*third_party())).objecting(self.WHAT) == {"party-unfit"}

    def test_is_told_once_the_consumer_has_consented(self) -> None:
        assert World(gate(*third_party(), self.consent())).verdict(self.WHAT) == "permit"

    def test_is_told_by_permission_of_a_court(self) -> None:
        permission = self.consent(source="court", given_to="creditor", is_lawfully_given=False)
        assert World(gate(*third_party(), permission)).verdict(self.WHAT) == "permit"

    @pytest.mark.parametrize(
        "changes",
        [
            {"given_to": "creditor"},
            {"given_to": "prior_collector"},
            {"is_lawfully_given": False},
            {"third_parties": ("pty_2",)},
            {"third_parties": (), "lifts": ("time", "place", "workplace", "attorney")},
            {"withdrawn_at": NOON - timedelta(hours=1)},
            {"until": NOON},
            {"received_at": NOON + DAY},
            {"account_ids": ("acct_of_another_debt",)},
            {"party_id": "pty_1"},
        ],
    )
    def test_is_told_nothing_by_less(self, changes: dict[str, Any]) -> None:
        world = World(gate(*third_party(), self.consent(**changes)))
        assert world.objecting(self.WHAT) == {"party-unfit"}


class TestExecutingJudgment:
    """Whom a postjudgment judicial remedy needs, such as an employer (1006.6(d)(2)(iv))."""

    WHAT = request(
        party_id="pty_1", contact_point_id="cp_pty_1", purpose="postjudgment_judicial_remedy"
    )
    JUDGMENT = facts.DebtHistory(account_id="acct_1", contract="judgment")

    def test_may_be_told_and_is_flagged(self) -> None:
        granted = World(gate(*third_party(), self.JUDGMENT)).ask(self.WHAT)
        assert isinstance(granted, PermitGranted)
        (flag,) = (each for each in granted.flags if each.flag == "party-unfit")
        assert flag.facts["excepted_purpose"] == "postjudgment_judicial_remedy"

    def test_may_be_told_of_a_debt_that_a_judgment_took_up_later(self) -> None:
        adjudged = facts.DebtHistory(account_id="acct_1", restarted_by="judgment")
        assert World(gate(*third_party(), adjudged)).verdict(self.WHAT) == "permit"

    @pytest.mark.parametrize(
        "known",
        [
            (),
            (facts.DebtHistory(account_id="acct_1", contract="written"),),
            (facts.DebtHistory(account_id="acct_2", contract="judgment"),),
        ],
    )
    def test_is_none_without_a_judgment(self, known: tuple[facts.Fact, ...]) -> None:
        world = World(gate(*third_party(), *known))
        assert world.objecting(self.WHAT) == {"party-unfit"}

    def test_is_none_about_another_debt_besides(self) -> None:
        both = replace(self.WHAT, account_ids=("acct_1", "acct_2"))
        world = World(gate(*third_party(), self.JUDGMENT))
        assert "party-unfit" in world.objecting(both)

    def test_makes_nobody_known(self) -> None:
        world = World(gate(self.JUDGMENT))
        assert "party-unfit" in world.objecting(self.WHAT)

    def test_is_nothing_else(self) -> None:
        world = World(gate(*third_party(), self.JUDGMENT))
        assert world.objecting(replace(self.WHAT, purpose="collection")) == {"party-unfit"}


class TestConsumer:
    DIED = facts.ConsumerStatus(status="deceased", learned_at=NOON - DAY)
    MINOR = facts.ConsumerStatus(status="minor", learned_at=NOON - DAY)

    @pytest.mark.parametrize(
        ("relation", "status", "is_one"),
        [
            ("guardian", None, True),
            ("successor_in_interest", None, True),
            ("estate_representative", DIED, True),
            ("estate_representative", None, False),
            ("estate_representative", MINOR, False),
            ("parent", MINOR, True),
            ("parent", None, False),
            ("parent", DIED, False),
        ],
    )
    def test_includes_who_stands_for_them(
        self, relation: str, status: facts.Fact | None, is_one: bool
    ) -> None:
        party = third_party(role="other", relation=relation)
        world = World(gate(*party, *([status] if status else [])))
        what = request(party_id="pty_1", contact_point_id="cp_pty_1")
        assert world.objecting(what) == (set() if is_one else {"party-unfit"})

    def test_is_not_written_to_once_dead(self) -> None:
        world = World(gate(self.DIED))
        assert world.objecting(letter()) == {"consumer-deceased"}

    def test_is_counted_apart_from_who_stands_for_them(self) -> None:
        world = World(gate(*third_party(role="other", relation="guardian")))
        for number in range(7):
            world.called(NOON - DAY + timedelta(minutes=number))
        assert "call-frequency" in world.objecting(request())
        assert world.verdict(request(party_id="pty_1", contact_point_id="cp_pty_1")) == "permit"


class TestEmployersAddress:
    KNOWN = facts.EmployerAddress(contact_point_id="cp_work", learned_at=NOON - DAY)
    WHAT = email(contact_point_id="cp_work")

    def world(self, procedure: str, label: str = "main") -> World:
        consent = facts.MessageConsent(
            medium="email", procedure=procedure,  # type: ignore[arg-type]
            given_at=local("2026-01-05T12:00"), contact_point_id="cp_work",
        )  # fmt: skip
        known = [self.KNOWN] if label == "main" else []
        return World(gate(point("cp_work", "email", label), consent, *known))

    @pytest.mark.parametrize("procedure", ["consumer_used", "direct_consent", "prior_collector"])
    def test_opens_by_the_persons_own_use(self, procedure: str) -> None:
        assert self.world(procedure).verdict(self.WHAT) == "permit"

    @pytest.mark.parametrize("label", ["main", "work"])
    def test_stays_closed_to_a_creditors_notice(self, label: str) -> None:
        world = self.world("creditor_notice", label)
        assert world.objecting(self.WHAT) == {"email-procedure", "employer-email"}


class TestAddressSeenByOthers:
    SEEN = facts.ThirdPartyDisclosure(contact_point_id="cp_email", learned_at=NOON - DAY)

    def test_is_not_written_to(self) -> None:
        assert World(gate(self.SEEN)).objecting(email()) == {"address-seen-by-others"}

    def test_ends_what_was_permitted(self) -> None:
        world = World()
        granted = world.ask(email())
        world.learn(self.SEEN, NOON)
        assert world.state.slots[granted.permit_id].status == "revoked"

    def test_leaves_other_ways_open(self) -> None:
        assert World(gate(self.SEEN)).verdict(letter()) == "permit"


class TestCreditorsNotice:
    def world(self, **changes: Any) -> World:
        more = {"is_public_domain": changes.pop("is_public_domain", True)}
        other = facts.ContactPointKnown(
            contact_point_id="cp_email_2", point_kind="email", label="main", digest="d", **more
        )
        notice = facts.MessageConsent(
            medium="email", procedure="creditor_notice", given_at=local("2026-01-05T12:00"),
            contact_point_id="cp_email_2", notice=facts.CreditorNotice(**changes),
        )  # fmt: skip
        return World(gate(other, notice))

    WHAT = email(contact_point_id="cp_email_2")

    def test_opens_a_public_address(self) -> None:
        assert self.world().verdict(self.WHAT) == "permit"

    @pytest.mark.parametrize(
        "lack",
        [
            {"is_clear": False},
            {"is_obtained_from_consumer": False},
            {"is_used_about_account": False},
            {"is_sent_to_used_address": False},
            {"names_collector": False},
            {"names_address": False},
            {"says_others_may_see": False},
            {"explains_opt_out": False},
            {"names_deadline": False},
            {"is_opted_out": True},
            {"medium": "electronic", "opt_out_methods": ("postal_mail",)},
            {"is_public_domain": False},
        ],
        ids=str,
    )
    def test_opens_nothing_that_lacks_a_condition(self, lack: dict[str, Any]) -> None:
        assert self.world(**lack).objecting(self.WHAT) == {"email-procedure"}


class TestPriorCollectors:
    def world(self, *chain: tuple[bool, bool, bool]) -> World:
        other = point("cp_email_2", "email", "main")
        came_down = facts.MessageConsent(
            medium="email", procedure="prior_collector", given_at=NOON - DAY,
            contact_point_id="cp_email_2",
            prior_collectors=tuple(
                facts.PriorCollector(obtained_properly=got, used=used, opted_out=out)
                for got, used, out in chain
            ),
        )  # fmt: skip
        return World(gate(other, came_down))

    @pytest.mark.parametrize(
        ("chain", "is_open"),
        [
            (((True, True, False),), True),
            (((True, True, False), (False, True, False)), True),
            (((True, True, False), (False, False, False)), False),
            (((False, True, False), (False, True, False)), False),
            (((True, True, True), (False, True, False)), False),
            (((True, False, False),), False),
        ],
    )
    def test_hand_an_address_down(self, chain: Any, is_open: bool) -> None:
        found = self.world(*chain).objecting(email(contact_point_id="cp_email_2"))
        assert found == (set() if is_open else {"email-procedure"})


class TestPriorConsent:
    NIGHT = local("2026-06-10T22:00")

    def consent(self, *lifts: Any, **changes: Any) -> facts.Fact:
        return facts.PriorConsent(
            **{"received_at": NOON - DAY, "lifts": lifts or ("time",), **changes}
        )

    def test_lifts_the_hours(self) -> None:
        assert World(gate(self.consent())).verdict(at=self.NIGHT) == "permit"

    @pytest.mark.parametrize(
        "changes",
        [
            {"given_to": "creditor"},
            {"given_to": "prior_collector"},
            {"is_lawfully_given": False},
            {"withdrawn_at": NOON},
            {"received_at": NIGHT + timedelta(seconds=1)},
            {"until": NIGHT},
            {"account_ids": ("acct_2",)},
            {"party_id": "pty_1"},
            {"lifts": ("place", "workplace", "attorney")},
        ],
        ids=str,
    )
    def test_lifts_nothing_else(self, changes: dict[str, Any]) -> None:
        world = World(gate(self.consent(**changes)))
        assert world.objecting(at=self.NIGHT) == {"permitted-hours"}

    def test_lifts_by_a_courts_permission(self) -> None:
        court = self.consent(source="court", given_to="creditor")
        assert World(gate(court)).verdict(at=self.NIGHT) == "permit"

    LATE = facts.WeeklyWindow(from_minute=21 * 60 + 30, until_minute=22 * 60 + 30)

    @pytest.mark.parametrize(
        ("time", "objecting"),
        [
            ("21:29:59", {"permitted-hours"}),
            ("21:30", set()),
            ("22:29", set()),
            ("22:29:01", {"permitted-hours"}),  # a call may begin a minute later
            ("06:00", {"permitted-hours"}),
            ("12:00", set()),
        ],
    )
    def test_for_some_times_lifts_the_hours_within_them(
        self, time: str, objecting: set[str]
    ) -> None:
        world = World(gate(self.consent(windows=(self.LATE,))))
        assert world.objecting(at=local(f"2026-06-10T{time}")) == objecting

    @pytest.mark.parametrize(
        "changes",
        [
            {"given_to": "creditor"},
            {"withdrawn_at": NOON},
            {"until": NIGHT},
            {"party_id": "pty_1"},
            {"windows": (facts.WeeklyWindow(weekdays=(3,), from_minute=1290),)},
            {"windows": (facts.WeeklyWindow(from_minute=1290, zone="America/Denver"),)},
            {"windows": (facts.WeeklyWindow(from_minute=1290, last_date=date(2026, 6, 9)),)},
        ],
        ids=str,
    )
    def test_for_other_times_lifts_nothing(self, changes: dict[str, Any]) -> None:
        world = World(gate(self.consent(**{"windows": (self.LATE,), **changes})))
        assert world.objecting(at=self.NIGHT) == {"permitted-hours"}

    def test_says_when_such_a_time_begins_and_lasts_no_longer(self) -> None:
        world = World(gate(self.consent(windows=(self.LATE,))))
        refused = world.ask(at=local("2026-06-10T21:10"))
        assert refused.earliest_permitted_at == local("2026-06-10T21:30")
        granted = world.ask(at=local("2026-06-10T22:28"))
        assert granted.expires_at == local("2026-06-10T22:30")

    def test_for_some_times_takes_back_what_was_said_of_them(self) -> None:
        evenings = facts.InconvenientTime(
            windows=(facts.WeeklyWindow(from_minute=17 * 60),), received_at=NOON - DAY
        )
        until_seven = facts.WeeklyWindow(from_minute=18 * 60, until_minute=19 * 60)
        world = World(gate(evenings, self.consent(windows=(until_seven,))))
        assert world.objecting(at=local("2026-06-10T18:30")) == set()
        assert world.objecting(at=local("2026-06-10T19:30")) == {"inconvenient-time"}

    @pytest.mark.parametrize(
        ("windows", "later"),
        [((), timedelta(0)), ((), -DAY), ((LATE,), timedelta(0)), ((LATE,), -DAY)],
    )
    def test_is_taken_back_by_what_is_said_later(
        self, windows: tuple[Any, ...], later: timedelta
    ) -> None:
        nights = facts.InconvenientTime(
            windows=(facts.WeeklyWindow(from_minute=20 * 60),),
            received_at=NOON - timedelta(hours=1),
        )
        consent = self.consent(windows=windows, received_at=nights.received_at + later)
        expected = {"inconvenient-time"} if later else set()
        assert World(gate(nights, consent)).objecting(at=self.NIGHT) == expected

    @pytest.mark.parametrize("is_later", [False, True])
    def test_of_a_place_is_taken_back_by_what_is_said_later(self, is_later: bool) -> None:
        home = facts.InconvenientPlace(place="home", received_at=NOON - timedelta(hours=1))
        given_at = home.received_at + (timedelta(0) if is_later else -DAY)
        world = World(gate(home, self.consent("place", received_at=given_at)))
        expected = set() if is_later else {"inconvenient-place"}
        assert world.objecting(letter(), at=NOON + timedelta(hours=1)) == expected

    def test_for_some_times_lifts_nothing_but_the_clock(self) -> None:
        home = facts.InconvenientPlace(place="home", received_at=NOON - DAY)
        consent = self.consent("time", "place", windows=(self.LATE,))
        world = World(gate(home, consent))
        assert world.objecting(letter(), at=self.NIGHT) == {"inconvenient-place"}

    def test_lets_a_permit_live_no_longer_than_itself(self) -> None:
        ends = self.NIGHT + timedelta(minutes=2)
        granted = World(gate(self.consent(until=ends))).ask(at=self.NIGHT)
        assert granted.expires_at == ends

    def test_leaves_the_hours_of_a_state_alone(self) -> None:
        in_washington = facts.LocationEvidence(
            evidence="residential_address", zones=("America/Los_Angeles",), states=("WA",)
        )
        world = World(gate(self.consent(), in_washington, zones=("America/Los_Angeles",)))
        night = local("2026-06-11T02:00")
        (objection,) = world.ask(at=night).objections
        assert objection.rule == "permitted-hours"
        assert objection.law.startswith("STATE-WA")

    @pytest.mark.parametrize(
        ("bar", "fact", "what"),
        [
            ("attorney", facts.AttorneyRetained(received_at=NOON - 2 * DAY), letter()),
            (
                "place",
                facts.InconvenientPlace(place="home", received_at=NOON - 2 * DAY),
                letter(),
            ),
            (
                "time",
                facts.InconvenientTime(windows=(facts.WeeklyWindow(),), received_at=NOON - 2 * DAY),
                letter(),
            ),
        ],
    )
    def test_lifts_each_bar_by_its_name(self, bar: Any, fact: facts.Fact, what: Any) -> None:
        assert World(gate(fact)).verdict(what) != "permit"
        assert World(gate(fact, self.consent(bar))).verdict(what) == "permit"

    def test_lifts_an_employers_prohibition(self) -> None:
        at_work = point("cp_work", "phone", "work")
        forbidden = facts.EmployerProhibition(received_at=NOON - 2 * DAY)
        what = request(contact_point_id="cp_work")
        assert World(gate(at_work, forbidden)).objecting(what) == {"employer-prohibits"}
        consent = self.consent("workplace")
        assert World(gate(at_work, forbidden, consent)).verdict(what) == "permit"

    def test_does_not_lift_a_cease_notice(self) -> None:
        ceased = facts.CeaseNotice(received_at=NOON - 2 * DAY)
        consent = self.consent("time", "place", "workplace", "attorney")
        assert World(gate(ceased, consent)).objecting(letter()) == {"cease-notice"}


class TestAttorney:
    def test_that_nobody_can_find_bars_nothing(self) -> None:
        unknown = facts.AttorneyRetained(received_at=NOON - DAY, is_reachable=False)
        assert World(gate(unknown)).verdict(letter()) == "permit"


class TestPlace:
    def test_bars_the_media_the_person_meant(self) -> None:
        meant = facts.InconvenientPlace(
            place="home", received_at=NOON - DAY, media=("letter", "email")
        )
        line = point("cp_line", "phone", "landline")
        world = World(gate(meant, line))
        assert world.objecting(letter()) == {"inconvenient-place"}
        assert world.objecting(email()) == {"inconvenient-place"}
        assert world.verdict(request(contact_point_id="cp_line")) == "permit"

    def test_bars_everything_while_the_person_is_there(self) -> None:
        there = facts.InconvenientPlace(
            place="home", received_at=NOON - DAY, is_present=True, present_until=NOON
        )
        world = World(gate(there))
        assert world.objecting(text(), at=NOON - timedelta(hours=1)) == {"inconvenient-place"}
        assert world.verdict(text(), at=NOON) == "permit"


class TestValidationDue:
    def initial(self, **changes: Any) -> facts.Fact:
        return facts.InitialCommunication(
            **{
                "account_id": "acct_1",
                "at": local("2026-06-01T23:30"),
                "is_oral": True,
                **changes,
            }
        )

    def notice(self, **changes: Any) -> facts.Fact:
        return facts.ValidationNotice(
            **{"account_id": "acct_1", "provided_at": local("2026-06-04T12:00"), **changes}
        )

    def test_holds_from_the_sixth_day(self) -> None:
        world = World(gate(self.initial()))
        assert world.verdict(letter(), at=local("2026-06-06T20:00")) == "permit"
        assert world.objecting(letter(), at=local("2026-06-07T09:00")) == {"validation-due"}

    def test_lets_the_notice_go_out(self) -> None:
        world = World(gate(self.initial()))
        notice = letter(purpose="validation_notice")
        assert world.flags(notice, at=local("2026-06-06T20:00")) == set()
        assert world.verdict(notice, at=NOON) == "permit"
        assert world.flags(notice, at=NOON) == {"validation-due"}

    @pytest.mark.parametrize(
        ("initial", "notice", "is_due"),
        [
            ({}, {}, False),
            ({}, {"carries": "later"}, True),
            ({"is_oral": False}, {"carries": "later"}, False),
            ({"is_oral": False}, {"carries": "none"}, True),
            ({}, {"is_undeliverable": True}, True),
            ({}, {"account_id": "acct_2"}, True),
            ({"holds_validation": True}, {"is_undeliverable": True}, False),
        ],
        ids=str,
    )
    def test_asks_for_a_notice_that_will_do(
        self, initial: dict[str, Any], notice: dict[str, Any], is_due: bool
    ) -> None:
        world = World(gate(self.initial(**initial), self.notice(**notice)))
        assert world.objecting(letter(), at=NOON) == ({"validation-due"} if is_due else set())

    def test_is_over_once_nothing_is_owed(self) -> None:
        paid = facts.AccountStanding(account_id="acct_1", lifecycle="active", owes=False)
        world = World(gate(self.initial()))
        world.learn(paid, NOON, key="setup-1", version=2)
        assert world.objecting(letter(), at=NOON) == {"nothing-owed"}


class TestValidationDueByOwnContact:
    """Nobody has said when the initial communication was."""

    SINCE = facts.AccountKnown(
        account_id="acct_1", product_type="credit_card", placed_at=local("2026-05-20T09:00")
    )
    TOLD = local("2026-06-01T12:00")
    LATER = local("2026-06-07T09:00")

    def world(self, *more: facts.Fact, placed: facts.Fact = SINCE) -> World:
        world = World(gate(*more))
        world.learn(placed, START, key="setup-0", version=2)
        return world

    def test_flags_a_debt_told_of_by_a_letter_and_no_notice(self) -> None:
        world = self.world()
        world.contact(letter(), at=self.TOLD, outcome="letter_sent")
        assert world.flags(letter(), at=local("2026-06-06T20:00")) == set()
        assert world.flags(letter(), at=self.LATER) == {"validation-due"}
        assert world.flags(letter(purpose="validation_notice"), at=self.LATER) == {"validation-due"}

    def test_says_what_nobody_has_told(self) -> None:
        world = self.world()
        world.contact(at=self.TOLD, outcome="right_party_contact")
        (flag,) = world.ask(letter(), at=self.LATER).flags
        assert flag.facts["missing"] == "initial_communication, validation_notice"
        assert (flag.facts["account_id"], flag.facts["due_on"]) == ("acct_1", "2026-06-06")

    @pytest.mark.parametrize(
        "known",
        [
            facts.ValidationNotice(account_id="acct_1", provided_at=local("2026-05-25T12:00")),
            facts.InitialCommunication(
                account_id="acct_1", at=local("2026-05-21T12:00"), holds_validation=True
            ),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_is_over_once_somebody_has(self, known: facts.Fact) -> None:
        world = self.world(known)
        world.contact(letter(), at=self.TOLD, outcome="letter_sent")
        assert world.flags(letter(), at=self.LATER) == set()

    def test_is_not_over_by_a_notice_that_came_back(self) -> None:
        back = facts.ValidationNotice(
            account_id="acct_1", provided_at=local("2026-06-02T12:00"), is_undeliverable=True
        )
        world = self.world(back)
        world.contact(letter(), at=self.TOLD, outcome="letter_sent")
        assert world.flags(letter(), at=self.LATER) == {"validation-due"}

    @pytest.mark.parametrize(
        ("what", "outcome"),
        [
            (request(), "no_answer"),
            (request(channel="voicemail"), "voicemail_left_limited_content"),
            (letter(), "letter_returned"),
            (letter(purpose="location_information"), "letter_sent"),
        ],
        ids=str,
    )
    def test_takes_no_attempt_that_told_nothing(self, what: ContactRequest, outcome: str) -> None:
        world = self.world()
        world.contact(what, at=self.TOLD, outcome=outcome)
        assert world.flags(letter(), at=self.LATER) == set()

    @pytest.mark.parametrize(
        "placed_at", [None, local("2026-06-02T09:00")], ids=["not-said", "after-it"]
    )
    def test_concludes_nothing_of_what_went_before(self, placed_at: datetime | None) -> None:
        world = self.world(placed=replace(self.SINCE, placed_at=placed_at))
        world.contact(letter(), at=self.TOLD, outcome="letter_sent")
        assert world.flags(letter(), at=self.LATER) == set()

    def test_says_nothing_by_packs_of_before(self) -> None:
        world = self.world()
        world.contact(letter(), at=self.TOLD, outcome="letter_sent")
        assert world.ask(letter(), at=self.LATER, book=older()).flags == ()


def older() -> Book:
    """Return the book without what `validation-due` says of our own contacts."""
    packs = [
        replace(
            pack,
            terms=tuple(
                replace(each, names={"notice_purposes": each.names["notice_purposes"]})
                if each.rule == "validation-due"
                else each
                for each in pack.terms
            ),
        )
        for pack in BOOK.packs
    ]
    return rulebook.bind(packs)


class TestDisputeInTheValidationPeriod:
    def world(self, received: str, *notices: facts.Fact) -> World:
        dispute = facts.Dispute(account_id="acct_1", in_writing=True, received_at=local(received))
        return World(gate(dispute, *notices))

    NOTICE = facts.ValidationNotice(account_id="acct_1", provided_at=local("2026-07-01T12:00"))

    @pytest.mark.parametrize(
        ("received", "is_timely"), [("2026-08-08T23:59", True), ("2026-08-09T00:00", False)]
    )
    def test_is_told_by_the_notice_itself(self, received: str, is_timely: bool) -> None:
        found = self.world(received, self.NOTICE).objecting(letter(), at=local("2026-08-10T12:00"))
        assert found == ({"dispute-open"} if is_timely else set())

    def test_starts_again_with_a_second_notice(self) -> None:
        back = facts.ValidationNotice(
            account_id="acct_1", provided_at=local("2026-07-01T12:00"), is_undeliverable=True
        )
        again = facts.ValidationNotice(account_id="acct_1", provided_at=local("2026-07-20T12:00"))
        world = self.world("2026-08-20T12:00", back, again)
        assert world.objecting(letter(), at=local("2026-08-21T12:00")) == {"dispute-open"}


def test_consumer_is_the_consumer() -> None:
    assert World().verdict(request(party_id=CONSUMER)) == "permit"
