"""Envelopes, platforms, notices, sending: what is told of a message rather than said in it."""

from datetime import date
from typing import Any, get_args

import pytest

from services.compliance.rules.check import specimens
from services.compliance.rules.content.electronic_consent import is_valid
from services.compliance.rules.content.sending_standard import factors
from services.compliance.rules.content.validation_fields import required_fields
from services.compliance.rules.message import (
    AssociatedName,
    DebtKind,
    ElectronicConsent,
    Envelope,
    ItemizationUse,
    LocationRequest,
    Message,
    MessageChannel,
    MortgageStatement,
    NoticeAmounts,
    NoticeForm,
    Sender,
    Sending,
    SeparatePage,
    SocialMedia,
    ValidationNotice,
)
from shared.kernel.records import replace
from tests.unit.compliance.content.messages import judge, letter, verdicts
from tests.unit.compliance.samples import BOOK

NOTICE = specimens.notice(BOOK)
AMOUNTS = ("interest", "fees", "payments", "credits")


def without(*names: str, notice: ValidationNotice = NOTICE) -> ValidationNotice:
    return replace(
        notice, fields={name: text for name, text in notice.fields.items() if name not in names}
    )


def sent(notice: ValidationNotice = NOTICE, form: NoticeForm | None = None) -> Message:
    return Message(
        channel="letter",
        document="validation_notice",
        notice=notice,
        form=form or specimens.form(),
    )


class TestLocationRequest:
    @pytest.mark.parametrize(
        ("told", "text", "expected"),
        [
            ({}, "I am confirming location information.", []),
            ({"names_employer": True}, "", ["deny"]),
            ({"names_employer": True, "is_employer_asked_for": True}, "", []),
            ({}, "I call for Harbor Recovery, Inc. to confirm an address.", ["deny"]),
            ({"is_employer_asked_for": True}, "Harbor Recovery; I am correcting a number.", []),
            ({}, "Where does she live?", ["require"]),
            ({"says_confirming": True}, "Where does she live?", []),
            ({"states_debt": True, "is_employer_asked_for": True}, "", ["deny"]),
            ({"says_confirming": False}, "", ["deny"]),
            ({"says_confirming": True}, "", []),
            ({"names_employer": True, "states_debt": True}, "", ["deny", "deny"]),
        ],
    )
    def test_says_who_asks_and_no_more(
        self, told: dict[str, Any], text: str, expected: list[str]
    ) -> None:
        message = Message(
            channel="call",
            audience="third_party",
            text=text,
            business_name="Harbor Recovery",
            location=LocationRequest(**told),
        )
        assert verdicts(message, "location-request") == expected

    def test_is_no_matter_of_other_messages(self) -> None:
        message = Message(channel="call", text="Harbor Recovery", business_name="Harbor Recovery")
        assert verdicts(message, "location-request") == []


class TestPostcardAndEnvelope:
    def test_no_postcard(self) -> None:
        message = Message(channel="letter", envelope=Envelope(is_postcard=True))
        assert verdicts(message, "postcard") == ["deny"]

    @pytest.mark.parametrize(
        ("mark", "expected"),
        [
            ("Recipient's name", []),
            ("postage", []),
            ("Return service requested", []),
            ("Intelligent Mail barcode", []),
            ("collector's address", ["deny"]),
            ("FINAL NOTICE", ["deny"]),
            ("Past due", ["deny"]),
            ("a red skull", ["deny"]),
            ("ABC Collections return address", ["deny"]),
        ],
    )
    def test_marks(self, mark: str, expected: list[str]) -> None:
        message = Message(channel="letter", envelope=Envelope(marks=(mark,)))
        assert verdicts(message, "envelope-marks") == expected

    @pytest.mark.parametrize(
        ("name", "expected"), [("ABC Inc", []), ("ABC Debt Recovery", ["deny"])]
    )
    def test_telling_business_name(self, name: str, expected: list[str]) -> None:
        message = Message(
            channel="letter", business_name=name, envelope=Envelope(marks=("business name",))
        )
        assert verdicts(message, "envelope-marks") == expected


class TestSocialMedia:
    @pytest.mark.parametrize(
        ("act", "identity", "visible", "hidden"),
        [
            ("public_post", True, ["deny"], []),
            ("post_visible_to_contacts", True, ["deny"], []),
            ("contact_request", True, [], []),
            ("contact_request", False, [], ["deny"]),
            ("contact_request", None, [], ["require"]),
            ("private_message", True, [], []),
            ("private_message", False, [], ["deny"]),
            ("private_message", None, [], ["flag"]),
        ],
    )
    def test_acts(
        self, act: Any, identity: bool | None, visible: list[str], hidden: list[str]
    ) -> None:
        message = Message(
            channel="social", social=SocialMedia(act=act, discloses_identity=identity)
        )
        assert verdicts(message, "social-visibility") == visible
        assert verdicts(message, "social-identity") == hidden

    def test_false_profile(self) -> None:
        social = SocialMedia(act="private_message", discloses_identity=True, is_profile_false=True)
        assert verdicts(Message(channel="social", social=social), "social-identity") == ["deny"]

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"audience": "third_party"}, ["deny"]),
            ({"audience": "third_party", "is_about_debt": True}, ["deny"]),
            ({"audience": "third_party", "is_about_debt": False}, []),
            ({"audience": "consumer", "is_about_debt": True}, []),
        ],
    )
    def test_goes_to_the_consumer_alone(self, changes: dict[str, Any], found: list[str]) -> None:
        social = SocialMedia(act="private_message", discloses_identity=True)
        message = Message(channel="social", social=social, **changes)
        assert verdicts(message, "social-recipient") == found

    @pytest.mark.parametrize("identity", [True, False, None])
    def test_names_a_person_when_it_asks_where_someone_is(self, identity: bool | None) -> None:
        social = SocialMedia(act="private_message", discloses_identity=identity)
        asking = Message(
            channel="social", audience="third_party", is_about_debt=False, social=social
        )
        assert verdicts(asking, "social-identity") == []
        false = replace(asking, social=replace(social, is_profile_false=True))
        assert verdicts(false, "social-identity") == ["deny"]

    def test_without_saying_who_can_see_it(self) -> None:
        assert verdicts(Message(channel="social"), "social-visibility") == ["require"]

    def test_private_messages_say_how_to_opt_out(self) -> None:
        message = letter(
            "Hello.", channel="social", social=SocialMedia(act="private_message")
        )  # fmt: skip
        assert verdicts(message, "opt-out-statement") == ["require"]


class TestValidationNotice:
    def test_that_is_complete(self) -> None:
        assert judge(sent()).findings == ()

    @pytest.mark.parametrize(
        "name", required_fields(BOOK.federal("validation-fields"), replace(NOTICE))
    )
    def test_lacks_no_field_and_leaves_none_blank(self, name: str) -> None:
        assert verdicts(sent(without(name)), "validation-fields") == ["require"]
        blank = replace(NOTICE, fields={**NOTICE.fields, name: "  "})
        assert verdicts(sent(blank), "validation-fields") == ["require"]

    @pytest.mark.parametrize("nought", ["0", "$0.00", "none", "N/A"])
    def test_may_say_nought(self, nought: str) -> None:
        notice = replace(NOTICE, fields={**NOTICE.fields, "payments": nought})
        assert verdicts(sent(notice), "validation-fields") == []

    def test_for_other_than_financial_products(self) -> None:
        lacking = without("creditor_on_itemization_date", "bureau_website_statement")
        assert verdicts(sent(lacking), "validation-fields") == ["require"] * 2
        known = replace(lacking, is_financial_product=False)
        assert verdicts(sent(known), "validation-fields") == []

    def test_sent_electronically(self) -> None:
        notice = without("electronic_dispute_statement")
        assert verdicts(sent(notice), "validation-fields") == []
        electronic = replace(notice, is_electronic=True)
        assert verdicts(sent(electronic), "validation-fields") == ["require"]

    @pytest.mark.parametrize(
        ("listed", "expected"), [((), ["require"]), (("fax",), ["require"]), (("email",), [])]
    )
    def test_lists_one_electronic_medium(
        self, listed: tuple[str, ...], expected: list[str]
    ) -> None:
        notice = replace(
            NOTICE,
            is_electronic=True,
            dispute_media_accepted=("email", "portal"),
            dispute_media_listed=listed,
        )
        assert verdicts(sent(notice), "validation-fields") == expected

    @pytest.mark.parametrize(
        ("is_same", "is_referred_to", "count"),
        [(True, True, 0), (True, False, 5), (False, True, 5)],
    )
    def test_with_a_separate_page(self, is_same: bool, is_referred_to: bool, count: int) -> None:
        page = SeparatePage(is_in_same_communication=is_same, is_referred_to=is_referred_to)
        notice = replace(without(*AMOUNTS), itemization_page=page)
        assert verdicts(sent(notice), "validation-fields") == ["require"] * count

    @pytest.mark.parametrize(
        "missing",
        [None, "is_required_by_law", "is_most_recent", "is_in_same_communication",
         "is_referred_to"],
    )  # fmt: skip
    def test_with_a_mortgage_statement(self, missing: str | None) -> None:
        told = dict.fromkeys(
            ("is_required_by_law", "is_most_recent", "is_in_same_communication", "is_referred_to"),
            True,
        )
        if missing:
            told[missing] = False
        notice = replace(
            without(*AMOUNTS, "itemization_date", "amount_on_itemization_date"),
            mortgage_statement=MortgageStatement(**told),
        )
        assert (verdicts(sent(notice), "validation-fields") == []) is (missing is None)

    @pytest.mark.parametrize(
        ("changes", "verdict"),
        [
            ({"is_collector_name_used_in_business": False}, "deny"),
            ({"accepts_disputes_at_address": False}, "deny"),
            ({"is_account_number_recognizable": False}, "require"),
        ],
    )
    def test_with_values_that_do_not_serve(self, changes: dict[str, Any], verdict: str) -> None:
        assert verdicts(sent(replace(NOTICE, **changes)), "validation-fields") == [verdict]

    def test_shows_the_whole_name(self) -> None:
        known = replace(NOTICE, name_parts_known=("first", "middle", "last"))
        assert verdicts(sent(known), "consumer-name") == ["require"]
        shown = replace(known, name_parts_shown=("first", "middle", "last"))
        assert verdicts(sent(shown), "consumer-name") == []

    @pytest.mark.parametrize(
        ("relation", "expected"),
        [
            ("co_brand_on_card", []),
            ("logo_on_card", []),
            ("place_of_treatment", []),
            ("sponsor", ["flag"]),
            ("", ["flag"]),
        ],
    )
    def test_names_beside_the_creditor(self, relation: str, expected: list[str]) -> None:
        shown = (AssociatedName(name="Tern Outfitters", relation=relation),)
        notice = replace(NOTICE, associated_names=shown)
        assert verdicts(sent(notice), "associated-names") == expected

    @pytest.mark.parametrize(
        ("provided", "ends", "expected"),
        [
            (date(2026, 3, 2), date(2026, 4, 7), ["deny"]),
            (date(2026, 3, 2), date(2026, 4, 8), []),
            (date(2026, 3, 2), date(2026, 9, 30), []),
            # Independence Day, a Saturday, was observed on the Friday.
            (date(2026, 6, 29), date(2026, 8, 4), ["deny"]),
            (date(2026, 6, 29), date(2026, 8, 5), ["flag"]),
            (date(2026, 6, 29), date(2026, 8, 6), []),
            (date(2026, 6, 29), None, []),
        ],
    )
    def test_states_no_early_end(
        self, provided: date, ends: date | None, expected: list[str]
    ) -> None:
        notice = replace(NOTICE, provided_on=provided, states_end_on=ends)
        assert verdicts(sent(notice), "validation-end") == expected

    def test_that_is_not_described_is_not_passed(self) -> None:
        assert judge(letter("x", document="validation_notice")).verdict == "require"

    OWED = {"principal": 90_000, "fees": 2_500, "interest": 7_500}

    @pytest.mark.parametrize(
        ("amounts", "expected"),
        [
            ({}, []),
            ({"stated_on_date": 100_000}, []),
            ({"stated_on_date": 90_000}, ["deny"]),
            ({"stated_on_date": 100_001}, ["deny"]),
            ({"stated_now": 100_000}, []),
            ({"interest": 33, "payments": 10_011, "stated_now": 90_022}, []),
            ({"interest": 33, "payments": 10_011, "stated_now": 90_023}, ["deny"]),
            ({"fees": 5, "credits": 5, "stated_on_date": 1, "stated_now": 1}, ["deny", "deny"]),
        ],
    )
    def test_states_amounts_that_add_up(self, amounts: dict[str, int], expected: list[str]) -> None:
        notice = replace(NOTICE, amounts=NoticeAmounts(owed_on_date=self.OWED, **amounts))
        assert verdicts(sent(notice), "validation-amounts") == expected


class TestValidationForm:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"is_clear_and_conspicuous": False}, ["require"]),
            ({"model": "other", "is_clear_and_conspicuous": None}, ["flag"]),
            ({"changes": ("no dispute section",), "is_clear_and_conspicuous": None}, ["flag"]),
            ({"changes": ("logo",), "is_clear_and_conspicuous": None}, []),
            ({"state_disclosures_on": "reverse"}, ["require"]),
            ({"state_disclosures_on": "reverse",
              "front_reference": "Notice: See reverse side for important information"}, []),
            ({"is_disclosure_behind_response": True}, ["require"]),
            ({"changes": ("later_disclosure",), "is_clear_and_conspicuous": None}, []),
            ({"is_optional_more_prominent": True, "is_clear_and_conspicuous": None}, ["flag"]),
            ({"state_disclosures_on": "below",
              "front_reference": "See below for important information"}, ["require"]),
            ({"state_disclosures_on": "below"}, ["require", "require"]),
            ({"state_disclosures_on": "front"}, ["require"]),
            ({"state_disclosures_on": "front", "is_debt_expired": True}, ["require"]),
            ({"state_disclosures_on": "front", "is_debt_expired": True,
              "state_law_specifies_wording": True}, []),
        ],
    )  # fmt: skip
    def test_form(self, changes: dict[str, Any], expected: list[str]) -> None:
        form = replace(specimens.form(), **changes)
        assert verdicts(sent(form=form), "validation-form") == expected

    def test_disclosures_below_the_notice_in_an_email(self) -> None:
        form = replace(
            specimens.form(),
            state_disclosures_on="below",
            front_reference="Notice: See below for important information",
        )
        message = replace(sent(form=form), channel="email")
        assert verdicts(message, "validation-form") == []

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"translation_by": "bureau"}, []),
            ({"translation_by": "other"}, ["require"]),
            ({"translation_by": "other", "is_translation_accurate": True}, []),
            ({"translation_by": "other", "is_translation_accurate": False}, ["deny"]),
            ({"translation_by": "bureau", "has_english_copy": False}, ["require"]),
            ({"offers_spanish": True, "supplies_spanish": True}, []),
            ({"offers_spanish": True, "supplies_spanish": False}, ["deny"]),
            ({"offers_spanish": True}, ["flag"]),
        ],
    )
    def test_translation(self, changes: dict[str, Any], expected: list[str]) -> None:
        form = replace(specimens.form(), **changes)
        assert verdicts(sent(form=form), "translated-notice") == expected

    def test_model_form_does_not_overshadow(self) -> None:
        words = letter("You must pay now.", is_validation_period_open=True)
        assert "deny" in verdicts(words, "overshadowing")
        model = replace(
            words, document="validation_notice", notice=NOTICE, form=specimens.form()
        )  # fmt: skip
        assert verdicts(model, "overshadowing") == []


class TestItemizationDate:
    @pytest.mark.parametrize(
        ("use", "expected"),
        [
            ({"choices": {"amount": "charge_off", "account": "charge_off"}}, []),
            ({"choices": {"amount": "charge_off", "account": "last_statement"}}, ["deny"]),
            ({"choices": {"amount": "judgment"}, "earlier_choice": "charge_off"}, ["deny"]),
            ({"choices": {"amount": "judgment"}, "earlier_choice": "judgment"}, []),
            ({"choices": {"amount": "last_statement"}, "statement_by": "collector"}, ["deny"]),
            ({"choices": {"amount": "last_statement"}, "statement_by": "creditor"}, []),
            ({"choices": {"amount": "last_payment"}, "is_payment_applied": False}, ["deny"]),
            ({"choices": {"amount": "last_payment"}, "is_payment_applied": True}, []),
            ({"choices": {"amount": "judgment"}, "is_payment_applied": False}, []),
            ({"choices": {"amount": "transaction"}, "earlier_choice": "transaction",
              "reference_date": date(2026, 1, 20),
              "earlier_reference_date": date(2026, 1, 5)}, ["deny"]),
            ({"choices": {"amount": "transaction"}, "earlier_choice": "transaction",
              "reference_date": date(2026, 1, 5),
              "earlier_reference_date": date(2026, 1, 5)}, []),
            ({"choices": {"amount": "transaction"}, "reference_date": date(2026, 1, 5)}, []),
        ],
    )  # fmt: skip
    def test_is_one(self, use: dict[str, Any], expected: list[str]) -> None:
        message = Message(channel="letter", itemization=ItemizationUse(**use))
        assert verdicts(message, "itemization-date") == expected


class TestSending:
    GOOD: dict[str, Any] = {
        "medium": "email",
        "subject_names_creditor": True,
        "subject_has_partial_account": True,
        "is_sender_recognizable": True,
        "monitors_bounces": True,
    }
    CONSENT = ElectronicConsent(
        is_affirmative=True,
        had_clear_statement=True,
        had_hardware_statement=True,
        showed_access=True,
    )

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"is_sender_recognizable": False}, ["flag"]),
            ({"subject_has_partial_account": False}, ["flag"]),
            ({"subject_has_partial_account": False, "subject_has_other_identifier": True}, []),
            ({"subject_names_creditor": False, "subject_has_other_identifier": True}, ["flag"]),
            ({"monitors_bounces": False}, ["flag"]),
            ({"is_undeliverable": True}, ["require"]),
            ({"is_opted_out": True}, ["deny"]),
            ({"is_known_not_to_reside": True}, ["deny"]),
        ],
    )
    def test_standard(self, changes: dict[str, Any], expected: list[str]) -> None:
        sending = Sending(**{**self.GOOD, **changes})
        assert verdicts(Message(channel="email", sending=sending), "sending-standard") == expected

    def test_counts_three_factors(self) -> None:
        assert len(factors(Sending(**self.GOOD))) == 3
        assert factors(Sending(medium="email")) == frozenset()

    @pytest.mark.parametrize(
        "document", ["validation_notice", "original_creditor_answer", "dispute_answer"]
    )
    def test_consent_is_needed_for_some_documents(self, document: Any) -> None:
        message = Message(channel="email", document=document, sending=Sending(**self.GOOD))
        assert verdicts(message, "electronic-consent") == ["require"]
        with_consent = Sending(**self.GOOD, consent=self.CONSENT)
        assert verdicts(replace(message, sending=with_consent), "electronic-consent") == []
        by_mail = Sending(**{**self.GOOD, "medium": "mail"})
        assert verdicts(replace(message, sending=by_mail), "electronic-consent") == []

    def test_consent_is_not_needed_in_the_initial_communication(self) -> None:
        sending = Sending(**self.GOOD, is_in_initial_communication=True)
        message = Message(channel="email", document="validation_notice", sending=sending)
        assert verdicts(message, "electronic-consent") == []
        answer = replace(message, document="dispute_answer")
        assert verdicts(answer, "electronic-consent") == ["require"]

    @pytest.mark.parametrize(
        "part", ["is_affirmative", "had_clear_statement", "had_hardware_statement", "showed_access"]
    )
    def test_consent_has_every_part_and_stands(self, part: str) -> None:
        assert is_valid(self.CONSENT)
        assert not is_valid(replace(self.CONSENT, **{part: False}))
        assert not is_valid(replace(self.CONSENT, is_withdrawn=True))


class TestDefinitions:
    @pytest.mark.parametrize(
        ("obligor", "purpose", "expected"),
        [
            ("natural_person", "household", []),
            ("natural_person", None, []),
            ("natural_person", "business", ["flag"]),
            ("corporation", "personal", ["flag"]),
        ],
    )
    def test_debt(self, obligor: str, purpose: str | None, expected: list[str]) -> None:
        message = Message(channel="letter", debt=DebtKind(obligor=obligor, purpose=purpose))
        assert verdicts(message, "consumer-debt") == expected

    @pytest.mark.parametrize(
        ("sender", "expected"),
        [
            (None, ["require", "require"]),
            (Sender(), []),
            (Sender(collects_for_others=True), ["require", "require"]),
            (Sender(is_collection_principal_purpose=True), ["require", "require"]),
            (Sender(is_creditor_in_own_name=True), []),
            (
                Sender(is_creditor_in_own_name=True, suggests_third_party=True),
                ["require", "require"],
            ),
            (Sender(collects_for_others=True, is_excluded=True), []),
        ],
    )
    def test_debt_collector(self, sender: Sender | None, expected: list[str]) -> None:
        message = letter("Please call us.", is_initial=True, sender=sender)
        assert verdicts(message, "debt-collector-disclosure") == expected

    def test_communication_in_any_medium(self) -> None:
        for channel in get_args(MessageChannel):
            assert judge(Message(channel=channel, is_about_debt=True)).is_communication
            assert not judge(Message(channel=channel, is_about_debt=False)).is_communication

    @pytest.mark.parametrize(
        ("document", "may_be"),
        [
            ("message", True),
            ("validation_notice", True),
            ("formal_pleading", False),
            ("proof_of_claim", False),
            ("privacy_notice", False),
        ],
    )
    def test_initial_communication(self, document: Any, may_be: bool) -> None:
        assert judge(Message(channel="letter", document=document)).may_be_initial is may_be
        assert not judge(specimens.limited_content()).may_be_initial
