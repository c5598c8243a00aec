"""What is asked about acts other than contacts: furnishing, suits, money, records, questions.

An act is one of a union told apart by its `kind`. What its author does not say is None or the
least favourable value, and is read in the person's favour. Amounts are minor units, rates basis
points (1/100 of a percent); nothing personal is in here.
"""

from datetime import date
from typing import Literal

from shared.kernel.records import record, variant


@variant("furnish")
class Furnish:
    """Give information about the debt to a consumer reporting agency.

    A `check_specialty` agency holds only check-writing histories (12 CFR 1006.30(a)(2)).
    """

    is_marked_disputed: bool = False
    recipient: Literal["reporting_agency", "check_specialty"] = "reporting_agency"


@variant("transfer")
class Transfer:
    """Let the debt go to someone else: sold, given for consideration, or placed for collection.

    `has_contract_right` is a previous owner's right to have it back; `has_lien_notice` the notice
    that a surviving lien is passed on and personal liability is not.
    """

    way: Literal["sale", "other_consideration", "placement", "securitization", "merger", "lien"]
    recipient: Literal["owner", "previous_owner", "other"] = "other"
    has_contract_right: bool = False
    has_lien_notice: bool = False


@variant("legal-action")
class LegalAction:
    """Sue, go to arbitration, or threaten either; or file a proof of claim in bankruptcy.

    `forum_state` is where it is brought, `forum_district` the judicial district in full.
    """

    form: Literal["suit", "arbitration", "threat", "proof_of_claim"]
    forum_state: str | None = None
    forum_district: str | None = None
    enforces_real_property: bool = False


@variant("default-judgment")
class DefaultJudgment:
    """Move for a default judgment, with what the affidavit of military service says."""

    affidavit: Literal["in_service", "not_in_service", "unable_to_determine"] | None = None
    has_appointed_attorney: bool = False


@record
class Allocation:
    """Part of a payment, in minor units, and the account it goes to."""

    account_id: str
    amount: int


@variant("allocate-payment")
class AllocatePayment:
    """Apply one payment to accounts; `directed` is what the consumer said should go where.

    `amount` is the whole payment, where it was told apart.
    """

    allocations: tuple[Allocation, ...]
    directed: tuple[Allocation, ...] = ()
    amount: int | None = None


@variant("deposit-instrument")
class DepositInstrument:
    """Deposit a check or other instrument that bears a date."""

    received_on: date
    dated_on: date
    deposit_on: date
    notice_sent_on: date | None = None


@variant("add-charge")
class AddCharge:
    """Ask for an amount beyond the debt itself. Interest has a rate and a period.

    `basis` is what allows the amount, `authority` the clause or provision that says so.
    """

    charge: Literal[
        "interest", "service_charge", "renewal_charge", "fee", "convenience_fee", "cost"
    ]
    basis: Literal["agreement", "law"] | None = None
    authority: str = ""
    rate_basis_points: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@variant("purge")
class Purge:
    """Destroy what is recorded of the accounts, or the recording of one call.

    `copy_kept` is what stays of it: a copy that reproduces it accurately and can easily be
    accessed, one's own or by a contractual right, is as good as the original.
    """

    records: Literal["all", "call_recording"]
    recorded_on: date | None = None
    last_activity_on: date | None = None
    copy_kept: Literal["accurate_and_accessible"] | None = None


Question = Literal["convenient_time_or_place", "consent_to_continue", "consent_to_later_contact"]


@variant("ask-in-conversation")
class AskInConversation:
    """Put a question to the person in a conversation that is going on, whoever began it.

    `contact_point_id` is what it goes over, where that is known.
    """

    question: Question
    contact_point_id: str | None = None


Act = (
    Furnish
    | Transfer
    | LegalAction
    | DefaultJudgment
    | AllocatePayment
    | DepositInstrument
    | AddCharge
    | Purge
    | AskInConversation
)


@record
class ActRequest:
    """One intended act. `party_id` is who is to pay, is sued or is asked: the consumer, or another.

    `content_digest` binds what is filed or sent, where there is something.
    """

    consumer_id: str
    account_ids: tuple[str, ...]
    party_id: str
    act: Act
    content_digest: str = ""


def name_of(act: Act) -> str:
    """Return what an act is called where laws list acts: its kind, or a suit's form or a way."""
    match act:
        case LegalAction():
            return act.form
        case Transfer():
            return act.way
        case Furnish():
            return "furnish"
        case DefaultJudgment():
            return "default_judgment"
        case AllocatePayment():
            return "allocate_payment"
        case DepositInstrument():
            return "deposit_instrument"
        case AddCharge():
            return "add_charge"
        case Purge():
            return "purge"
        case AskInConversation():
            return "ask_in_conversation"
