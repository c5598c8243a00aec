"""What callers of the content check send, and what they are answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field

from services.compliance.content.domain import ContentChecked
from services.compliance.rules import message as said
from services.compliance.rules.findings import ContentVerdict, Finding
from shared.http.fields import (
    FreeText,
    LanguageCode,
    NonNegativeAmount,
    ShortText,
    StateCode,
    StrictBody,
)

TEXT_CHARACTERS_MAX = 20_000
LISTED_MAX = 50

Listed = Annotated[list[Annotated[str, ShortText(100)]], Field(max_length=LISTED_MAX)]
Names = Annotated[list[Annotated[str, ShortText(100)]], Field(max_length=10)]


NOT_JUDGED = frozenset({"channel", "document", "subject", "language", "audience", "states"})
"""What alone leaves nothing to judge."""


class SenderBody(StrictBody):
    """Whom a message is from, where that may be no debt collector (12 CFR 1006.2(i))."""

    collects_for_others: bool = False
    is_collection_principal_purpose: bool = False
    is_creditor_in_own_name: bool = False
    suggests_third_party: bool = False
    is_excluded: bool = False


class VoicemailBody(StrictBody):
    """What a voicemail says, element by element, and whose mailbox it is left in."""

    elements: Annotated[list[said.LimitedContentElement], Field(max_length=LISTED_MAX)] = []
    mailbox_of: said.Audience = "unknown"


class OptOutBody(StrictBody):
    """How to opt out, where it is added to the message when it is sent."""

    statement: Annotated[str, ShortText(500)] = ""
    is_conspicuous: bool | None = None
    is_free: bool | None = None
    asks_for: Listed = []


class EnvelopeBody(StrictBody):
    """The outside of a letter: everything that is on it, named or as it is written."""

    is_postcard: bool = False
    marks: Listed = []


class SocialBody(StrictBody):
    """What is done on a social platform."""

    act: said.SocialAct
    discloses_identity: bool | None = None
    is_profile_false: bool = False


class LocationBody(StrictBody):
    """What somebody is told who is asked where the consumer is found (12 CFR 1006.10(b))."""

    names_employer: bool = False
    is_employer_asked_for: bool = False
    states_debt: bool = False
    says_confirming: bool | None = None


class CallerBody(StrictBody):
    """Who the caller says to be."""

    is_disclosed: bool | None = None
    is_assumed: bool = False
    is_used_consistently: bool | None = None
    is_traceable: bool | None = None


class ElectronicConsentBody(StrictBody):
    """A consent under E-SIGN, 15 USC 7001(c)."""

    is_affirmative: bool = False
    is_withdrawn: bool = False
    had_clear_statement: bool = False
    had_hardware_statement: bool = False
    showed_access: bool = False


class SendingBody(StrictBody):
    """How a required disclosure is sent."""

    medium: Literal["mail", "email", "text", "portal"]
    subject_names_creditor: bool = False
    subject_has_partial_account: bool = False
    is_sender_recognizable: bool = False
    monitors_bounces: bool = False
    is_undeliverable: bool = False
    is_last_known_address: bool | None = None
    is_known_not_to_reside: bool = False
    is_opted_out: bool = False
    is_in_initial_communication: bool = False
    consent: ElectronicConsentBody | None = None
    subject_has_other_identifier: bool = False


class ItemizationBody(StrictBody):
    """Which reference date each dated figure of a notice goes by."""

    choices: Annotated[dict[str, said.ItemizationChoice], Field(max_length=20)]
    earlier_choice: said.ItemizationChoice | None = None
    statement_by: Literal["creditor", "collector"] | None = None
    is_payment_applied: bool | None = None
    reference_date: date | None = None
    earlier_reference_date: date | None = None


class MortgageStatementBody(StrictBody):
    """The periodic statement that may stand for the itemization of a residential mortgage."""

    is_required_by_law: bool = False
    is_most_recent: bool = False
    is_in_same_communication: bool = False
    is_referred_to: bool = False


class SeparatePageBody(StrictBody):
    """An itemization on a page of its own."""

    is_in_same_communication: bool = False
    is_referred_to: bool = False


class AmountsBody(StrictBody):
    """The amounts of a notice in minor units: those stated, and what they are made of."""

    owed_on_date: Annotated[dict[str, NonNegativeAmount], Field(max_length=20)]
    stated_on_date: NonNegativeAmount | None = None
    interest: NonNegativeAmount = 0
    fees: NonNegativeAmount = 0
    payments: NonNegativeAmount = 0
    credits: NonNegativeAmount = 0
    stated_now: NonNegativeAmount | None = None


class AssociatedNameBody(StrictBody):
    """A name shown beside the creditor's, and what it has to do with the debt."""

    name: Annotated[str, ShortText(100)]
    relation: Annotated[str, ShortText(50)] = ""


class NoticeBody(StrictBody):
    """A validation notice by its fields: what stands there, or the name of its merge field."""

    fields: Annotated[dict[str, Annotated[str, Field(max_length=500)]], Field(max_length=50)]
    is_electronic: bool = False
    is_financial_product: bool | None = None
    name_parts_known: Names = []
    name_parts_shown: Names = []
    is_collector_name_used_in_business: bool = True
    accepts_disputes_at_address: bool = True
    is_account_number_recognizable: bool = True
    dispute_media_accepted: Names = []
    dispute_media_listed: Names = []
    debts_combined: Annotated[int, Field(ge=1, le=1_000)] = 1
    itemization_page: SeparatePageBody | None = None
    mortgage_statement: MortgageStatementBody | None = None
    itemization_of_other_law: bool = False
    amounts: AmountsBody | None = None
    associated_names: Annotated[list[AssociatedNameBody], Field(max_length=10)] = []
    provided_on: date | None = None
    states_end_on: date | None = None


class FormBody(StrictBody):
    """The form of a validation notice."""

    is_clear_and_conspicuous: bool | None = None
    model: Literal["B-1", "other"] = "other"
    changes: Listed = []
    state_disclosures_on: Literal["front", "reverse", "below"] | None = None
    is_disclosure_behind_response: bool = False
    front_reference: Annotated[str, ShortText(500)] = ""
    state_law_specifies_wording: bool = False
    is_debt_expired: bool = False
    translation_by: Literal["bureau", "other"] | None = None
    is_translation_accurate: bool | None = None
    offers_spanish: bool = False
    supplies_spanish: bool | None = None
    has_english_copy: bool | None = None
    is_optional_more_prominent: bool = False


class DebtBody(StrictBody):
    """Whose obligation it is and what it was for."""

    obligor: Annotated[str, ShortText(50)]
    purpose: Annotated[str, ShortText(50)] | None = None


class ContentCheckBody(StrictBody):
    """A message or a template of one, or the parts of one that are to be judged.

    What is left out is unknown, and read in the person's favor.
    """

    channel: said.MessageChannel
    document: said.Document = "message"
    subject: Annotated[str, ShortText(200)] = ""
    text: Annotated[str, FreeText(TEXT_CHARACTERS_MAX)] = ""
    language: LanguageCode = "en"
    audience: said.Audience = "consumer"
    states: Annotated[list[StateCode], Field(max_length=60)] = []
    is_initial: bool | None = None
    is_first_in_writing: bool | None = None
    was_initial_oral: bool | None = None
    is_about_debt: bool | None = None
    is_validation_period_open: bool | None = None
    is_debt_expired: bool | None = None
    is_prerecorded: bool = False
    is_from_attorney: bool = False
    business_name: Annotated[str, ShortText(100)] = ""
    contact_names: Names = []
    telephone_numbers: Names = []
    lawful_and_intended: Annotated[list[said.Remedy], Field(max_length=2)] = []
    sender: SenderBody | None = None
    voicemail: VoicemailBody | None = None
    opt_out: OptOutBody | None = None
    envelope: EnvelopeBody | None = None
    social: SocialBody | None = None
    caller: CallerBody | None = None
    sending: SendingBody | None = None
    itemization: ItemizationBody | None = None
    notice: NoticeBody | None = None
    form: FormBody | None = None
    debt: DebtBody | None = None
    location: LocationBody | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether it is a text or an e-mail of which nothing is said, not even its words."""
        return self.channel in ("text", "email") and not self.model_fields_set - NOT_JUDGED

    def message(self) -> said.Message:
        """Return what the rules are asked about."""
        return msgspec.convert(self.model_dump(), said.Message)


class SentenceAnswer(BaseModel):
    """Where something stands: characters `start` to `end` (not included), and the words there."""

    part: Literal["subject", "text"]
    start: int
    end: int
    words: str = ""


class FindingAnswer(BaseModel):
    """What one rule says: never to be sent, only with something more, or to be looked at."""

    rule: str
    law: str
    citation: str
    verdict: Literal["flag", "require", "deny"]
    explanation: str
    sentence: SentenceAnswer | None
    is_verified: bool

    @classmethod
    def of(cls, finding: Finding) -> "FindingAnswer":
        """Show a finding."""
        passage = finding.passage
        return cls(
            rule=finding.rule,
            law=finding.law,
            citation=finding.citation,
            verdict=finding.verdict,
            explanation=finding.explanation,
            sentence=passage
            and SentenceAnswer(part=passage.part, start=passage.start, end=passage.end),
            is_verified=finding.is_verified,
        )


class ContentCheckAnswer(BaseModel):
    """The recorded judgement of a message. A permit names it by `content_digest`.

    Where it `may_be_initial`, it is the initial communication if it is the first about the debt.
    """

    object: Literal["content_check"] = "content_check"
    id: str
    content_digest: str
    channel: said.MessageChannel
    document: said.Document
    language: str
    verdict: ContentVerdict
    findings: list[FindingAnswer]
    findings_left_out: int
    disclosures: list[str]
    is_limited_content: bool
    is_communication: bool
    may_be_initial: bool
    rule_pack: str
    checked_at: datetime

    @classmethod
    def of(cls, event: ContentChecked) -> "ContentCheckAnswer":
        """Show a check as it was recorded."""
        return cls(
            id=event.check_id,
            content_digest=event.content_digest,
            channel=event.channel,
            document=event.document,
            language=event.language,
            verdict=event.verdict,
            findings=[FindingAnswer.of(each) for each in event.findings],
            findings_left_out=event.findings_left_out,
            disclosures=list(event.disclosures),
            is_limited_content=event.is_limited_content,
            is_communication=event.is_communication,
            may_be_initial=event.may_be_initial,
            rule_pack=event.rule_pack,
            checked_at=event.at,
        )


def with_words(body: ContentCheckBody, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with the words of its sentences, which are not kept."""
    for finding in answer["findings"]:
        sentence = finding["sentence"]
        if sentence is not None:
            whole = body.subject if sentence["part"] == "subject" else body.text
            sentence["words"] = whole[sentence["start"] : sentence["end"]]
    return answer
