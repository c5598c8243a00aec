"""Acts other than contacts at the decider: both sides of each rule's boundaries."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.compliance.permits.domain import (
    GATES,
    ActCleared,
    ActRefused,
    ClearAct,
    PermitGranted,
)
from services.compliance.permits.domain.clearing import CLEARANCE_TTL
from services.compliance.rules import facts, rulebook
from services.compliance.rules.act_request import (
    Act,
    ActRequest,
    AddCharge,
    AllocatePayment,
    Allocation,
    AskInConversation,
    DefaultJudgment,
    DepositInstrument,
    Furnish,
    LegalAction,
    Purge,
    Question,
    Transfer,
)
from services.compliance.rules.facts import Fact
from services.compliance.rules.request import Circumstances
from tests.unit.compliance.samples import (
    BOOK,
    CONSUMER,
    NOON,
    START,
    TZ_VERSION,
    World,
    email,
    gate,
    local,
    point,
    request,
)

TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)
SUIT = LegalAction(form="suit", forum_state="AZ", forum_district="AZ-maricopa")


def asked(act: Act, *, at: datetime = NOON, clearance_id: str = "clr_1", **more: Any) -> ClearAct:
    known = {
        "consumer_id": CONSUMER,
        "account_ids": more.pop("account_ids", ("acct_1",)),
        "party_id": more.pop("party_id", CONSUMER),
    }
    return ClearAct(
        clearance_id=clearance_id,
        request=ActRequest(act=act, **known),
        tz_version=TZ_VERSION,
        now=at,
        **{"book": BOOK, **more},
    )


class Acting(World):
    """A gate at which acts other than contacts are asked about."""

    def __init__(self, *more: Fact, accounts: tuple[str, ...] = ("acct_1",)) -> None:
        super().__init__(gate(*more, accounts=accounts, states=("AZ",)))

    def clear(self, act: Act, *, at: datetime = NOON, **more: Any) -> ActCleared | ActRefused:
        self._count += 1
        (decided,) = self.do(asked(act, at=at, clearance_id=f"clr_{self._count}", **more))
        assert isinstance(decided, ActCleared | ActRefused)
        return decided

    def refusing(self, act: Act, *, at: datetime = NOON, **more: Any) -> set[str]:
        """Return the rules that object."""
        decided = self.clear(act, at=at, **more)
        return set() if isinstance(decided, ActCleared) else {e.rule for e in decided.objections}


def standing(lifecycle: Any = "active", *, owes: bool = True, **more: Any) -> facts.AccountStanding:
    return facts.AccountStanding(account_id="acct_1", lifecycle=lifecycle, owes=owes, **more)


def history(**changes: Any) -> facts.DebtHistory:
    """Return a debt of 2024 under a verified state's law, signed where it is sued for."""
    return facts.DebtHistory(
        **{
            "account_id": "acct_1",
            "contract": "written",
            "governing_state": "AZ",
            "incurred_on": date(2022, 1, 1),
            "defaulted_on": date(2024, 6, 10),
            "signed_in_district": "AZ-maricopa",
            **changes,
        }
    )


def service(**changes: Any) -> facts.MilitaryService:
    return facts.MilitaryService(
        **{
            "started_on": date(2026, 2, 1),
            "notice_received_on": date(2026, 5, 1),
            **changes,
        }
    )


class TestClearance:
    def test_is_an_event_that_lasts_for_minutes(self) -> None:
        world = Acting(facts.SpokenWith(account_id="acct_1", spoken_at=NOON - DAY))
        cleared = world.clear(Furnish())
        assert isinstance(cleared, ActCleared)
        assert cleared.expires_at == NOON + CLEARANCE_TTL
        assert cleared.rule_pack == BOOK.label

    def test_never_lasts_past_midnight(self) -> None:
        world = Acting(facts.SpokenWith(account_id="acct_1", spoken_at=NOON - DAY))
        cleared = world.clear(Furnish(), at=local("2026-06-10T23:55"))
        assert isinstance(cleared, ActCleared)
        assert cleared.expires_at == local("2026-06-11T00:00")

    @pytest.mark.parametrize(
        ("at", "known", "until"),
        [
            ("2026-06-10T20:59:30", [], "2026-06-10T21:00"),
            ("2026-06-10T12:00", [], "2026-06-10T12:15"),
            (
                "2026-06-10T12:00",
                [
                    facts.InconvenientTime(
                        windows=(facts.WeeklyWindow(from_minute=725),), received_at=NOON - DAY
                    )
                ],
                "2026-06-10T12:05",
            ),
            (
                "2026-06-10T21:30",
                [
                    facts.PriorConsent(
                        received_at=NOON - DAY, lifts=("time",), until=local("2026-06-10T21:33")
                    )
                ],
                "2026-06-10T21:33",
            ),
        ],
    )
    def test_of_a_question_of_consent_ends_with_the_lawful_time(
        self, at: str, known: list[Fact], until: str
    ) -> None:
        world = Acting(*known)
        act = AskInConversation(question="consent_to_continue", contact_point_id="cp_phone")
        cleared = world.clear(act, at=local(at))
        assert isinstance(cleared, ActCleared)
        assert cleared.expires_at == local(until)
        expected = set() if until == "2026-06-10T12:15" else {"consent-question"}
        assert world.refusing(act, at=cleared.expires_at) == expected

    def test_of_what_is_convenient_lasts_into_the_unlawful_time(self) -> None:
        at = local("2026-06-10T20:59:30")
        cleared = Acting().clear(AskInConversation(question="convenient_time_or_place"), at=at)
        assert isinstance(cleared, ActCleared)
        assert cleared.expires_at == at + CLEARANCE_TTL

    def test_is_judged_beside_it_by_packs_in_shadow(self) -> None:
        pack = next(each for each in BOOK.packs if each.pack == "limitation-arizona")
        book = rulebook.bind([each for each in BOOK.packs if each is not pack], [pack])
        late = history(defaulted_on=date(2015, 6, 10))
        refused = Acting(late).clear(SUIT, book=book)
        assert isinstance(refused, ActRefused)
        (observed,) = refused.observed
        assert (observed.pack, observed.verdict) == (pack.label, "deny")
        assert {each.rule for each in observed.objections} == {"limitation-period"}
        assert "limitation-period" not in {each.rule for each in refused.objections}

    def test_is_decided_once(self) -> None:
        world = Acting()
        world.clear(Furnish())
        assert GATES.decide(asked(Furnish(), clearance_id="clr_1"), world.state) == ()

    def test_is_decided_again_alike_from_its_own_event(self) -> None:
        world = Acting(facts.Dispute(account_id="acct_1", in_writing=False, received_at=NOON - DAY))
        before = world.state
        refused = world.clear(Furnish())
        assert isinstance(refused, ActRefused)
        again = ClearAct(
            clearance_id=refused.clearance_id,
            request=refused.request,
            book=BOOK,
            tz_version=refused.tz_version,
            circumstances=refused.circumstances,
            now=refused.at,
        )
        assert GATES.decide(again, before) == (refused,)

    @pytest.mark.parametrize(
        ("circumstances", "rule"),
        [
            (Circumstances(stale=("compliance-facts-from-ledger",)), "facts-stale"),
            (Circumstances(unapplied=("account-acct_1",)), "facts-stale"),
            (Circumstances(parked=("evt_1",)), "facts-parked"),
        ],
    )
    def test_fails_closed(self, circumstances: Circumstances, rule: str) -> None:
        assert rule in Acting().refusing(Furnish(), circumstances=circumstances)

    def test_is_refused_for_an_unknown_account(self) -> None:
        assert "account-unknown" in Acting().refusing(Furnish(), account_ids=("acct_9",))


class TestFurnishing:
    def sent(self, **changes: Any) -> facts.DebtMessageSent:
        at = local("2026-05-01T10:00")
        return facts.DebtMessageSent(**{"account_id": "acct_1", "sent_at": at, **changes})

    def test_waits_for_the_fifteenth_day_exactly(self) -> None:
        world = Acting(self.sent())
        refused = world.clear(Furnish(), at=local("2026-05-10T12:00"))
        assert isinstance(refused, ActRefused)
        opens = local("2026-05-15T00:00")
        assert refused.verdict == "defer"
        assert refused.earliest_permitted_at == opens
        assert world.refusing(Furnish(), at=opens - timedelta(seconds=1)) != set()
        assert world.refusing(Furnish(), at=opens) == set()

    @pytest.mark.parametrize(
        ("undeliverable", "is_cleared"),
        [("2026-05-14T23:59", False), ("2026-05-15T00:00", True), (None, True)],
    )
    def test_takes_no_notice_of_a_late_return(
        self, undeliverable: str | None, *, is_cleared: bool
    ) -> None:
        back = local(undeliverable) if undeliverable else None
        world = Acting(self.sent(undeliverable_at=back))
        assert (world.refusing(Furnish(), at=local("2026-06-01T12:00")) == set()) is is_cleared

    def test_needs_the_returns_to_be_watched(self) -> None:
        world = Acting(self.sent(is_monitored=False))
        assert world.refusing(Furnish()) == {"contact-before-furnishing"}

    def test_needs_every_account_to_have_been_spoken_of(self) -> None:
        world = Acting(self.sent(), accounts=("acct_1", "acct_2"))
        assert world.refusing(Furnish(), account_ids=("acct_1", "acct_2")) != set()
        assert world.refusing(Furnish()) == set()

    def test_stands_on_a_conversation_long_forgotten(self) -> None:
        world = Acting()
        world.contact(at=NOON, outcome="right_party_contact")
        later = NOON + 60 * DAY
        world.ask(at=later)  # which forgets the attempt
        assert world.refusing(Furnish(), at=later) == set()

    @pytest.mark.parametrize("outcome", ["voicemail_left", "no_answer", "bankruptcy_stated"])
    def test_needs_the_consumer_to_have_spoken(self, outcome: str) -> None:
        world = Acting()
        world.contact(at=NOON, outcome=outcome)
        assert world.refusing(Furnish(), at=NOON + 20 * DAY) == {"contact-before-furnishing"}

    def test_stands_on_an_email_until_it_comes_back(self) -> None:
        world = Acting()
        permit_id = world.contact(email(), at=NOON, outcome="email_sent")
        waited = local("2026-06-24T00:00")
        assert world.refusing(Furnish(), at=waited - timedelta(seconds=1)) != set()
        assert world.refusing(Furnish(), at=waited) == set()
        world.report(permit_id, "email_bounced", at=NOON + DAY)
        assert world.refusing(Furnish(), at=waited + 30 * DAY) == {"contact-before-furnishing"}

    def test_knows_no_conversation_of_an_unknown_outcome_that_was_none(self) -> None:
        world = Acting()
        permit_id = world.contact(at=NOON, outcome="unknown")
        world.report(permit_id, "wrong_number", at=NOON + timedelta(hours=1))
        assert world.refusing(Furnish(), at=NOON + DAY) == {"contact-before-furnishing"}

    def test_keeps_few_ways_and_those_that_count(self) -> None:
        world = Acting()
        for number in range(9):
            world.contact(email(), at=NOON + number * DAY, outcome="email_sent")
        world.contact(at=NOON + 10 * DAY, outcome="right_party_contact")
        ways = world.state.reached["acct_1"]
        assert len(ways) == 4
        assert [each.is_spoken for each in ways] == [False, False, False, True]

    @pytest.mark.parametrize(
        ("fact", "rules"),
        [
            (facts.Dispute(account_id="acct_1", in_writing=False, received_at=NOON, timely=False),
             {"dispute-not-marked"}),
            (facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON, answered=True),
             {"dispute-not-marked"}),
            (facts.AccountHold(account_id="acct_1", hold_id="h", reason="dispute"),
             {"dispute-not-marked"}),
            (facts.AccountHold(account_id="acct_1", hold_id="h", reason="hardship"), set()),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="agency_block", received_at=NOON),
             {"identity-theft-block", "identity-theft-refurnishing"}),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="agency_block", received_at=NOON, rescinded_at=NOON,
                found_correct_at=NOON), set()),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="consumer_report", received_at=NOON),
             {"identity-theft-refurnishing"}),
            (facts.IdentityTheftReport(
                account_id="acct_2", source="consumer_report", received_at=NOON), set()),
            (standing("closed", owes=False, reason="fraud_identity_theft"),
             {"identity-theft-refurnishing"}),
        ],
    )  # fmt: skip
    def test_says_what_is_disputed_and_not_what_was_stolen(
        self, fact: Fact, rules: set[str]
    ) -> None:
        spoken = facts.SpokenWith(account_id="acct_1", spoken_at=NOON - DAY)
        world = Acting(spoken, fact)
        assert world.refusing(Furnish()) == rules
        assert world.refusing(Furnish(is_marked_disputed=True)) == rules - {"dispute-not-marked"}


class TestDelinquencyDate:
    SPOKEN = facts.SpokenWith(account_id="acct_1", spoken_at=NOON - 9 * DAY)

    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            (history(), set()),
            (history(defaulted_on=None), {"delinquency-date"}),
            (None, set()),
        ],
        ids=["dated", "undated", "nothing-told"],
    )
    def test_is_flagged_where_nobody_has_told_it(
        self, told: facts.DebtHistory | None, expected: set[str]
    ) -> None:
        world = Acting(self.SPOKEN, *([] if told is None else [told]))
        cleared = world.clear(Furnish())
        assert isinstance(cleared, ActCleared)
        assert {each.flag for each in cleared.flags} == expected
        of_checks = world.clear(Furnish(recipient="check_specialty"))
        assert of_checks.flags == ()

    def test_is_flagged_of_a_placed_debt_without_a_history(self) -> None:
        world = Acting(self.SPOKEN)
        placed = facts.AccountKnown(
            account_id="acct_1", product_type="credit_card", placed_at=START
        )
        world.learn(placed, START, key="setup-0", version=2)
        assert {each.flag for each in world.clear(Furnish()).flags} == {"delinquency-date"}


class TestFurnisherInvestigation:
    def rules(self, days: int, *, marked: bool = True, **more: Any) -> set[str]:
        notice = facts.ReportingDispute(
            account_id="acct_1", noticed_at=NOON - timedelta(days=days), **more
        )
        spoken = facts.SpokenWith(account_id="acct_1", spoken_at=NOON - 99 * DAY)
        return Acting(spoken, notice).refusing(Furnish(is_marked_disputed=marked))

    @pytest.mark.parametrize(
        ("days", "is_extended", "expected"),
        [
            (30, False, set()),
            (31, False, {"furnisher-investigation"}),
            (45, True, set()),
            (46, True, {"furnisher-investigation"}),
        ],
    )
    def test_is_done_in_time(self, *, days: int, is_extended: bool, expected: set[str]) -> None:
        assert self.rules(days, is_extended=is_extended) == expected

    def test_leaves_the_debt_disputed_meanwhile(self) -> None:
        assert self.rules(1, marked=False) == {"dispute-not-marked"}

    def test_is_of_the_debt_in_question_and_of_reporting(self) -> None:
        notice = facts.ReportingDispute(account_id="acct_2", noticed_at=NOON - 99 * DAY)
        spoken = facts.SpokenWith(account_id="acct_1", spoken_at=NOON - 99 * DAY)
        assert Acting(spoken, notice).refusing(Furnish(is_marked_disputed=True)) == set()
        own = facts.ReportingDispute(account_id="acct_1", noticed_at=NOON - 99 * DAY)
        assert "furnisher-investigation" not in Acting(own).refusing(Purge(records="all"))


class TestIdentityTheftNotice:
    def flags(self, **changes: Any) -> set[str]:
        report = facts.IdentityTheftReport(
            **{
                "account_id": "acct_1",
                "source": "consumer_report",
                "received_at": NOON - DAY,
                **changes,
            }
        )
        flags = {each.flag for each in Acting(report).ask().flags}
        return flags & {"identity-theft-notice"}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, {"identity-theft-notice"}),
            ({"creditor_notified_at": NOON}, set()),
            ({"rescinded_at": NOON}, set()),
            ({"account_id": "acct_2"}, set()),
            ({"source": "agency_block"}, set()),
        ],
        ids=str,
    )
    def test_goes_to_the_creditor(self, changes: dict[str, Any], expected: set[str]) -> None:
        assert self.flags(**changes) == expected


class TestTransfer:
    @pytest.mark.parametrize(
        ("fact", "act", "rules"),
        [
            (standing(), Transfer(way="sale"), set()),
            (standing(owes=False), Transfer(way="sale"), {"paid-debt-transfer"}),
            (standing("closed", owes=False, reason="settled_in_full"),
             Transfer(way="placement"), {"paid-debt-transfer"}),
            (standing("closed", owes=False, reason="paid_in_full"),
             Transfer(way="other_consideration", recipient="owner"), set()),
            (standing("closed", owes=False, reason="paid_in_full"),
             Transfer(way="other_consideration", recipient="previous_owner"),
             {"paid-debt-transfer"}),
            (standing("closed", owes=False, reason="paid_in_full"),
             Transfer(way="other_consideration", recipient="previous_owner",
                      has_contract_right=True), set()),
            (standing("closed", owes=False, reason="paid_in_full"),
             Transfer(way="lien", has_lien_notice=True), {"paid-debt-transfer"}),
            (standing("recalled", owes=False, reason="creditor_request"),
             Transfer(way="sale"), set()),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="agency_block", received_at=NOON),
             Transfer(way="sale"), {"identity-theft-transfer"}),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="agency_block", received_at=NOON, party_id="cns_2"),
             Transfer(way="sale"), {"identity-theft-transfer"}),
            (facts.IdentityTheftReport(
                account_id="acct_1", source="agency_block", received_at=NOON, rescinded_at=NOON),
             Transfer(way="sale"), set()),
            (facts.Bankruptcy(learned_at=NOON, discharged_on=TODAY),
             Transfer(way="sale"), {"paid-debt-transfer"}),
            (facts.Bankruptcy(learned_at=NOON, discharged_on=TODAY, party_id="cns_2"),
             Transfer(way="sale"), {"paid-debt-transfer"}),  # of who owes it too
            (facts.Bankruptcy(learned_at=NOON, discharged_on=TODAY, reaffirmed=("acct_1",)),
             Transfer(way="sale"), set()),
            (facts.Bankruptcy(learned_at=NOON, discharged_on=TODAY + DAY),
             Transfer(way="sale"), set()),
            (facts.Bankruptcy(learned_at=NOON, chapter=7),
             Transfer(way="placement"), {"bankruptcy-stay"}),
            (facts.Bankruptcy(learned_at=NOON, discharged_on=TODAY),
             Transfer(way="lien", has_lien_notice=True), set()),
        ],
    )  # fmt: skip
    def test_is_of_open_debts_with_the_exceptions_of_the_rule(
        self, fact: Fact, act: Act, rules: set[str]
    ) -> None:
        world = Acting()
        world.learn(fact, NOON)
        assert world.refusing(act) == rules


class TestSuit:
    @pytest.mark.parametrize(
        ("changes", "rules"),
        [
            ({}, set()),
            ({"defaulted_on": date(2020, 6, 10)}, set()),  # the last day of six years
            ({"defaulted_on": date(2020, 6, 9)}, {"limitation-period"}),
            ({"defaulted_on": None}, {"limitation-period"}),
            ({"contract": "judgment"}, {"limitation-period"}),
            ({"governing_state": "AL"}, {"limitation-period"}),  # not read in the law
            ({"governing_state": "PR"}, {"time-barred"}),  # no period known at all
            ({"governing_state": "CA", "defaulted_on": date(2022, 6, 9)}, {"limitation-period"}),
            ({"stated_expiry": TODAY}, set()),
            ({"stated_expiry": TODAY - DAY}, {"time-barred"}),
            ({"signed_in_district": "AZ-pima"}, {"venue"}),
            ({"signed_in_district": None}, {"venue"}),
            ({"governing_state": "TX", "defaulted_on": date(2022, 6, 10)}, set()),
            ({"governing_state": "TX", "defaulted_on": date(2022, 6, 9)},
             {"limitation-period", "time-barred-debt-buyer"}),
            # A restart helps a creditor, but never whoever may be a debt buyer.
            ({"governing_state": "TX", "defaulted_on": date(2021, 6, 9), "restarted_by": "payment",
              "restarted_on": date(2023, 1, 1)}, {"time-barred-debt-buyer"}),
            ({"governing_state": "TX", "defaulted_on": date(2021, 6, 9), "restarted_by": "payment",
              "restarted_on": date(2023, 1, 1), "is_debt_buyers": False}, set()),
        ],
    )  # fmt: skip
    def test_is_brought_in_time_and_in_its_place(
        self, changes: dict[str, Any], rules: set[str]
    ) -> None:
        assert Acting(history(**changes)).refusing(SUIT) == rules

    def test_on_a_debt_of_unknown_history_is_barred(self) -> None:
        assert Acting().refusing(SUIT) == {"time-barred", "venue"}

    def test_is_judged_by_every_state_the_person_may_be_in(self) -> None:
        lives = facts.LocationEvidence(evidence="address", states=("CA",))
        world = Acting(history(defaulted_on=date(2022, 6, 9)), lives)
        refused = world.clear(SUIT)
        assert isinstance(refused, ActRefused)
        (objection,) = refused.objections
        assert "Cal. Code" in objection.citation

    def test_on_an_unread_period_says_that_it_is_for_counsel(self) -> None:
        refused = Acting(history(governing_state="AL")).clear(SUIT)
        assert isinstance(refused, ActRefused)
        assert [each.is_verified for each in refused.objections] == [False]

    @pytest.mark.parametrize("form", ["suit", "threat", "arbitration"])
    def test_is_barred_in_every_form(self, form: Any) -> None:
        act = LegalAction(form=form, forum_state="AZ", forum_district="AZ-maricopa")
        world = Acting(history(defaulted_on=date(2019, 1, 1)))
        assert "limitation-period" in world.refusing(act)

    def test_leaves_a_proof_of_claim_alone(self) -> None:
        known = (
            history(defaulted_on=date(2019, 1, 1)),
            facts.Bankruptcy(learned_at=NOON, filed_on=TODAY),
        )
        assert Acting(*known).refusing(LegalAction(form="proof_of_claim")) == set()

    def test_timely_only_by_military_service_is_for_a_person(self) -> None:
        served = service(started_on=date(2021, 1, 1), ended_on=date(2021, 1, 30))
        late = Acting(history(defaulted_on=date(2020, 5, 11)), served)
        refused = late.clear(SUIT)
        assert isinstance(refused, ActRefused)
        assert refused.verdict == "review"
        assert {each.flag for each in refused.flags} == {"service-tolling"}
        later = Acting(history(defaulted_on=date(2020, 5, 10)), served).clear(SUIT)
        assert isinstance(later, ActRefused)
        assert later.verdict == "deny"

    def test_is_not_made_timely_by_the_service_of_who_owes_the_debt_too(self) -> None:
        served = service(
            started_on=date(2021, 1, 1),
            ended_on=date(2021, 1, 30),
            party_id="cns_2",
            account_ids=("acct_1",),
        )
        late = Acting(history(defaulted_on=date(2020, 5, 11)), served).clear(SUIT)
        assert isinstance(late, ActRefused)
        assert late.verdict == "deny"

    def test_about_land_is_brought_where_the_land_lies(self) -> None:
        act = LegalAction(
            form="suit", forum_state="AZ", forum_district="AZ-pima", enforces_real_property=True
        )
        assert Acting(history()).refusing(act) == {"venue"}
        assert Acting(history(property_district="AZ-pima")).refusing(act) == set()

    def test_where_the_consumer_lives_is_in_its_place(self) -> None:
        world = Acting(history(signed_in_district=None), facts.Residence(district="AZ-maricopa"))
        assert world.refusing(SUIT) == set()

    @pytest.mark.parametrize(
        ("fact", "rules"),
        [
            (facts.AccountHold(account_id="acct_1", hold_id="h", reason="hardship"),
             {"account-held"}),
            (facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON),
             {"dispute-unanswered"}),
            (facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON, answered=True),
             set()),
            (facts.Dispute(account_id="acct_1", in_writing=False, received_at=NOON), set()),
            (facts.OriginalCreditorRequest(account_id="acct_1", in_writing=True, received_at=NOON),
             {"dispute-unanswered"}),
        ],
    )  # fmt: skip
    def test_waits_for_what_is_to_be_answered(self, fact: Fact, rules: set[str]) -> None:
        assert Acting(history(), fact).refusing(SUIT) == rules

    @pytest.mark.parametrize(
        ("known", "act", "rules"),
        [
            ((), DefaultJudgment(), {"service-affidavit"}),
            ((), DefaultJudgment(affidavit="not_in_service"), set()),
            ((service(),), DefaultJudgment(affidavit="not_in_service"), {"service-affidavit"}),
            ((service(ended_on=TODAY - DAY),), DefaultJudgment(affidavit="not_in_service"), set()),
            ((service(ended_on=TODAY),), DefaultJudgment(affidavit="unable_to_determine"),
             {"service-affidavit"}),
            ((service(party_id="cns_2", account_ids=("acct_1",)),),
             DefaultJudgment(affidavit="not_in_service"), set()),
            ((service(),), DefaultJudgment(affidavit="in_service"), {"service-affidavit"}),
            ((service(),), DefaultJudgment(affidavit="in_service", has_appointed_attorney=True),
             set()),
        ],
    )  # fmt: skip
    def test_ends_in_no_default_judgment_without_its_affidavit(
        self, known: tuple[Fact, ...], act: Act, rules: set[str]
    ) -> None:
        assert Acting(history(), *known).refusing(act) == rules


class TestMoney:
    @pytest.mark.parametrize(
        ("act", "rules"),
        [
            (AddCharge(charge="fee", basis="agreement", authority="clause 4"), set()),
            (AddCharge(charge="convenience_fee"), {"unauthorized-amount"}),
            (AddCharge(charge="fee", basis="law", authority="  "), {"unauthorized-amount"}),
        ],
    )
    def test_is_asked_for_on_a_named_basis(self, act: Act, rules: set[str]) -> None:
        assert Acting().refusing(act) == rules

    @pytest.mark.parametrize(
        ("known", "changes", "verdict"),
        [
            ((service(),), {}, "deny"),
            ((service(),), {"rate_basis_points": 600}, None),
            ((service(),), {"rate_basis_points": 601}, "deny"),
            ((service(),), {"rate_basis_points": None}, "deny"),
            ((service(),), {"until_on": date(2026, 1, 31)}, None),
            ((service(),), {"until_on": date(2026, 2, 1)}, "deny"),
            ((service(ended_on=date(2026, 3, 1)),), {"from_on": date(2026, 3, 2)}, None),
            ((service(notice_received_on=None),), {}, None),
            ((service(), history(incurred_on=date(2026, 2, 1))), {}, None),
            ((service(), history(incurred_on=date(2026, 1, 31))), {}, "deny"),
            ((service(party_id="cns_2"),), {}, None),
            ((service(party_id="cns_2", account_ids=("acct_1",)),), {}, "deny"),
            ((service(party_id="cns_2", account_ids=("acct_2",)),), {}, None),
            ((service(),), {"charge": "fee"}, "review"),
            ((service(),), {"charge": "cost"}, None),
        ],
    )
    def test_is_capped_in_military_service(
        self, known: tuple[Fact, ...], changes: dict[str, Any], verdict: str | None
    ) -> None:
        act = AddCharge(
            **{
                "charge": "interest",
                "basis": "agreement",
                "authority": "clause 2",
                "rate_basis_points": 1800,
                "from_on": date(2026, 1, 1),
                "until_on": TODAY,
                **changes,
            }
        )
        decided = Acting(*known).clear(act)
        assert (decided.verdict if isinstance(decided, ActRefused) else None) == verdict

    @pytest.mark.parametrize(
        ("given", "directed", "is_cleared"),
        [
            ({"acct_2": 100}, {}, True),
            ({"acct_1": 1, "acct_2": 99}, {}, False),
            ({"acct_2": 100}, {"acct_3": 100}, False),
            ({"acct_3": 100}, {"acct_3": 100}, True),
            ({"acct_3": 60, "acct_2": 40}, {"acct_3": 60}, True),
            ({"acct_3": 59, "acct_2": 41}, {"acct_3": 60}, False),
            ({"acct_1": 100}, {"acct_1": 100}, False),  # never to a disputed debt
        ],
    )
    def test_goes_where_the_consumer_says_and_to_no_disputed_debt(
        self, given: dict[str, int], directed: dict[str, int], *, is_cleared: bool
    ) -> None:
        accounts = ("acct_1", "acct_2", "acct_3")
        dispute = facts.Dispute(account_id="acct_1", in_writing=False, received_at=NOON)

        def parts(amounts: dict[str, int]) -> tuple[Allocation, ...]:
            return tuple(Allocation(account_id=key, amount=each) for key, each in amounts.items())

        act = AllocatePayment(allocations=parts(given), directed=parts(directed))
        world = Acting(dispute, accounts=accounts)
        assert (world.refusing(act, account_ids=accounts) == set()) is is_cleared

    def test_on_a_single_debt_may_be_taken_while_it_is_disputed(self) -> None:
        dispute = facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON)
        act = AllocatePayment(allocations=(Allocation(account_id="acct_1", amount=100),))
        assert Acting(dispute).refusing(act) == set()

    @pytest.mark.parametrize(
        ("received", "dated", "deposit", "notice", "is_cleared"),
        [
            ("2026-06-01", "2026-06-06", "2026-06-08", None, True),  # five days are no postdating
            ("2026-06-01", "2026-06-07", "2026-06-08", None, False),
            ("2026-06-01", "2026-06-26", "2026-06-26", "2026-06-23", True),
            ("2026-06-01", "2026-06-26", "2026-06-26", "2026-06-24", False),
            ("2026-06-01", "2026-06-26", "2026-06-26", "2026-06-11", True),
            ("2026-06-01", "2026-06-26", "2026-06-26", "2026-06-10", False),
            ("2026-06-01", "2026-06-26", "2026-06-25", "2026-06-22", False),
            # Sent on a Saturday: three business days by one way of counting, two by the other.
            ("2026-06-01", "2026-06-24", "2026-06-24", "2026-06-20", False),
        ],
    )
    def test_of_a_postdated_check_waits_for_notice_and_date(
        self, received: str, dated: str, deposit: str, notice: str | None, *, is_cleared: bool
    ) -> None:
        act = DepositInstrument(
            received_on=date.fromisoformat(received),
            dated_on=date.fromisoformat(dated),
            deposit_on=date.fromisoformat(deposit),
            notice_sent_on=date.fromisoformat(notice) if notice else None,
        )
        assert (Acting().refusing(act) == set()) is is_cleared


class TestPurge:
    closed = standing("closed", owes=False, reason="paid_in_full", since=local("2027-02-15T15:00"))

    def test_waits_for_three_years_exactly(self) -> None:
        world = Acting()
        world.learn(self.closed, NOON)
        refused = world.clear(Purge(records="all"), at=local("2028-01-01T12:00"))
        assert isinstance(refused, ActRefused)
        opens = local("2030-02-16T00:00")
        assert refused.earliest_permitted_at == opens
        assert world.refusing(Purge(records="all"), at=opens - timedelta(seconds=1)) != set()
        assert world.refusing(Purge(records="all"), at=opens) == set()

    def test_takes_the_later_of_what_is_said_and_known(self) -> None:
        world = Acting()
        world.learn(self.closed, NOON)
        earlier = Purge(records="all", last_activity_on=date(2026, 1, 1))
        later = Purge(records="all", last_activity_on=date(2027, 3, 1))
        at = local("2030-02-20T12:00")
        assert world.refusing(earlier, at=at) == set()
        assert world.refusing(later, at=at) == {"record-retention"}

    def test_waits_while_the_account_is_worked(self) -> None:
        refused = Acting().clear(Purge(records="all", last_activity_on=date(2020, 1, 1)))
        assert isinstance(refused, ActRefused)
        assert refused.earliest_permitted_at is None

    def test_of_a_recording_goes_by_its_own_call(self) -> None:
        act = Purge(records="call_recording", recorded_on=date(2026, 3, 1))
        assert Acting().refusing(act, at=local("2029-03-01T23:59")) == {"record-retention"}
        assert Acting().refusing(act, at=local("2029-03-02T00:00")) == set()
        assert Acting().refusing(Purge(records="call_recording")) == {"record-retention"}

    def test_of_an_original_is_free_while_a_good_copy_is_kept(self) -> None:
        today = NOON.date()
        assert Acting().refusing(Purge(records="all", last_activity_on=today)) != set()
        copied = Purge(records="all", last_activity_on=today, copy_kept="accurate_and_accessible")
        assert Acting().refusing(copied) == set()
        held = Acting()
        held.learn(facts.AccountHold(account_id="acct_1", hold_id="h", reason="legal_hold"), NOON)
        assert held.refusing(copied) == {"record-retention"}

    def test_is_refused_under_a_legal_hold(self) -> None:
        hold = facts.AccountHold(account_id="acct_1", hold_id="h", reason="legal_hold")
        act = Purge(records="call_recording", recorded_on=date(2020, 3, 1))
        assert Acting(hold).refusing(act) == {"record-retention"}


CO_DEBTOR = facts.PartyKnown(party_id="pty_2", role="co_debtor")


class TestBankruptcy:
    @pytest.mark.parametrize(
        ("changes", "rules"),
        [
            ({}, {"bankruptcy-stay"}),
            ({"filed_on": TODAY}, {"bankruptcy-stay"}),
            ({"filed_on": TODAY + DAY}, set()),
            ({"filed_on": TODAY, "ended_on": TODAY + DAY}, {"bankruptcy-stay"}),
            ({"filed_on": TODAY - DAY, "ended_on": TODAY}, set()),  # dismissed
            ({"discharged_on": TODAY}, {"bankruptcy-discharge"}),
            ({"discharged_on": TODAY, "reaffirmed": ("acct_1",)}, set()),
            ({"discharged_on": TODAY + DAY}, {"bankruptcy-stay"}),
            ({"stay_lifted": ("acct_1",)}, set()),
            ({"postpetition": ("acct_1",)}, set()),
            ({"account_ids": ("acct_2",)}, set()),
            ({"account_ids": ("acct_1",)}, {"bankruptcy-stay"}),
            ({"party_id": "pty_2", "chapter": 7}, set()),
            ({"party_id": "pty_2", "chapter": 11}, set()),
            ({"party_id": "pty_2", "chapter": 12}, {"bankruptcy-codebtor"}),
            ({"party_id": "pty_2", "chapter": 13}, {"bankruptcy-codebtor"}),
            ({"party_id": "pty_2", "discharged_on": TODAY}, set()),
            ({"party_id": "pty_2"}, {"bankruptcy-codebtor"}),
        ],
    )
    def test_bars_contact_and_suit_alike(self, changes: dict[str, Any], rules: set[str]) -> None:
        case = facts.Bankruptcy(learned_at=NOON, **changes)
        world = Acting(CO_DEBTOR, history(), case)
        assert world.objecting() == rules
        assert world.refusing(SUIT) == rules

    @pytest.mark.parametrize(
        ("chapter", "rules"),
        [
            (7, set()),
            (12, {"bankruptcy-codebtor"}),
            (13, {"bankruptcy-codebtor"}),
            (None, {"bankruptcy-codebtor"}),
        ],
    )
    def test_of_the_consumer_protects_a_codebtor_in_chapters_12_and_13(
        self, chapter: int | None, rules: set[str]
    ) -> None:
        case = facts.Bankruptcy(learned_at=NOON, chapter=chapter)
        world = Acting(CO_DEBTOR, history(), case, facts.Residence(district="AZ-maricopa"))
        assert world.refusing(SUIT, party_id="pty_2") == rules

    def test_lets_notices_in_the_case_pass(self) -> None:
        world = Acting(facts.Bankruptcy(learned_at=NOON, filed_on=TODAY))
        assert world.objecting(request(purpose="bankruptcy_notice")) == set()

    def test_revokes_what_was_permitted(self) -> None:
        world = World()
        granted = world.ask()
        assert isinstance(granted, PermitGranted)
        world.learn(facts.Bankruptcy(learned_at=NOON, filed_on=TODAY), NOON)
        assert world.state.slots[granted.permit_id].status == "revoked"


class TestExpiredDebt:
    @pytest.mark.parametrize(
        ("state", "last_day", "rules"),
        [
            ("MS", date(2023, 6, 10), set()),
            ("MS", date(2023, 6, 9), {"debt-extinguished"}),
            ("AZ", date(2019, 6, 9), set()),
        ],
    )
    def test_is_not_collected_where_the_right_has_gone(
        self, state: str, last_day: date, rules: set[str]
    ) -> None:
        lives = facts.LocationEvidence(evidence="address", states=(state,))
        known = history(contract="open", governing_state=state, defaulted_on=last_day)
        assert World(gate(known, lives)).objecting() == rules

    @pytest.mark.parametrize(
        ("changes", "flags"),
        [
            ({}, set()),
            ({"defaulted_on": date(2019, 6, 9)}, {"time-barred-notice"}),
            ({"stated_expiry": TODAY - DAY}, {"time-barred-notice"}),
            ({"stated_expiry": TODAY}, set()),
        ],
    )
    def test_may_be_asked_for_with_a_flag(self, changes: dict[str, Any], flags: set[str]) -> None:
        lives = facts.LocationEvidence(evidence="address", states=("AZ",))
        found = World(gate(history(**changes), lives)).flags()
        assert found - {"licence-needed"} == flags


class TestQuestions:
    NEVER = facts.InconvenientTime(windows=(facts.WeeklyWindow(),), received_at=NOON - DAY)
    LATE = local("2026-06-10T21:30")
    LIFT = facts.PriorConsent(received_at=NOON - DAY, lifts=("time",))

    def asking(self, question: Question, *known: Fact, **more: Any) -> set[str]:
        point = more.pop("contact_point_id", None)
        act = AskInConversation(question=question, contact_point_id=point)
        return Acting(*known).refusing(act, **more)

    @pytest.mark.parametrize("question", ["consent_to_continue", "consent_to_later_contact"])
    def test_of_consent_need_a_lawful_conversation(self, question: Question) -> None:
        assert self.asking(question) == set()
        assert self.asking(question, self.NEVER) == {"consent-question"}
        assert self.asking(question, at=self.LATE) == {"consent-question"}
        assert self.asking(question, self.LIFT, at=self.LATE) == set()

    def test_of_what_is_convenient_may_always_be_asked(self) -> None:
        assert self.asking("convenient_time_or_place", self.NEVER, at=self.LATE) == set()

    @pytest.mark.parametrize(
        "fact",
        [
            facts.InconvenientPlace(place="home", received_at=NOON - DAY, is_present=True),
            facts.AttorneyRetained(received_at=NOON - DAY),
        ],
    )
    def test_of_consent_need_a_place_and_a_person_to_speak_with(self, fact: Fact) -> None:
        assert self.asking("consent_to_continue", fact) == {"consent-question"}

    def test_are_refused_at_work_where_the_employer_forbids_it(self) -> None:
        work = facts.ContactPointKnown(
            contact_point_id="cp_work",
            point_kind="phone",
            label="work",
            digest="0" * 64,
            states=("AZ",),
        )
        forbids = facts.EmployerProhibition(received_at=NOON - DAY)
        known = (work, forbids)
        assert self.asking("consent_to_continue", *known, contact_point_id="cp_phone") == set()
        assert self.asking("consent_to_continue", *known, contact_point_id="cp_work") == {
            "consent-question"
        }

    @pytest.mark.parametrize("point_id", [None, "cp_nobody_knows", "cp_of_another", "cp_wrong"])
    @pytest.mark.parametrize(
        ("bar", "lifted"),
        [
            (facts.InconvenientPlace(place="work", received_at=NOON - DAY), "place"),
            (facts.InconvenientPlace(place="home", received_at=NOON - DAY), "place"),
            (facts.EmployerProhibition(received_at=NOON - DAY), "workplace"),
        ],
    )
    def test_of_consent_are_taken_to_be_where_they_may_not_be_put(
        self, bar: Fact, lifted: facts.Lifted, point_id: str | None
    ) -> None:
        anothers = facts.ContactPointKnown(
            contact_point_id="cp_of_another",
            point_kind="phone",
            label="mobile",
            digest="0" * 64,
            party_id="pty_2",
        )
        wrong = facts.WrongNumber(contact_point_id="cp_wrong", learned_at=NOON - DAY)
        known = (point("cp_wrong", "phone"), anothers, wrong, bar)
        asking: Question = "consent_to_continue"
        assert self.asking(asking, *known, contact_point_id="cp_phone") == set()
        assert self.asking(asking, *known, contact_point_id=point_id) == {"consent-question"}
        lift = facts.PriorConsent(received_at=NOON - DAY, lifts=(lifted,))
        assert self.asking(asking, *known, lift, contact_point_id=point_id) == set()

    def test_of_consent_are_not_barred_by_what_is_anothers(self) -> None:
        forbids = facts.EmployerProhibition(received_at=NOON - DAY, party_id="pty_2")
        place = facts.InconvenientPlace(place="work", received_at=NOON - DAY, party_id="pty_2")
        assert self.asking("consent_to_continue", forbids, place) == set()
