from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.compliance.rules import facts
from tests.unit.compliance.samples import NOON, World, account, email, gate, letter, local, request


class TestStanding:
    @pytest.mark.parametrize(
        ("lifecycle", "owes", "rules"),
        [
            ("active", True, set()),
            ("active", False, {"nothing-owed"}),
            ("received", True, {"account-not-active"}),
            ("recalled", True, {"account-not-active"}),
            ("closed", False, {"account-not-active", "nothing-owed"}),
        ],
    )
    def test_decides(self, lifecycle: str, owes: bool, rules: set[str]) -> None:
        world = World(gate(*account("acct_2", lifecycle=lifecycle, owes=owes)))
        assert world.objecting(request(account_ids=("acct_2",))) == rules

    def test_of_any_account_asked_about_decides(self) -> None:
        world = World(gate(*account("acct_2", owes=False)))
        assert world.objecting(request(account_ids=("acct_1", "acct_2"))) == {"nothing-owed"}


class TestUnknown:
    def test_account_is_a_no(self) -> None:
        assert World().objecting(request(account_ids=("acct_9",))) == {
            "account-unknown",
            "account-not-active",
        }

    def test_no_account_is_a_no(self) -> None:
        assert World().objecting(request(account_ids=())) == {"account-unknown"}

    def test_product_type_is_a_no(self) -> None:
        world = World(gate(*account("acct_2", product_type="gambling")))
        assert world.objecting(request(account_ids=("acct_2",))) == {"product-type-unknown"}

    def test_party_is_a_no(self) -> None:
        assert "party-unfit" in World().objecting(request(party_id="pty_9"))

    def test_third_party_is_asked_for_location_only(self) -> None:
        known = facts.PartyKnown(party_id="pty_3", role="third_party")
        phone = facts.ContactPointKnown(
            contact_point_id="cp_3", point_kind="phone", label="mobile", digest="d",
            party_id="pty_3", zones=("America/New_York",), states=("VT",),
        )  # fmt: skip
        world = World(gate(known, phone))
        what = {"party_id": "pty_3", "contact_point_id": "cp_3"}
        assert world.objecting(request(**what)) == {"party-unfit"}
        assert world.verdict(request(**what, purpose="location_information")) == "permit"

    @pytest.mark.parametrize("point", [None, "cp_unknown", "cp_email"])
    def test_contact_point_is_a_no(self, point: str | None) -> None:
        assert World().objecting(request(contact_point_id=point)) == {"contact-point-unfit"}

    def test_empty_gate_is_a_no(self) -> None:
        assert {"account-unknown", "contact-point-unfit", "location-unknown"} <= World(
            []
        ).objecting()


class TestHold:
    def test_stops_the_account(self) -> None:
        hold = facts.AccountHold(account_id="acct_1", hold_id="hold_1", reason="fraud")
        world = World(gate(hold, accounts=("acct_1", "acct_2")))
        assert world.objecting() == {"account-hold"}
        assert world.verdict(request(account_ids=("acct_2",))) == "permit"

    def test_for_a_dispute_leaves_its_answer(self) -> None:
        hold = facts.AccountHold(account_id="acct_1", hold_id="hold_1", reason="dispute")
        world = World(gate(hold))
        assert world.verdict(letter(purpose="dispute_verification")) == "permit"
        assert world.objecting(letter()) == {"account-hold"}


class TestDispute:
    def disputed(self, **changes: object) -> World:
        values: dict[str, object] = {
            "account_id": "acct_1", "in_writing": True, "received_at": NOON, **changes
        }  # fmt: skip
        return World(gate(facts.Dispute(**values), accounts=("acct_1", "acct_2")))  # type: ignore[arg-type]

    def test_stops_collection(self) -> None:
        assert self.disputed().objecting() == {"dispute-open"}

    @pytest.mark.parametrize(
        "change", [{"in_writing": False}, {"timely": False}, {"answered": True}]
    )
    def test_that_is_oral_late_or_answered_does_not(self, change: dict[str, bool]) -> None:
        assert self.disputed(**change).verdict() == "permit"

    def test_leaves_other_accounts(self) -> None:
        assert self.disputed().verdict(request(account_ids=("acct_2",))) == "permit"

    def test_of_a_part_leaves_the_rest(self) -> None:
        world = self.disputed(disputed_amount=30_000)
        assert world.objecting() == {"dispute-open"}
        assert world.verdict(request(portion="undisputed")) == "permit"

    def test_of_the_whole_leaves_no_rest(self) -> None:
        assert self.disputed().objecting(request(portion="undisputed")) == {"dispute-open"}

    def test_leaves_its_answer(self) -> None:
        assert self.disputed().verdict(letter(purpose="dispute_verification")) == "permit"

    @pytest.mark.parametrize(
        ("received", "is_stopped"), [("2026-07-08T23:59", True), ("2026-07-09T00:01", False)]
    )
    def test_is_timely_until_the_end_of_the_last_day(self, received: str, is_stopped: bool) -> None:
        ends = facts.ValidationPeriodEnd(
            account_id="acct_1", ends_on=datetime(2026, 7, 8, tzinfo=UTC).date()
        )
        dispute = facts.Dispute(account_id="acct_1", in_writing=True, received_at=local(received))
        world = World(gate(ends, dispute))
        assert world.objecting() == ({"dispute-open"} if is_stopped else set())


class TestDuplicativeNotice:
    WHAT = letter(purpose="duplicative_dispute_notice")
    FLAG = frozenset({"duplicative-notice"})

    def dispute(self, **changes: Any) -> facts.Dispute:
        return facts.Dispute(
            **{"account_id": "acct_1", "in_writing": True, "received_at": NOON, **changes}
        )

    def test_answers_a_dispute_that_was_answered_before(self) -> None:
        world = World(gate(self.dispute(answered=True), self.dispute(says_the_same=True)))
        assert world.flags(self.WHAT) == set()
        assert world.verdict(self.WHAT) == "permit"

    @pytest.mark.parametrize("change", [{"says_the_same": False}, {"brings_new": True}])
    def test_is_no_answer_to_what_is_new(self, change: dict[str, bool]) -> None:
        world = World(gate(self.dispute(answered=True), self.dispute(**change)))
        assert world.objecting(self.WHAT) == self.FLAG
        assert "duplicative-notice" not in world.objecting(letter(purpose="dispute_verification"))

    @pytest.mark.parametrize(
        "earlier", [{"answered": False}, {"in_writing": False}, {"account_id": "acct_2"}]
    )
    def test_is_flagged_without_an_earlier_answer(self, earlier: dict[str, Any]) -> None:
        first = self.dispute(**{"answered": True, **earlier})
        world = World(gate(first, self.dispute(), accounts=("acct_1", "acct_2")))
        assert world.flags(self.WHAT) == self.FLAG


class TestOriginalCreditorRequest:
    def test_stops_until_answered(self) -> None:
        asked = facts.OriginalCreditorRequest(
            account_id="acct_1", in_writing=True, received_at=NOON
        )
        world = World(gate(asked))
        assert world.objecting() == {"original-creditor-request"}
        assert world.verdict(letter(purpose="original_creditor_name_and_address")) == "permit"


class TestEmailProcedure:
    def without(self, *more: facts.Fact) -> World:
        other = facts.ContactPointKnown(
            contact_point_id="cp_email_2", point_kind="email", label="main", digest="d"
        )
        return World(gate(other, *more))

    WHAT = email(contact_point_id="cp_email_2")

    def test_is_needed(self) -> None:
        assert self.without().objecting(self.WHAT) == {"email-procedure"}

    @pytest.mark.parametrize("procedure", ["consumer_used", "direct_consent", "prior_collector"])
    def test_opens_the_address(self, procedure: str) -> None:
        consent = facts.MessageConsent(
            medium="email",
            procedure=procedure,  # type: ignore[arg-type]
            given_at=NOON,
            contact_point_id="cp_email_2",
        )
        assert self.without(consent).verdict(self.WHAT) == "permit"

    def test_needs_consent_given_to_this_collector(self) -> None:
        consent = facts.MessageConsent(
            medium="email", procedure="direct_consent", given_at=NOON,
            contact_point_id="cp_email_2", given_to="creditor",
        )  # fmt: skip
        assert self.without(consent).objecting(self.WHAT) == {"email-procedure"}

    def test_after_a_creditors_notice_waits_for_its_deadline(self) -> None:
        notice = facts.MessageConsent(
            medium="email", procedure="creditor_notice", given_at=local("2026-05-01T12:00"),
            contact_point_id="cp_email_2",
        )  # fmt: skip
        world = self.without(notice)
        assert world.verdict(self.WHAT, at=local("2026-06-05T12:00")) == "defer"
        assert world.earliest(self.WHAT, at=local("2026-06-05T12:00")) == local(
            "2026-06-06T08:00:01"
        )
        assert world.verdict(self.WHAT, at=local("2026-06-06T12:00")) == "permit"

    def test_a_creditors_notice_that_leaves_too_few_days_opens_nothing(self) -> None:
        def given(ends_on: date) -> World:
            return self.without(
                facts.MessageConsent(
                    medium="email", procedure="creditor_notice",
                    given_at=local("2026-05-01T12:00"), contact_point_id="cp_email_2",
                    opt_out_ends_on=ends_on,
                )
            )  # fmt: skip

        at = local("2026-07-01T12:00")
        assert given(date(2026, 6, 4)).objecting(self.WHAT, at=at) == {"email-procedure"}
        assert given(date(2026, 6, 5)).verdict(self.WHAT, at=at) == "permit"

    def test_is_open_to_an_address_that_wrote(self) -> None:
        message = facts.InboundMessage(
            message_id="i", channel="email", received_at=NOON, contact_point_id="cp_email_2"
        )
        assert self.without(message).verdict(self.WHAT) == "permit"


class TestTextProcedure:
    def test_lasts_sixty_days(self) -> None:
        consent = facts.MessageConsent(
            medium="text", procedure="consumer_used", given_at=local("2026-07-01T12:00"),
            contact_point_id="cp_phone",
        )  # fmt: skip
        world = World(gate(consent))
        what = request(channel="text")
        assert world.verdict(what, at=local("2026-08-30T12:00")) == "permit"
        assert world.objecting(what, at=local("2026-08-31T12:00")) == {"text-procedure"}

    @pytest.mark.parametrize(
        ("database", "objections"),
        [
            (None, set()),
            ("fcc_reassigned_numbers_database", set()),
            ("internal_list", {"text-procedure"}),
        ],
    )
    def test_is_renewed_by_a_complete_database(
        self, database: str | None, objections: set[str]
    ) -> None:
        consent = facts.MessageConsent(
            medium="text", procedure="direct_consent", given_at=local("2026-05-01T12:00"),
            contact_point_id="cp_phone", confirmed_at=local("2026-08-30T12:00"),
            confirmed_by=database,
        )  # fmt: skip
        at = local("2026-09-01T12:00")
        assert World(gate(consent)).objecting(request(channel="text"), at=at) == objections

    def test_is_not_for_a_landline(self) -> None:
        line = facts.ContactPointKnown(
            contact_point_id="cp_line", point_kind="phone", label="landline", digest="d"
        )
        what = request(channel="text", contact_point_id="cp_line")
        assert World(gate(line)).objecting(what) == {"contact-point-unfit"}


class TestFlags:
    def test_many_calls_over_all_debts(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02d}T09:00"))
        assert world.flags(request(account_ids=("acct_2",))) == {"many-calls-to-person"}

    def test_a_call_consented_to_is_not_among_many(self) -> None:
        consent = facts.ExtraCallsConsent(received_at=NOON - timedelta(hours=1))
        world = World(gate(consent, accounts=("acct_1", "acct_2")))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02d}T09:00"))
        assert world.flags(request(account_ids=("acct_2",))) == set()

    def test_consent_about_one_debt_is_none_for_another(self) -> None:
        consent = facts.ExtraCallsConsent(
            received_at=NOON - timedelta(hours=1), account_ids=("acct_1",)
        )
        world = World(gate(consent, accounts=("acct_1", "acct_2")))
        for day in range(4, 11):
            world.called(local(f"2026-06-{day:02d}T09:00"))
        assert world.flags(request(account_ids=("acct_2",))) == {"many-calls-to-person"}

    def test_six_calls_are_no_matter(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        for day in range(4, 10):
            world.called(local(f"2026-06-{day:02d}T09:00"))
        assert world.flags(request(account_ids=("acct_2",))) == set()

    def test_message_on_top_of_calls(self) -> None:
        world = World()
        for minute in range(7):
            world.called(local(f"2026-06-10T09:0{minute}"))
        assert world.flags(email()) == {"message-on-calls"}
        assert world.flags(letter()) == set()

    def test_spouse_at_the_consumers_limit(self) -> None:
        spouse = facts.PartyKnown(party_id="pty_s", role="spouse")
        phone = facts.ContactPointKnown(
            contact_point_id="cp_s", point_kind="phone", label="mobile", digest="d",
            party_id="pty_s", zones=("America/New_York",), states=("VT",),
        )  # fmt: skip
        world = World(gate(spouse, phone))
        what = request(party_id="pty_s", contact_point_id="cp_s")
        assert world.flags(what) == set()
        for minute in range(7):
            world.called(NOON - timedelta(minutes=30 + minute))
        assert world.flags(what) == {"spouse-at-limit"}
