"""Which sentences the lists of words object to, and which they leave alone."""

import pytest

from services.compliance.rules.message import Message
from tests.unit.compliance.content.messages import findings, judge, letter, quoted, verdicts

SPANISH = "Esta carta es de un cobrador de deudas."

DENIED = [
    ("arrest", "If you do not pay, you will be arrested."),
    ("arrest", "A warrant has been issued."),
    ("arrest", "You could go to jail for this."),
    ("arrest", "The sheriff will come to your home."),
    ("arrest", "We will press criminal charges."),
    ("crime", "You committed fraud."),
    ("crime", "Not paying this debt is a crime."),
    ("government", "We are calling on behalf of the United States."),
    ("government", "This is Officer Jones, badge number 4411."),
    ("government", "We are agents of the Department of the Treasury, a federal agency."),
    ("credit bureau", "We are a credit reporting agency."),
    ("credit bureau", "We are a credit bureau."),
    ("credit bureau", "This is Grace from the credit bureau."),
    ("court document", "You are hereby summoned to appear."),
    ("court document", "SUMMONS."),
    ("court document", "ABC Inc. is the Plaintiff."),
    ("credit", "We will ruin your credit."),
    ("credit", "You will never get a loan again."),
    ("transfer", "We will sell it to an innocent purchaser."),
    ("obscenity", "You are a deadbeat."),
    ("obscenity", "Pay your damn bill."),
    ("obscenity", "You should be ashamed."),
    ("violence", "We will hurt you."),
    ("violence", "I know where you live."),
    ("violence", "Pay, or else."),
    ("publication", "We will tell your employer."),
    ("publication", "We publish a list of people who refuse to pay."),
    ("publication", "We publish a list of consumers who refuse to pay to the newspapers."),
    ("publication", "The debtors' list goes to your neighbors."),
]

IN_SPANISH = [
    "Si no paga, será arrestado.",
    "Irá a la cárcel.",
    "Cometió un delito.",
    "Embargaremos su salario.",
    "Lo demandaremos ante un tribunal.",
    "Usted es un sinvergüenza.",
    "Sabemos dónde vive.",
    "Avisaremos a su patrón.",
    "Nuestros abogados tienen su caso.",
]

HARMLESS_IN_SPANISH = [
    "Gracias por su pago.",
    "Puede disputar la deuda en un plazo de treinta días.",
    "No lo demandaremos.",
    "Llámenos si es víctima de robo de identidad.",
]

HARMLESS = [
    "We publish a list of consumers who refuse to pay to a consumer reporting agency.",
    "We send the debtors' list to credit reporting agencies.",
    "You cannot be arrested for not paying this debt.",
    "You will not be prosecuted.",
    "We are sorry to hear about the cardiac arrest.",
    "If you are a victim of identity theft, tell us.",
    "This charge comes from Police Credit Union and Sherman Hospital.",
    "The warranty has ended.",
    "Your appliance store account was sold to ABC Inc.",
    "Hello from the Shell station and the Scunthorpe branch.",
    "We look forward to hearing from you.",
    "If you are hard of hearing, use relay.",
    "You may get one free credit report a year at annualcreditreport.com.",
    "Please include your blood test invoice.",
    "The balance includes interest, and fees. Payments and credits were deducted.",
    "If an attorney represents you, please send us your attorney's name and address.",
    "You may speak with an attorney.",
    "You may complain to the attorney general of your state.",
    "We will not sue you for it.",
    "You have not been sued, and no legal action was taken.",
    "Because of the age of your debt, we cannot sue you for it.",
    "Your wages are exempt from garnishment.",
    "We issued a pursuant notice of your tissue sample invoice.",
    "The court of public opinion has its house rules.",
    "Canceled debts are reported to the IRS on Form 1099-C.",
]


class TestForbiddenWording:
    @pytest.mark.parametrize(("subject", "sentence"), DENIED)
    def test_is_found(self, subject: str, sentence: str) -> None:
        message = letter(f"Dear customer. {sentence} Write to us.")
        found = [each for each in judge(message).findings if each.verdict == "deny"]
        assert found
        assert all(quoted(message, each) == sentence for each in found if each.passage)
        assert judge(message).verdict == "deny"

    @pytest.mark.parametrize("sentence", IN_SPANISH)
    def test_is_found_in_spanish(self, sentence: str) -> None:
        message = letter("x", text=f"{sentence} {SPANISH}", language="es")
        assert [quoted(message, each) for each in judge(message).findings][:1] == [sentence]
        assert judge(message).verdict == "deny"

    @pytest.mark.parametrize("sentence", HARMLESS_IN_SPANISH)
    def test_is_not_found_in_spanish_where_it_is_not(self, sentence: str) -> None:
        message = letter("x", text=f"{sentence} {SPANISH}", language="es")
        found = [(each.rule, quoted(message, each)) for each in judge(message).findings]
        assert found == []

    @pytest.mark.parametrize("sentence", HARMLESS)
    def test_is_not_found_where_it_is_not(self, sentence: str) -> None:
        message = letter(sentence)
        found = [(each.rule, quoted(message, each)) for each in judge(message).findings]
        assert found == []

    @pytest.mark.parametrize(
        "sentence",
        [
            "We may report this account to a credit bureau.",
            "There was an arrest.",
            "This is an official notice.",
            "A hearing was held.",
        ],
    )
    def test_that_may_only_seem_so_is_looked_at(self, sentence: str) -> None:
        assert judge(letter(sentence)).verdict == "flag"

    def test_is_found_in_the_subject(self) -> None:
        message = letter("Write to us.", channel="email", subject="You will be arrested")
        (found,) = [each for each in findings(message, "forbidden-wording") if each.passage]
        assert found.passage is not None
        assert found.passage.part == "subject"
        assert quoted(message, found) == "You will be arrested"

    def test_cites_the_law_of_its_subject(self) -> None:
        (arrest,) = findings(letter("You will be arrested."), "forbidden-wording")
        (insult,) = findings(letter("You are a deadbeat."), "forbidden-wording")
        assert (arrest.law, insult.law) == ("REGF-FALSE-REPS", "REGF-HARASSMENT")
        assert "1692e(4)" in arrest.citation
        assert "1692d(2)" in insult.citation

    def test_holds_for_a_message_without_disguise_or_with(self) -> None:
        assert judge(letter("You will be A\u00adR\u200bRESTED.")).verdict == "deny"

    def test_in_a_language_nobody_reads_is_looked_at(self) -> None:
        assert verdicts(letter("Zahlen Sie.", language="de"), "language-unread") == ["flag"]


class TestRemedyThreat:
    def test_is_denied_unless_lawful_and_intended(self) -> None:
        threat = "We will garnish your wages."
        assert verdicts(letter(threat), "remedy-threat") == ["deny"]
        meant = letter(threat, lawful_and_intended=("seizure",))
        assert verdicts(meant, "remedy-threat") == ["flag"]

    def test_of_one_kind_does_not_excuse_the_other(self) -> None:
        message = letter("We will sue you.", lawful_and_intended=("seizure",))
        assert verdicts(message, "remedy-threat") == ["deny"]


class TestExpiredDebtThreat:
    @pytest.mark.parametrize(
        ("is_expired", "expected"), [(True, ["deny"]), (None, ["deny"]), (False, [])]
    )
    def test_is_denied_unless_the_debt_is_known_to_be_open(
        self, is_expired: bool | None, expected: list[str]
    ) -> None:
        message = letter(
            "We intend to file a lawsuit.",
            is_debt_expired=is_expired,
            lawful_and_intended=("suit",),
        )
        assert verdicts(message, "expired-debt-threat") == expected


class TestAttorneyIdentity:
    @pytest.mark.parametrize(
        "sentence",
        ["From the law offices of Smith.", "Our attorneys were told.", "The legal department."],
    )
    def test_is_only_an_attorneys(self, sentence: str) -> None:
        assert verdicts(letter(sentence), "attorney-identity") == ["deny"]
        own = letter(sentence, is_from_attorney=True)
        assert verdicts(own, "attorney-identity") == ["flag"]


class TestOvershadowing:
    @pytest.mark.parametrize(
        "sentence",
        [
            "Pay within 10 days or we sue.",
            "You must pay the full amount now.",
            "This is your final notice.",
            "Payment is demanded immediately.",
            "To avoid a lawsuit, send the full amount.",
            "You cannot dispute this debt.",
        ],
    )
    @pytest.mark.parametrize(("is_open", "expected"), [(True, "deny"), (None, "flag"), (False, "")])
    def test_depends_on_the_validation_period(
        self, sentence: str, is_open: bool | None, expected: str
    ) -> None:
        found = verdicts(letter(sentence, is_validation_period_open=is_open), "overshadowing")
        assert max(found, default="", key=["", "flag", "deny"].index) == expected

    @pytest.mark.parametrize(
        "sentence",
        [
            "Call or write to us by July 8, 2026 to dispute all or part of the debt.",
            "If you write to us within 30 days to dispute it, we must stop collection.",
            "You do not have to pay while you dispute it.",
            "No payment is required to dispute the debt.",
        ],
    )
    def test_leaves_the_notice_of_rights_alone(self, sentence: str) -> None:
        assert verdicts(letter(sentence, is_validation_period_open=True), "overshadowing") == []

    def test_counts_urgency_as_doubtful(self) -> None:
        message = letter("Please call us today.", is_validation_period_open=True)
        assert verdicts(message, "overshadowing") == ["flag"]


def test_no_message_without_words_is_judged_by_them() -> None:
    assert judge(Message(channel="letter")).findings == ()
