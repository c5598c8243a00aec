"""What a gate knows of one consumer: the facts that rules look at, one record per kind.

A fact is stated by another service's event and keyed by that event's stream. An empty
`account_ids` means every account; an absent `party_id` means the consumer, and on an opt-out
anyone. Nothing personal is in here: contact points are ids, zones are derived before sealing.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from shared.kernel.records import record, variant

Channel = Literal["call", "voicemail", "text", "email", "letter", "portal", "in_person", "social"]
Medium = Literal["call", "text", "email", "letter", "in_person", "social"]

REPLY_DAYS_MAX = 30
"""A message older than this opens no reply any more: nobody would take it for an answer."""

CONSENT_TO_CALLS_KEPT_DAYS = 21
"""Seven days of consent, seven of counting the calls made under it, and room for zones."""

INBOUND_CALL_KEPT_DAYS = 10

CALL_REVIEW_HOURS_MAX = 72
"""A review holds no longer, and is kept as long: a refusal outlasts every approval it ended."""

Relation = Literal["parent", "guardian", "estate_representative", "successor_in_interest"]

Lifted = Literal["time", "place", "workplace", "attorney"]
"""What consent or a court's permission lifts: the bars of 1006.6(b)(1)(i), (1)(ii), (3), (2)."""


@variant("account-known")
class AccountKnown:
    """An account was placed. Accounts of one `debt_key` are one debt (student loans under one
    account number, 12 CFR 1006.14(b)(4)).
    """

    account_id: str
    product_type: str
    debt_key: str | None = None
    placed_at: datetime | None = None


@variant("account-standing")
class AccountStanding:
    """Where the account stands in its life, and whether anything is owed on it.

    `reason` is why it was closed or recalled, `since` when it came to stand there.
    """

    account_id: str
    lifecycle: Literal["received", "active", "recalled", "closed"]
    owes: bool
    reason: str | None = None
    since: datetime | None = None


@variant("joint-debt")
class JointDebt:
    """An account that several consumers are said to owe, each of them with a gate of their own."""

    account_id: str
    consumer_ids: tuple[str, ...]


@variant("party-known")
class PartyKnown:
    """Another person on this consumer's accounts. Each is counted apart (1006.14(b)).

    `relation` is what makes somebody count as the consumer (1006.6(a)): an `estate_representative`
    is an executor, administrator or anyone else authorized to act for the estate, by whatever
    procedure; a `successor_in_interest` is a confirmed one.
    """

    party_id: str
    role: Literal[
        "co_debtor",
        "guarantor",
        "spouse",
        "attorney",
        "creditor",
        "creditor_attorney",
        "collector_attorney",
        "consumer_reporting_agency",
        "third_party",
        "other",
    ]
    account_ids: tuple[str, ...] = ()
    relation: Relation | None = None


@variant("contact-point-known")
class ContactPointKnown:
    """A phone number, e-mail or postal address, by its keyed digest. No zones means unknown.

    `is_public_domain`: an e-mail domain is open to the general public; None, nobody looked.
    """

    contact_point_id: str
    point_kind: Literal["phone", "email", "address"]
    label: str
    digest: str
    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    source: str = ""
    party_id: str | None = None
    is_public_domain: bool | None = None
    localities: tuple[str, ...] = ()


@variant("location-evidence")
class LocationEvidence:
    """Something else that shows where the person may be. `is_actual` is knowledge of the place."""

    evidence: str
    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    party_id: str | None = None
    is_actual: bool = False
    localities: tuple[str, ...] = ()


@record
class CreditorNotice:
    """What is known of a creditor's notice (1006.6(d)(4)(ii)). None: nobody has said otherwise.

    `opt_out_methods` are the ways to opt out that it offers, `used_for` the kinds of messages that
    the creditor sent to the address, each by name; none means not looked at. `is_reply_to_one`:
    an opt-out goes to the collector or to the creditor, not to both.
    """

    medium: Literal["paper", "electronic"] | None = None
    is_clear: bool | None = None
    is_obtained_from_consumer: bool | None = None
    is_used_about_account: bool | None = None
    is_sent_to_used_address: bool | None = None
    names_collector: bool | None = None
    names_address: bool | None = None
    says_others_may_see: bool | None = None
    explains_opt_out: bool | None = None
    names_deadline: bool | None = None
    opt_out_methods: tuple[str, ...] = ()
    is_opted_out: bool = False
    used_for: tuple[str, ...] = ()
    is_reply_to_one: bool | None = None


@record
class PriorCollector:
    """What a collector before this one did with an address: got it by (i) or (ii), used it.

    `is_return` stands for no collector: the debt was back with the creditor in between.
    """

    obtained_properly: bool = False
    used: bool = False
    opted_out: bool = False
    is_return: bool = False


@variant("message-consent")
class MessageConsent:
    """A way in which an address or number became usable for e-mail or text (1006.6(d)(4)-(5)).

    For `creditor_notice`, `given_at` is when the creditor sent its notice and `opt_out_ends_on`
    the deadline it named; for `consumer_used`, when the consumer last wrote from it. `confirmed_at`
    is the latest renewal, or the latest check of a reassigned-numbers database that showed no
    reassignment since; `confirmed_by` is that database, by name, where it was one.
    `prior_collectors` are those before this one, the immediately prior last; none means that nobody
    has told of them.
    """

    medium: Literal["email", "text"]
    procedure: Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
    given_at: datetime
    contact_point_id: str | None = None
    given_to: Literal["this_collector", "creditor", "prior_collector"] = "this_collector"
    opt_out_ends_on: date | None = None
    confirmed_at: datetime | None = None
    expires_on: date | None = None
    withdrawn_at: datetime | None = None
    party_id: str | None = None
    notice: CreditorNotice | None = None
    prior_collectors: tuple[PriorCollector, ...] = ()
    confirmed_by: str | None = None


@variant("third-party-disclosure")
class ThirdPartyDisclosure:
    """Somebody said that messages to the address or number were seen by a third party."""

    contact_point_id: str
    learned_at: datetime


@variant("employer-address")
class EmployerAddress:
    """Anyone said that an employer provides the address (comment 6(d)(4)(ii)(E)-2)."""

    contact_point_id: str
    learned_at: datetime


@record
class WeeklyWindow:
    """Part of a week, in minutes of the local day, half-open. Weekday 0 is Monday; none is all.

    `first_date` and `last_date` bound it; `zone` is the zone it was stated in, if it was.
    """

    weekdays: tuple[int, ...] = ()
    from_minute: int = 0
    until_minute: int = 1440
    first_date: date | None = None
    last_date: date | None = None
    zone: str | None = None


@variant("prior-consent")
class PriorConsent:
    """Direct prior consent, or a court's permission, to a contact otherwise barred (1006.6(b)(4)).

    `is_lawfully_given`: during a communication that itself violated none of 1006.6(b)(1)-(3).
    `third_parties` are those, by party id, with whom the debt may be talked of (1006.6(d)(2)).
    `windows` are the times that it is about, where it is about some only: outside them it lifts
    nothing, and within them nothing but the bars of the clock.
    """

    received_at: datetime
    lifts: tuple[Lifted, ...]
    source: Literal["person", "court"] = "person"
    given_to: Literal["this_collector", "creditor", "prior_collector"] = "this_collector"
    is_lawfully_given: bool = True
    until: datetime | None = None
    withdrawn_at: datetime | None = None
    account_ids: tuple[str, ...] = ()
    party_id: str | None = None
    third_parties: tuple[str, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()


@variant("extra-calls-consent")
class ExtraCallsConsent:
    """Direct prior consent to calls beyond the frequencies (1006.14(b)(3)(i)).

    `first_date` and `last_date` narrow it to what was said ("call back on Monday").
    """

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    first_date: date | None = None
    last_date: date | None = None
    withdrawn_at: datetime | None = None
    party_id: str | None = None


@variant("cease-notice")
class CeaseNotice:
    """A written refusal to pay or demand to stop, effective on receipt (1006.6(c))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    medium: str = "letter"


@variant("oral-stop")
class OralStop:
    """A spoken demand to stop: no cease notice, but no more calls and visits (1006.14(h))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()


@variant("attorney-retained")
class AttorneyRetained:
    """The consumer is represented on these debts (1006.6(b)(2)).

    `is_reachable` is False once it is certain that neither name nor address can be found out.
    `is_noticed_by_attorney`: the attorney itself said so in writing, with name and address and the
    request to be written to; None where nobody has looked.
    """

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    is_reachable: bool = True
    is_noticed_by_attorney: bool | None = None


@variant("employer-prohibition")
class EmployerProhibition:
    """The employer does not allow such contact at work (1006.6(b)(3))."""

    received_at: datetime
    party_id: str | None = None


@variant("inconvenient-place")
class InconvenientPlace:
    """A place at which contact is inconvenient. `is_present` is knowledge of being there now, and
    `present_until` how long it lasts. `media` are those the person meant, where asked to clarify.
    """

    place: Literal["home", "work"]
    received_at: datetime
    is_present: bool = False
    party_id: str | None = None
    present_until: datetime | None = None
    media: tuple[Medium, ...] = ()


@variant("inconvenient-time")
class InconvenientTime:
    """Times known to be inconvenient, until the person says otherwise (1006.6(b)(1))."""

    windows: tuple[WeeklyWindow, ...]
    received_at: datetime
    party_id: str | None = None


@variant("opt-out")
class OptOut:
    """A request not to use a medium, a contact point, or that point through that medium."""

    received_at: datetime
    medium: Medium | None = None
    contact_point_id: str | None = None
    digest: str | None = None
    party_id: str | None = None


@variant("dispute")
class Dispute:
    """A dispute of an account. Unknown timeliness is taken as timely, no amount as the whole.

    `says_the_same` as an earlier one, substantially; `brings_new`, new and material information.
    """

    account_id: str
    in_writing: bool
    received_at: datetime
    timely: bool | None = None
    disputed_amount: int | None = None
    answered: bool = False
    says_the_same: bool | None = None
    brings_new: bool | None = None


@variant("original-creditor-request")
class OriginalCreditorRequest:
    """A request for the original creditor's name and address (1006.38(c))."""

    account_id: str
    in_writing: bool
    received_at: datetime
    timely: bool | None = None
    answered: bool = False


@variant("validation-period-end")
class ValidationPeriodEnd:
    """The last day of an account's validation period (1006.34(b)(5))."""

    account_id: str
    ends_on: date


@variant("validation-notice")
class ValidationNotice:
    """The validation information was provided (1006.34). `carries` is its disclosure of 1006.18(e):
    the one of an initial communication, that of a later one, or none. `ends_on` is the end of the
    validation period that it states, if it does.
    """

    account_id: str
    provided_at: datetime
    carries: Literal["initial", "later", "none"] = "initial"
    ends_on: date | None = None
    is_undeliverable: bool = False


@variant("initial-communication")
class InitialCommunication:
    """The first communication about the debt: from here the validation notice is due."""

    account_id: str
    at: datetime
    is_oral: bool = False
    holds_validation: bool = False


@variant("consumer-status")
class ConsumerStatus:
    """The consumer is known to have died, or to be a minor (1006.2(e), 1006.6(a))."""

    status: Literal["deceased", "minor"]
    learned_at: datetime


@variant("account-hold")
class AccountHold:
    """A reason why work on the account stops."""

    account_id: str
    hold_id: str
    reason: str


@variant("inbound-message")
class InboundMessage:
    """The person wrote or called: it opens exactly one reply in the same medium.

    A portal session has `until`; what is shown within it is no contact of ours.
    """

    message_id: str
    channel: Channel
    received_at: datetime
    contact_point_id: str | None = None
    until: datetime | None = None
    party_id: str | None = None


@variant("inbound-call")
class InboundCall:
    """The person telephoned. A conversation starts the seven days, whoever called."""

    started_at: datetime
    ended_at: datetime
    is_conversation: bool
    account_ids: tuple[str, ...] = ()
    contact_point_id: str | None = None
    party_id: str | None = None


@variant("wrong-number")
class WrongNumber:
    """The contact point turned out not to be the person's: its calls stop counting."""

    contact_point_id: str
    learned_at: datetime


@variant("debt-message-sent")
class DebtMessageSent:
    """A letter or electronic message about an account, sent to the consumer (1006.30(a)(1)(ii)).

    For what went out without a permit of this gate. `is_monitored`: undeliverable notices are
    watched for during the wait. It says nothing of what was in the message: see `NoticeSent`.
    """

    account_id: str
    sent_at: datetime
    medium: Medium = "letter"
    undeliverable_at: datetime | None = None
    is_monitored: bool = True


@variant("spoken-with")
class SpokenWith:
    """The consumer was spoken with about an account in person, or by an earlier telephone call."""

    account_id: str
    spoken_at: datetime


ContractKind = Literal[
    "written", "oral", "note", "open", "consumer_credit", "consumer_transaction", "judgment"
]


@variant("debt-history")
class DebtHistory:
    """How a debt came about: what limitation, venue and interest caps go by.

    What is None is unknown. `restarted_on` is an event that restarts the limitation period, stated
    as such and never assumed. `stated_expiry` is the last day to sue as the creditor gives it.
    Districts are judicial districts, named by the agency's own codes.
    """

    account_id: str
    contract: ContractKind | None = None
    is_signed: bool | None = None
    governing_state: str | None = None
    executed_on: date | None = None
    incurred_on: date | None = None
    defaulted_on: date | None = None
    last_charge_on: date | None = None
    last_payment_on: date | None = None
    restarted_on: date | None = None
    restarted_by: Literal["payment", "acknowledgment", "judgment"] | None = None
    stated_expiry: date | None = None
    is_debt_buyers: bool | None = None
    signed_in_district: str | None = None
    property_district: str | None = None


@variant("residence")
class Residence:
    """The judicial district in which a party lives."""

    district: str
    party_id: str | None = None


@variant("bankruptcy")
class Bankruptcy:
    """A petition and what became of it. An unknown chapter or filing date binds the most.

    `account_ids` are the debts in the case (none: all); `postpetition` arose later, `reaffirmed`
    bind again. The stay runs from filing, whoever knew (11 USC 362(a)(6)).
    """

    learned_at: datetime
    chapter: int | None = None
    filed_on: date | None = None
    ended_on: date | None = None
    discharged_on: date | None = None
    account_ids: tuple[str, ...] = ()
    stay_lifted: tuple[str, ...] = ()
    postpetition: tuple[str, ...] = ()
    reaffirmed: tuple[str, ...] = ()
    party_id: str | None = None


@variant("military-service")
class MilitaryService:
    """A period of military service; `notice_received_on` is the written notice with the orders.

    `account_ids` are debts that whoever serves owes together with this consumer.
    """

    started_on: date
    ended_on: date | None = None
    notice_received_on: date | None = None
    party_id: str | None = None
    account_ids: tuple[str, ...] = ()


@variant("identity-theft-report")
class IdentityTheftReport:
    """Notice that a debt came of identity theft: a reporting agency's block, or a report to us.

    `found_correct_at` is when the information was found, or reported, to be correct after all;
    `creditor_notified_at` when the creditor was told of it.
    """

    account_id: str
    source: Literal["agency_block", "consumer_report"]
    received_at: datetime
    rescinded_at: datetime | None = None
    found_correct_at: datetime | None = None
    creditor_notified_at: datetime | None = None
    party_id: str | None = None


@variant("reporting-dispute")
class ReportingDispute:
    """A reporting agency's notice that a consumer disputes what was furnished about a debt.

    `is_extended`: the consumer sent more meanwhile. It ends once the results were reported.
    """

    account_id: str
    noticed_at: datetime
    is_extended: bool = False
    party_id: str | None = None


@variant("automated-consent")
class AutomatedConsent:
    """Prior express consent to autodialed or prerecorded calls and texts (47 CFR 64.1200(a)(1)).

    Naming no contact point, it is for every number of the person; naming no accounts, for all of
    them. `expires_on` is its last day.
    """

    given_at: datetime
    contact_point_id: str | None = None
    withdrawn_at: datetime | None = None
    party_id: str | None = None
    expires_on: date | None = None
    account_ids: tuple[str, ...] = ()


@variant("reassignment-check")
class ReassignmentCheck:
    """What the reassigned numbers database said of a number since `consent_on`."""

    contact_point_id: str
    checked_at: datetime
    answer: Literal["yes", "no", "no_data"]
    consent_on: date


@variant("notice-sent")
class NoticeSent:
    """A notice was given about an account; `notice` is the code of what it disclosed.

    It may have been spoken, and nobody watches whether it came back: furnishing waits for a
    `DebtMessageSent`, not for this.
    """

    account_id: str
    notice: str
    sent_at: datetime
    medium: Medium = "letter"


@variant("limitation-period")
class LimitationPeriod:
    """Since when a debt can no longer be sued for, and since when it is too old to be reported."""

    account_id: str
    barred_from: date
    obsolete_from: date | None = None


@variant("substantiation-request")
class SubstantiationRequest:
    """The person asked for proof of a charged-off debt, or disputed it (23 NYCRR 1.4)."""

    account_id: str
    received_at: datetime
    is_substantiated: bool = False


@variant("person-statement")
class PersonStatement:
    """What the person said of the debt before: it bears on every call after it."""

    statement: Literal["does_not_wish_contact", "refuses_to_pay", "does_not_owe", "was_answered"]
    received_at: datetime
    account_ids: tuple[str, ...] = ()
    party_id: str | None = None


@variant("prior-conduct")
class PriorConduct:
    """What a collector did to the person before, this one or an earlier one, by its code."""

    conduct: str
    at: datetime
    party_id: str | None = None


@variant("call-review")
class CallReview:
    """A human's decision on one call beyond the frequencies: `factor` is why it may be made.

    It holds for one call with the purpose reviewed, until `expires_at` (not included).
    """

    factor: str
    decision: Literal["approved", "refused"]
    reviewer_id: str
    reviewed_at: datetime
    expires_at: datetime
    account_ids: tuple[str, ...]
    party_id: str | None = None


FirstFact = (
    AccountKnown
    | AccountStanding
    | PartyKnown
    | ContactPointKnown
    | LocationEvidence
    | MessageConsent
    | ExtraCallsConsent
    | CeaseNotice
    | OralStop
    | AttorneyRetained
    | EmployerProhibition
    | InconvenientPlace
    | InconvenientTime
    | OptOut
    | Dispute
    | OriginalCreditorRequest
    | ValidationPeriodEnd
    | AccountHold
    | InboundMessage
    | InboundCall
    | WrongNumber
)
"""The kinds of the first version of the event that records facts; no other is added to these."""

Fact = (
    FirstFact
    | DebtMessageSent
    | SpokenWith
    | DebtHistory
    | Residence
    | Bankruptcy
    | MilitaryService
    | IdentityTheftReport
    | ThirdPartyDisclosure
    | EmployerAddress
    | PriorConsent
    | ValidationNotice
    | InitialCommunication
    | ConsumerStatus
    | AutomatedConsent
    | ReassignmentCheck
    | NoticeSent
    | LimitationPeriod
    | SubstantiationRequest
    | PersonStatement
    | PriorConduct
    | CallReview
    | ReportingDispute
    | JointDebt
)


def reply_until(message: InboundMessage) -> datetime:
    """Return when a message opens no reply any more."""
    return message.received_at + timedelta(days=REPLY_DAYS_MAX)


def kept_until(fact: Fact) -> datetime | None:
    """Return when a fact has lost all effect and may be forgotten; most never do."""
    match fact:
        case InboundMessage():
            return reply_until(fact)
        case ExtraCallsConsent():
            return fact.received_at + timedelta(days=CONSENT_TO_CALLS_KEPT_DAYS)
        case InboundCall():
            return fact.ended_at + timedelta(days=INBOUND_CALL_KEPT_DAYS)
        case CallReview():  # a refusal outlasts the approvals before it
            return fact.reviewed_at + timedelta(hours=CALL_REVIEW_HOURS_MAX)
        case _:
            return None
