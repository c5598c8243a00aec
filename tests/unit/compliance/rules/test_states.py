"""What states and cities ask beside their numbers: consent, notices, licences, places."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.compliance.rules import facts
from services.compliance.rules.request import Circumstances, ContactRequest
from tests.unit.compliance.samples import (
    NOON,
    START,
    World,
    account,
    email,
    gate,
    letter,
    local,
    point,
    request,
)


def living_in(*states: str, more: tuple[facts.Fact, ...] = (), **changes: Any) -> World:
    """Return a consumer whom addresses place in states and cities."""
    places = [
        facts.LocationEvidence(evidence=each, zones=("America/New_York",), states=(each,))
        for each in states
    ]
    return World(gate(*places, *more, **changes))


def objecting(world: World, what: ContactRequest | None = None, **more: Any) -> set[str]:
    decision = world.ask(what, **more)
    return {each.rule for each in getattr(decision, "objections", ())}


BARRED = facts.LimitationPeriod(
    account_id="acct_1", barred_from=date(2026, 6, 10), obsolete_from=date(2026, 12, 1)
)
OLD = facts.LimitationPeriod(
    account_id="acct_1", barred_from=date(2024, 6, 10), obsolete_from=date(2026, 6, 10)
)


def sent(notice: str, **changes: Any) -> facts.NoticeSent:
    return facts.NoticeSent(
        **{"account_id": "acct_1", "notice": notice, "sent_at": START, **changes}
    )


def may_email(**changes: Any) -> facts.MessageConsent:
    return facts.MessageConsent(
        **{"medium": "email", "procedure": "direct_consent", "given_at": START, **changes}
    )


class TestMessageConsent:
    @pytest.mark.parametrize("state", ["DC", "NYC", "NY"])
    def test_is_asked_beyond_the_federal_procedures(self, state: str) -> None:
        at = local("2026-09-10T12:00")
        assert objecting(living_in(state), email(), at=at) == {"message-consent-needed"}
        assert objecting(living_in(state, more=(may_email(),)), email(), at=at) == set()

    @pytest.mark.parametrize(
        "consent",
        [
            may_email(given_to="creditor"),
            may_email(withdrawn_at=START),
            may_email(contact_point_id="cp_other"),
            may_email(given_at=NOON + timedelta(days=1)),
            may_email(procedure="consumer_used"),
        ],
    )
    def test_is_given_to_this_collector_and_in_force(self, consent: facts.MessageConsent) -> None:
        world = living_in("NY", more=(consent,))
        assert "message-consent-needed" in objecting(world, email())

    def test_is_not_asked_elsewhere_or_of_letters(self) -> None:
        assert objecting(living_in("VT"), email()) == set()
        assert objecting(living_in("DC"), letter()) == set()

    def test_is_not_asked_of_a_reply(self) -> None:
        wrote = facts.InboundMessage(
            message_id="inb_1", channel="email", received_at=NOON, contact_point_id="cp_email"
        )
        world = living_in("NY", more=(wrote,))
        assert objecting(world, email(act="reply"), at=NOON + timedelta(hours=1)) == set()

    def test_may_be_sought_once_a_week_in_the_district(self) -> None:
        world = living_in("DC")
        seeking = email(purpose="consent_request")
        world.contact(seeking, at=local("2026-06-01T10:00"), outcome="email_sent")
        assert objecting(world, seeking, at=local("2026-06-07T20:00")) == {"contact-frequency"}
        assert objecting(world, seeking, at=local("2026-06-08T10:00")) == set()


def placed(product_type: str = "credit_card") -> facts.AccountKnown:
    return facts.AccountKnown(account_id="acct_1", product_type=product_type, placed_at=START)


class TestDisclosureInWriting:
    AT = local("2026-09-10T12:00")

    def world(self, state: str, *more: facts.Fact, account: facts.AccountKnown) -> World:
        world = living_in(state, more=more)
        world.learn(account, START, key="setup-0", version=2)
        return world

    def test_goes_with_the_first_letter_to_california(self) -> None:
        world = self.world("CA", account=placed())
        assert objecting(world, letter()) == {"disclosure-in-writing"}
        first = letter(disclosures=("ca_rights",))
        world.contact(first, at=NOON, outcome="letter_sent")
        assert objecting(world, letter(), at=NOON + timedelta(days=5)) == set()

    def test_is_asked_again_where_the_first_came_back(self) -> None:
        world = self.world("CA", account=placed())
        world.contact(letter(disclosures=("ca_rights",)), at=NOON, outcome="letter_returned")
        again = objecting(world, letter(), at=NOON + timedelta(days=5))
        assert "disclosure-in-writing" in again

    @pytest.mark.parametrize(
        "what",
        [request(), email(), letter(purpose="location_information")],
        ids=["call", "email", "location"],
    )
    def test_is_not_asked_of_anything_else(self, what: ContactRequest) -> None:
        world = self.world("CA", account=placed())
        assert "disclosure-in-writing" not in objecting(world, what)

    def test_is_not_asked_first_of_a_debt_whose_past_is_unknown(self) -> None:
        assert objecting(living_in("CA"), letter()) == set()

    def test_is_for_counsel(self) -> None:
        decision = self.world("CA", account=placed()).ask(letter())
        assert [each.is_verified for each in decision.objections] == [False]

    @pytest.mark.parametrize(
        ("product_type", "at", "expected"),
        [
            ("medical", "2026-09-10T12:00", {"disclosure-in-writing"}),
            ("medical", "2026-08-31T12:00", set()),
            ("credit_card", "2026-09-10T12:00", set()),
        ],
    )
    def test_is_asked_of_medical_debt_in_new_york_city(
        self, product_type: str, at: str, expected: set[str]
    ) -> None:
        world = self.world("NYC", account=placed(product_type))
        assert objecting(world, letter(), at=local(at)) == expected
        world = self.world("NYC", sent("nyc_medical"), account=placed(product_type))
        assert objecting(world, letter(), at=local(at)) == set()


class TestDisclosuresByOwnContact:
    def world(self, *more: facts.Fact) -> World:
        world = World(gate(*more, states=("NY",)))
        world.learn(placed(), START, key="setup-0", version=2)
        world.contact(letter(), at=local("2026-06-01T12:00"), outcome="letter_sent")
        return world

    def flagged(self, world: World, what: ContactRequest, day: int) -> list[str]:
        decision = world.ask(what, at=local(f"2026-06-{day:02}T12:00"))
        return [
            str(each.facts["missing"]) for each in decision.flags if each.flag == "disclosures-due"
        ]

    def test_are_flagged_once_they_are_overdue(self) -> None:
        missing = ["initial_communication, ny_prohibited_conduct, ny_exempt_income"]
        assert self.flagged(self.world(), letter(), 6) == []
        assert self.flagged(self.world(), letter(), 7) == missing
        assert self.flagged(self.world(sent("ny_exempt_income")), letter(), 7) == [
            "initial_communication, ny_prohibited_conduct"
        ]

    def test_are_given_with_the_letter_that_carries_them(self) -> None:
        both = letter(disclosures=("ny_prohibited_conduct", "ny_exempt_income"))
        assert self.flagged(self.world(), both, 7) == []


class TestAttorneysNotice:
    CALIFORNIA = "STATE-CA-TIMEBARRED-NOTICE"

    def laws(self, is_noticed: bool | None, **changes: Any) -> set[str]:
        retained = facts.AttorneyRetained(received_at=START, is_noticed_by_attorney=is_noticed)
        decision = living_in("CA", more=(retained,)).ask(letter(**changes))
        return {each.law for each in decision.objections}

    @pytest.mark.parametrize(
        ("is_noticed", "expected"),
        [(True, {CALIFORNIA}), (None, {CALIFORNIA}), (False, set())],
    )
    def test_is_asked_for_beside_federal_law(
        self, *, is_noticed: bool | None, expected: set[str]
    ) -> None:
        assert self.laws(is_noticed) == {"REGF-ATTORNEY", *expected}

    def test_leaves_statements_of_account_to_federal_law(self) -> None:
        assert self.laws(True, purpose="statement_of_account") == {"REGF-ATTORNEY"}


class TestUnknownLimitation:
    """A debt without a day from which its period runs."""

    DATED = facts.DebtHistory(
        account_id="acct_1", contract="written", defaulted_on=date(2026, 1, 10)
    )

    def world(self, state: str, *histories: facts.Fact) -> World:
        world = living_in(state, more=histories)
        world.learn(placed(), START, key="setup-0", version=2)
        return world

    def at_home(self, state: str, *histories: facts.Fact) -> World:
        """Return somebody whom nothing places anywhere else."""
        world = World(gate(*histories, states=(state,)))
        world.learn(placed(), START, key="setup-0", version=2)
        return world

    @pytest.mark.parametrize("state", ["TX", "NY", "CA", "NYC"])
    def test_is_flagged_where_a_notice_would_be_asked(self, state: str) -> None:
        undated = facts.DebtHistory(account_id="acct_1", contract="written")
        what = letter(disclosures=("ca_rights",))
        world = self.world(state, undated)
        at = local("2026-09-10T12:00")
        (flag,) = [
            each for each in world.ask(what, at=at).flags if each.flag == "time-barred-disclosure"
        ]
        assert flag.facts["account_id"] == "acct_1"
        assert flag.facts["missing"] in ("defaulted_on", f"limitation period of {state}")

    def test_names_the_history_where_none_was_told(self) -> None:
        (flag,) = [each for each in self.world("TX").ask(letter()).flags if "missing" in each.facts]
        assert flag.facts["missing"] == "debt_history"

    @pytest.mark.parametrize(
        ("contract", "state", "missing"),
        [
            ("written", "TX", "defaulted_on"),
            ("judgment", "TX", "limitation period of TX"),
            ("consumer_transaction", "OH", "last_payment_on"),
        ],
    )
    def test_is_named_by_what_is_missing(self, contract: Any, state: str, missing: str) -> None:
        defaulted_on = None if contract == "written" else date(2026, 1, 10)
        told = facts.DebtHistory(account_id="acct_1", contract=contract, defaulted_on=defaulted_on)
        world = self.at_home(state, told)
        remedy = letter(purpose="intends_to_invoke_specified_remedy")
        found = {
            each.facts["missing"]
            for each in world.ask(remedy).flags
            if each.flag == "time-barred-notice"
        }
        assert found == {missing}

    @pytest.mark.parametrize(
        "known",
        [DATED, facts.DebtHistory(account_id="acct_1", stated_expiry=date(2029, 1, 1))],
        ids=["dated", "stated"],
    )
    def test_is_over_once_it_is_known(self, known: facts.Fact) -> None:
        assert self.world("TX", known).flags(letter()) == {"licence-needed"}

    def test_is_not_flagged_where_the_notice_is_given(self) -> None:
        world = self.world("TX")
        assert world.flags(letter(disclosures=("tx_time_barred",))) == {"licence-needed"}
        assert world.flags(request()) == {"licence-needed"}

    def test_is_not_flagged_of_a_debt_of_which_nobody_told_anything(self) -> None:
        assert living_in("TX").flags(letter()) == {"licence-needed"}

    @pytest.mark.parametrize(
        ("purpose", "expected"),
        [
            ("intends_to_invoke_specified_remedy", {"time-barred-notice"}),
            ("invoke_specified_remedy_ordinarily_invoked", {"time-barred-notice"}),
            ("payment_demand", set()),
        ],
    )
    def test_is_flagged_where_a_remedy_is_spoken_of(self, purpose: str, expected: set[str]) -> None:
        what = letter(purpose=purpose)
        assert self.at_home("MI").flags(what) - {"licence-needed"} == expected
        assert self.at_home("MI", self.DATED).flags(what) == {"licence-needed"}
        # Nobody has read the period of Vermont.
        assert self.at_home("VT", self.DATED).flags(what) == expected


class TestNevadaMedicalNotice:
    MEDICAL = tuple(account("acct_1", product_type="medical"))

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [("2026-06-29T12:00", "defer"), ("2026-06-30T12:00", "permit")],
    )
    def test_is_mailed_sixty_days_before(self, asked: str, expected: str) -> None:
        notice = sent("nv_medical", sent_at=local("2026-05-01T12:00"))
        world = living_in("NV", more=(*self.MEDICAL, notice))
        assert world.verdict(at=local(asked)) == expected

    def test_says_when_the_days_are_over(self) -> None:
        notice = sent("nv_medical", sent_at=local("2026-05-01T12:00"))
        world = living_in("NV", more=(*self.MEDICAL, notice))
        assert world.earliest(at=local("2026-06-01T12:00")) == local("2026-06-30T08:00:01")

    def test_that_was_never_mailed_means_no_but_for_itself(self) -> None:
        world = living_in("NV", more=self.MEDICAL)
        assert world.verdict() == "deny"
        assert world.verdict(letter(disclosures=("nv_medical",))) == "permit"
        assert world.verdict(email(disclosures=("nv_medical",))) == "deny"

    def test_is_not_asked_of_other_debts_or_elsewhere(self) -> None:
        assert living_in("NV").verdict() == "permit"
        assert living_in("VT", more=self.MEDICAL).verdict() == "permit"


class TestTimeBarredNotice:
    @pytest.mark.parametrize(
        ("state", "period", "carried", "expected"),
        [
            ("CA", BARRED, (), "deny"),
            ("CA", BARRED, ("ca_time_barred_may_report",), "permit"),
            ("CA", BARRED, ("ca_time_barred_will_not_report",), "deny"),
            ("CA", OLD, ("ca_time_barred_may_report",), "deny"),
            ("CA", OLD, ("ca_time_barred_will_not_report",), "permit"),
            ("NY", BARRED, (), "deny"),
            ("NY", BARRED, ("ny_time_barred",), "permit"),
            ("TX", BARRED, (), "deny"),
            ("TX", BARRED, ("tx_time_barred",), "permit"),
            ("VT", BARRED, (), "permit"),
        ],
    )
    def test_goes_with_the_first_writing(
        self, state: str, period: facts.Fact, carried: tuple[str, ...], expected: str
    ) -> None:
        world = living_in(state, more=(period,))
        assert world.verdict(letter(disclosures=carried)) == expected

    def test_begins_on_the_date_on_which_suit_is_barred(self) -> None:
        world = living_in("CA", more=(BARRED,))
        assert world.verdict(letter(), at=NOON - timedelta(days=1)) == "permit"

    def test_is_given_once_in_california_and_each_time_in_the_city(self) -> None:
        once = living_in("CA", more=(BARRED, sent("ca_time_barred_may_report")))
        assert once.verdict(letter()) == "permit"
        city = living_in("NYC", more=(BARRED, sent("nyc_time_barred")))
        at = local("2026-09-10T12:00")
        assert city.verdict(letter(), at=at) == "deny"
        assert city.verdict(letter(disclosures=("nyc_time_barred",)), at=at) == "permit"

    def test_comes_before_a_call_in_new_york(self) -> None:
        assert living_in("NY", more=(BARRED,)).verdict() == "deny"
        assert living_in("NY", more=(BARRED, sent("ny_time_barred"))).verdict() == "permit"
        assert living_in("CA", more=(BARRED,)).verdict() == "permit"

    def test_is_of_the_safer_wording_where_reporting_is_in_doubt(self) -> None:
        unknown = facts.LimitationPeriod(account_id="acct_1", barred_from=date(2020, 1, 1))
        world = living_in("CA", more=(unknown,))
        assert world.verdict(letter(disclosures=("ca_time_barred_may_report",))) == "deny"
        assert world.verdict(letter(disclosures=("ca_time_barred_will_not_report",))) == "permit"


class TestTimeBarredByItsHistory:
    """What the ledger knows of a debt says when it can no longer be sued for."""

    def debt(self, **changes: Any) -> facts.DebtHistory:
        known = {"account_id": "acct_1", "contract": "open", "defaulted_on": date(2022, 6, 9)}
        return facts.DebtHistory(**{**known, **changes})

    def is_barred(self, state: str, **changes: Any) -> bool:
        return "time-barred-disclosure" in objecting(
            living_in(state, more=(self.debt(**changes),)), letter()
        )

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, True),
            ({"defaulted_on": date(2022, 6, 10)}, False),
            ({"defaulted_on": None}, False),
            ({"defaulted_on": None, "stated_expiry": date(2026, 6, 9)}, True),
            ({"defaulted_on": None, "stated_expiry": date(2026, 6, 10)}, False),
            ({"account_id": "acct_2"}, False),
            ({"contract": None, "defaulted_on": date(2024, 6, 9)}, True),
            ({"contract": "judgment"}, False),
        ],
        ids=str,
    )
    def test_in_california(self, *, changes: dict[str, Any], expected: bool) -> None:
        assert self.is_barred("CA", **changes) is expected

    def test_by_the_law_that_governs_it(self) -> None:
        younger = {"defaulted_on": date(2023, 6, 9)}
        assert not self.is_barred("CA", **younger)
        assert self.is_barred("CA", **younger, governing_state="DE")

    @pytest.mark.parametrize(
        ("defaulted_on", "code"),
        [
            (date(2022, 6, 9), "ca_time_barred_may_report"),
            (date(2018, 12, 12), "ca_time_barred_will_not_report"),
            (date(2018, 12, 13), "ca_time_barred_will_not_report"),
            (date(2018, 12, 14), "ca_time_barred_may_report"),
        ],
    )
    def test_is_worded_by_whether_it_may_be_reported(self, defaulted_on: date, code: str) -> None:
        # 180 days and seven years after 13 December 2018 is 11 June 2026, one day too long ago.
        world = living_in("CA", more=(self.debt(defaulted_on=defaulted_on),))
        at = local("2026-06-11T12:00")
        assert objecting(world, letter(disclosures=(code,)), at=at) == set()


class TestNoticesGiven:
    """The gate learns from its own attempts what they disclosed."""

    FIRST = letter(disclosures=("ca_time_barred_may_report",))

    def world(self) -> World:
        return living_in("CA", more=(BARRED,))

    def test_are_known_from_the_outcome_on(self) -> None:
        world = self.world()
        permit_id = world.contact(self.FIRST, at=NOON, outcome="letter_sent")
        later = NOON + timedelta(days=90)
        assert world.verdict(letter(), at=later) == "permit"
        world.report(permit_id, "letter_returned", at=NOON + timedelta(days=6))
        assert world.verdict(letter(), at=later) == "deny"

    def test_are_not_known_before_it(self) -> None:
        world = self.world()
        world.redeem(world.ask(self.FIRST), at=NOON)
        assert world.verdict(letter(), at=NOON + timedelta(hours=1)) == "deny"

    def test_are_not_given_by_a_call_that_reached_nobody(self) -> None:
        said = request(disclosures=("ny_time_barred",))
        for outcome, expected in (("no_answer", "deny"), ("right_party_contact", "permit")):
            world = living_in("NY", more=(BARRED,))
            world.contact(said, at=NOON, outcome=outcome)
            assert world.verdict(letter(), at=NOON + timedelta(days=1)) == expected

    def test_outlast_their_attempt_and_are_kept_once(self) -> None:
        world = self.world()
        for day in range(0, 60, 15):
            at = NOON + timedelta(days=day)
            world.contact(self.FIRST, at=at, outcome="letter_sent")
        assert len(world.state.notices) == 1
        assert len(world.state.slots) == 1


class TestNewYorkDisclosures:
    FIRST = facts.InitialCommunication(
        account_id="acct_1", at=local("2026-06-01T12:00"), holds_validation=True
    )
    BOTH = ("ny_prohibited_conduct", "ny_exempt_income")

    @pytest.mark.parametrize(
        ("at", "expected"), [("2026-06-06T12:00", "permit"), ("2026-06-07T12:00", "deny")]
    )
    def test_are_due_within_five_days(self, at: str, expected: str) -> None:
        assert living_in("NY", more=(self.FIRST,)).verdict(at=local(at)) == expected

    def test_may_come_late_and_open_the_way(self) -> None:
        world = living_in("NY", more=(self.FIRST, sent(self.BOTH[0])))
        assert world.verdict(letter()) == "deny"
        assert world.verdict(letter(disclosures=(self.BOTH[1],))) == "permit"
        given = living_in("NY", more=(self.FIRST, *(sent(each) for each in self.BOTH)))
        assert given.verdict() == "permit"


class TestSubstantiation:
    ASKED = facts.SubstantiationRequest(account_id="acct_1", received_at=START)
    DONE = facts.SubstantiationRequest(
        account_id="acct_1", received_at=START, is_substantiated=True
    )

    def test_stops_collection_until_it_is_given(self) -> None:
        world = living_in("NY", more=(self.ASKED,))
        assert objecting(world, letter()) == {"substantiation-pending"}
        assert objecting(world, letter(purpose="substantiation")) == set()
        assert objecting(living_in("NY", more=(self.DONE,)), letter()) == set()
        assert objecting(living_in("VT", more=(self.ASKED,)), letter()) == set()

    @pytest.mark.parametrize(("answered", "is_pending"), [(False, True), (True, False)])
    def test_is_asked_for_by_a_dispute(self, *, answered: bool, is_pending: bool) -> None:
        dispute = facts.Dispute(
            account_id="acct_1", in_writing=False, received_at=START, answered=answered
        )
        found = objecting(living_in("NY", more=(dispute,)), letter())
        assert ("substantiation-pending" in found) == is_pending


class TestWork:
    PHONE = point("cp_work", "phone", "work")
    AT_WORK = request(contact_point_id="cp_work")
    STOP = facts.InconvenientPlace(place="work", received_at=START)

    @pytest.mark.parametrize("state", ["MA", "OR", "FL", "NC", "NH"])
    def test_is_left_alone_by_state_law_too(self, state: str) -> None:
        world = living_in(state, more=(self.PHONE, self.STOP))
        found = objecting(world, self.AT_WORK)
        assert {"inconvenient-place", "work-contact-stopped"} <= found
        assert objecting(world) == set()

    def test_comes_last_in_oregon(self) -> None:
        world = living_in("OR", more=(self.PHONE,))
        assert objecting(world, self.AT_WORK) == {"work-contact-last"}
        world.contact(at=NOON - timedelta(days=6))
        assert objecting(world, self.AT_WORK) == set()
        assert objecting(world, self.AT_WORK, at=NOON + timedelta(days=2)) == {"work-contact-last"}

    def test_is_free_once_a_week_in_oregon(self) -> None:
        world = living_in("OR", more=(self.PHONE,))
        world.contact(at=NOON - timedelta(days=1))
        world.contact(self.AT_WORK, at=NOON)
        assert "contact-frequency" in objecting(world, self.AT_WORK, at=NOON + timedelta(days=1))


class TestLicence:
    def licensed(self, *authorities: str) -> Circumstances:
        return Circumstances(licences=authorities)

    @pytest.mark.parametrize("state", ["WY", "IL", "NYC", "CHI", "BUF", "YON", "DE", "TX"])
    def test_is_asked_where_the_law_asks_for_one(self, state: str) -> None:
        at, world = local("2026-09-10T12:00"), living_in(state)
        none = objecting(world, letter(), at=at, circumstances=self.licensed())
        assert none == {"licence-needed"}
        held = objecting(world, letter(), at=at, circumstances=self.licensed(state))
        assert held == set()

    def test_is_asked_of_every_place_indicated(self) -> None:
        world = living_in("WY", "IL")
        found = world.ask(letter(), circumstances=self.licensed("IL"))
        assert [each.facts["authorities"] for each in found.objections] == ["WY"]

    def test_is_flagged_where_nothing_is_recorded(self) -> None:
        assert living_in("WY").flags(letter()) == {"licence-needed"}
        assert living_in("VT").flags(letter()) == set()

    def test_is_known_at_second_hand_only(self) -> None:
        decision = living_in("WY").ask(letter(), circumstances=self.licensed())
        assert [each.is_verified for each in decision.objections] == [False]


class TestJurisdictionUnknown:
    @pytest.mark.parametrize("states", [(), ("ZZ",), ("New York",), ("ny",)])
    def test_is_a_no(self, states: tuple[str, ...]) -> None:
        events = gate(zones=())
        here = facts.LocationEvidence(evidence="stated", zones=("America/New_York",), states=states)
        world = World(events)
        world.learn(here, START)
        assert world.objecting(letter()) == {"jurisdiction-unknown"}

    @pytest.mark.parametrize("state", ["VT", "PR", "GU", "XX"])
    def test_is_not_for_a_state_a_territory_or_the_place_for_trials(self, state: str) -> None:
        world = World(gate(zones=()))
        world.learn(
            facts.LocationEvidence(evidence="x", zones=("America/New_York",), states=(state,)),
            START,
        )
        assert world.objecting(letter()) == set()

    def test_takes_a_city_beside_its_state(self) -> None:
        world = World(gate(zones=()))
        number = facts.ContactPointKnown(
            contact_point_id="cp_city",
            point_kind="phone",
            label="mobile",
            digest="c",
            zones=("America/New_York",),
            states=("NY",),
            localities=("NYC",),
        )
        world.learn(number, START)
        at = local("2026-09-10T12:00")
        laws = {each.law for each in world.ask(email(), at=at).objections}
        assert laws == {"STATE-NYC-FREQ", "STATE-NY-DFS"}


def test_calls_are_remembered_until_it_is_known_where_they_went() -> None:
    world = living_in("MA")
    later = request(contact_point_id="cp_later")
    for days in (20, 19):
        world.called(NOON - timedelta(days=days), later)
    world.learn(point("cp_later", "phone", "work"), NOON - timedelta(hours=1))
    assert "contact-frequency" in objecting(world, later)


def test_conversations_count_in_pennsylvania_toward_what_was_talked_of() -> None:
    accounts = ("acct_1", "acct_2", "acct_3")
    world = living_in("PA", accounts=accounts)
    both = request(account_ids=accounts[:2])
    talked = {"outcome": "right_party_contact", "raised": ("acct_1",), "discussed": ("acct_3",)}
    world.called(NOON - timedelta(days=1), both, **talked)
    met = [
        "STATE-PA-FCEUA"
        in {
            each.law
            for each in getattr(world.ask(request(account_ids=(account,))), "objections", ())
        }
        for account in accounts
    ]
    assert met == [True, False, True]
