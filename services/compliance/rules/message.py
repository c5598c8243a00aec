"""A message as rules on content see it: its words, and what its author says of what it is.

Whatever is not said is None or empty, and is read in the person's favour: a sender of whom nothing
is said is a debt collector. Parts such as an
envelope or a validation notice are given when they are to be judged. It may be a template: names
of merge fields stand for values, and nothing personal needs to be in it.
"""

from datetime import date
from typing import Literal

from shared.kernel.records import record

MessageChannel = Literal[
    "call",
    "voicemail",
    "text",
    "email",
    "letter",
    "portal",
    "in_person",
    "social",
    "other_electronic",
]
Document = Literal[
    "message",
    "limited_content_message",
    "validation_notice",
    "original_creditor_answer",
    "dispute_answer",
    "formal_pleading",
    "proof_of_claim",
    "privacy_notice",
    "tax_notice",
    "breach_notice",
]
Audience = Literal["consumer", "third_party", "unknown"]
Remedy = Literal["suit", "seizure"]

LimitedContentElement = Literal[
    "business_name",
    "business_name_revealing_collection",
    "reply_request",
    "contact_name",
    "telephone_number",
    "salutation",
    "date_and_time",
    "suggested_reply_times",
    "any_representative",
    "other",
]


@record
class Sender:
    """What makes somebody a debt collector, or not, of whoever a message is from."""

    collects_for_others: bool = False
    is_collection_principal_purpose: bool = False
    is_creditor_in_own_name: bool = False
    suggests_third_party: bool = False
    is_excluded: bool = False


@record
class Voicemail:
    """What a voicemail says, element by element, and whose mailbox it is left in."""

    elements: tuple[LimitedContentElement, ...] = ()
    mailbox_of: Audience = "unknown"


@record
class OptOutOffer:
    """How a message lets its recipient stop more of them, and what it asks for that."""

    statement: str = ""
    is_conspicuous: bool | None = None
    is_free: bool | None = None
    asks_for: tuple[str, ...] = ()


@record
class Envelope:
    """The outside of a letter: whether it has one at all, and everything that is on it."""

    is_postcard: bool = False
    marks: tuple[str, ...] = ()


SocialAct = Literal["public_post", "post_visible_to_contacts", "contact_request", "private_message"]


@record
class SocialMedia:
    """What is done on a social platform, and whether the collector says who it is."""

    act: SocialAct
    discloses_identity: bool | None = None
    is_profile_false: bool = False


@record
class LocationRequest:
    """What somebody is told who is asked where the consumer is found.

    `is_employer_asked_for`: they expressly asked whom the person works for who asks them.
    """

    names_employer: bool = False
    is_employer_asked_for: bool = False
    states_debt: bool = False
    says_confirming: bool | None = None


@record
class CallerName:
    """Who the caller says to be: disclosed or not, and whether an assumed name is traceable."""

    is_disclosed: bool | None = None
    is_assumed: bool = False
    is_used_consistently: bool | None = None
    is_traceable: bool | None = None


@record
class ElectronicConsent:
    """A consent under E-SIGN, 15 USC 7001(c)."""

    is_affirmative: bool = False
    is_withdrawn: bool = False
    had_clear_statement: bool = False
    had_hardware_statement: bool = False
    showed_access: bool = False


@record
class Sending:
    """How a required disclosure is sent.

    `subject_has_other_identifier`: the subject line identifies the debt otherwise than by its
    account number or amount, as by the original creditor or a store brand.
    """

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
    consent: ElectronicConsent | None = None
    subject_has_other_identifier: bool = False


ItemizationChoice = Literal[
    "last_statement", "charge_off", "last_payment", "transaction", "judgment"
]


@record
class ItemizationUse:
    """Which reference date each dated figure of a notice goes by, and what was used before.

    `earlier_choice` is this collector's own for the same debt and consumer; another collector's
    binds nobody. `is_payment_applied`: the last payment, whoever made it, was applied to the debt.
    `reference_date` is the date itself: a debt may have several transaction dates.
    """

    choices: dict[str, ItemizationChoice]
    earlier_choice: ItemizationChoice | None = None
    statement_by: Literal["creditor", "collector"] | None = None
    is_payment_applied: bool | None = None
    reference_date: date | None = None
    earlier_reference_date: date | None = None


@record
class MortgageStatement:
    """The periodic statement that may stand for the itemization of a residential mortgage."""

    is_required_by_law: bool = False
    is_most_recent: bool = False
    is_in_same_communication: bool = False
    is_referred_to: bool = False


@record
class SeparatePage:
    """An itemization on a page of its own."""

    is_in_same_communication: bool = False
    is_referred_to: bool = False


@record
class NoticeAmounts:
    """The amounts of a validation notice in minor units: those stated, and what they are made of.

    `owed_on_date` is all that was owed on the itemization date, by what it was; the others have
    been charged or paid since.
    """

    owed_on_date: dict[str, int]
    stated_on_date: int | None = None
    interest: int = 0
    fees: int = 0
    payments: int = 0
    credits: int = 0
    stated_now: int | None = None


@record
class AssociatedName:
    """A name shown beside the creditor's, and what it has to do with the debt."""

    name: str
    relation: str = ""


@record
class ValidationNotice:
    """A validation notice by its fields: name to what stands there, empty where it is blank.

    `name_parts_known` and `name_parts_shown` are parts such as `middle`, not names. `states_end_on`
    is the end of the validation period that it states, when provided on `provided_on`. Without
    `is_financial_product` being False the debt is taken for a consumer financial product.
    """

    fields: dict[str, str]
    is_electronic: bool = False
    is_financial_product: bool | None = None
    name_parts_known: tuple[str, ...] = ()
    name_parts_shown: tuple[str, ...] = ()
    is_collector_name_used_in_business: bool = True
    accepts_disputes_at_address: bool = True
    is_account_number_recognizable: bool = True
    dispute_media_accepted: tuple[str, ...] = ()
    dispute_media_listed: tuple[str, ...] = ()
    debts_combined: int = 1
    itemization_page: SeparatePage | None = None
    mortgage_statement: MortgageStatement | None = None
    itemization_of_other_law: bool = False
    amounts: NoticeAmounts | None = None
    associated_names: tuple[AssociatedName, ...] = ()
    provided_on: date | None = None
    states_end_on: date | None = None


@record
class NoticeForm:
    """The form of a validation notice: on which model, with which changes, what is where.

    `is_disclosure_behind_response`: disclosures are on the back of what the consumer tears off.
    Those "below" follow the notice in the body of the same e-mail.
    """

    is_clear_and_conspicuous: bool | None = None
    model: Literal["B-1", "other"] = "other"
    changes: tuple[str, ...] = ()
    state_disclosures_on: Literal["front", "reverse", "below"] | None = None
    front_reference: str = ""
    is_disclosure_behind_response: bool = False
    state_law_specifies_wording: bool = False
    is_debt_expired: bool = False
    translation_by: Literal["bureau", "other"] | None = None
    is_translation_accurate: bool | None = None
    offers_spanish: bool = False
    supplies_spanish: bool | None = None
    has_english_copy: bool | None = None
    is_optional_more_prominent: bool = False


@record
class DebtKind:
    """Whose obligation it is and what it was for."""

    obligor: str
    purpose: str | None = None


@record
class Message:
    """One message, or the parts of one that are to be judged."""

    channel: MessageChannel
    document: Document = "message"
    subject: str = ""
    text: str = ""
    language: str = "en"
    audience: Audience = "consumer"
    states: tuple[str, ...] = ()
    is_initial: bool | None = None
    is_first_in_writing: bool | None = None
    was_initial_oral: bool | None = None
    is_about_debt: bool | None = None
    is_validation_period_open: bool | None = None
    is_debt_expired: bool | None = None
    is_prerecorded: bool = False
    is_from_attorney: bool = False
    business_name: str = ""
    contact_names: tuple[str, ...] = ()
    telephone_numbers: tuple[str, ...] = ()
    lawful_and_intended: tuple[Remedy, ...] = ()
    sender: Sender | None = None
    voicemail: Voicemail | None = None
    opt_out: OptOutOffer | None = None
    envelope: Envelope | None = None
    social: SocialMedia | None = None
    caller: CallerName | None = None
    sending: Sending | None = None
    itemization: ItemizationUse | None = None
    notice: ValidationNotice | None = None
    form: NoticeForm | None = None
    debt: DebtKind | None = None
    location: LocationRequest | None = None

    @property
    def is_said(self) -> bool:
        """Tell whether there are words of it to judge."""
        return bool(self.text or self.subject)
