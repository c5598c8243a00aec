"""What callers ask about acts other than contacts, and what they are answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field

from services.compliance.permits.bodies import (
    ACCOUNTS_MAX,
    SEEN_MAX,
    AccountId,
    ConsumerId,
    Digest,
    FlagAnswer,
    ObjectionAnswer,
    ObservationAnswer,
    SeenStream,
)
from services.compliance.permits.domain import events
from services.compliance.rules.act_request import Act, ActRequest, Question
from shared.http.fields import AmountMinor, Count, Date, ShortText, StateCode, StrictBody, TypeId

District = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class FurnishBody(StrictBody):
    """Give information about the debt to a consumer reporting agency."""

    kind: Literal["furnish"]
    is_marked_disputed: bool = False
    recipient: Literal["reporting_agency", "check_specialty"] = "reporting_agency"


class TransferBody(StrictBody):
    """Let the debt go to someone else."""

    kind: Literal["transfer"]
    way: Literal["sale", "other_consideration", "placement", "securitization", "merger", "lien"]
    recipient: Literal["owner", "previous_owner", "other"] = "other"
    has_contract_right: bool = False
    has_lien_notice: bool = False


class LegalActionBody(StrictBody):
    """Sue, go to arbitration, threaten either, or file a proof of claim."""

    kind: Literal["legal-action"]
    form: Literal["suit", "arbitration", "threat", "proof_of_claim"]
    forum_state: StateCode | None = None
    forum_district: District | None = None
    enforces_real_property: bool = False


class DefaultJudgmentBody(StrictBody):
    """Move for a default judgment."""

    kind: Literal["default-judgment"]
    affidavit: Literal["in_service", "not_in_service", "unable_to_determine"] | None = None
    has_appointed_attorney: bool = False


class AllocationBody(StrictBody):
    """Part of a payment in minor units, and the account it goes to."""

    account_id: AccountId
    amount: AmountMinor


Allocations = Annotated[list[AllocationBody], Field(max_length=ACCOUNTS_MAX)]


class AllocatePaymentBody(StrictBody):
    """Apply one payment to accounts, and what the consumer said should go where.

    Each account is named in `account_ids` too, and once in either list. `amount` is the whole
    payment, where it is given: the allocations add up to it.
    """

    kind: Literal["allocate-payment"]
    allocations: Annotated[Allocations, Field(min_length=1)]
    directed: Allocations = []
    amount: AmountMinor | None = None


class DepositInstrumentBody(StrictBody):
    """Deposit a check or other instrument that bears a date."""

    kind: Literal["deposit-instrument"]
    received_on: Date
    dated_on: Date
    deposit_on: Date
    notice_sent_on: Date | None = None


class AddChargeBody(StrictBody):
    """Ask for an amount beyond the debt itself; rates are in basis points a year."""

    kind: Literal["add-charge"]
    charge: Literal[
        "interest", "service_charge", "renewal_charge", "fee", "convenience_fee", "cost"
    ]
    basis: Literal["agreement", "law"] | None = None
    authority: Annotated[str, ShortText(200)] | None = None
    rate_basis_points: Count | None = None
    from_on: Date | None = None
    until_on: Date | None = None


class PurgeBody(StrictBody):
    """Destroy what is recorded of the accounts, or the recording of one call.

    An original may go as soon as a copy is kept that reproduces it accurately and that can easily
    be accessed, by a contractual right also (comment 100(a)-2).
    """

    kind: Literal["purge"]
    records: Literal["all", "call_recording"]
    recorded_on: Date | None = None
    last_activity_on: Date | None = None
    copy_kept: Literal["accurate_and_accessible"] | None = None


class AskInConversationBody(StrictBody):
    """Put a question to the person in a conversation that is going on.

    Consent counts only from a conversation that is lawful itself, so where this one is at an
    inconvenient time or place, only what would be convenient may be asked.
    """

    kind: Literal["ask-in-conversation"]
    question: Question
    contact_point_id: Annotated[str, TypeId("cp")] | None = None


ActBody = Annotated[
    FurnishBody
    | TransferBody
    | LegalActionBody
    | DefaultJudgmentBody
    | AllocatePaymentBody
    | DepositInstrumentBody
    | AddChargeBody
    | PurgeBody
    | AskInConversationBody,
    Field(discriminator="kind"),
]
ActKind = Literal[
    "furnish",
    "transfer",
    "legal-action",
    "default-judgment",
    "allocate-payment",
    "deposit-instrument",
    "add-charge",
    "purge",
    "ask-in-conversation",
]


class ClearanceBody(StrictBody):
    """One intended act. `party_id` is who is to pay, is sued or asked, if not the consumer."""

    consumer_id: ConsumerId
    account_ids: Annotated[list[AccountId], Field(min_length=1, max_length=ACCOUNTS_MAX)]
    party_id: Annotated[str, Field(pattern=r"^(cns|pty)_[0-7][0-9a-hjkmnp-tv-z]{25}$")] | None = (
        None
    )
    act: ActBody
    content_digest: Digest = ""
    seen: Annotated[list[SeenStream], Field(max_length=SEEN_MAX)] = []

    def request(self) -> ActRequest:
        """Return what the rules are asked about."""
        said = {key: value for key, value in self.act.model_dump().items() if value is not None}
        act: Act = msgspec.convert(said, Act)
        return ActRequest(
            consumer_id=self.consumer_id,
            account_ids=tuple(self.account_ids),
            party_id=self.party_id or self.consumer_id,
            act=act,
            content_digest=self.content_digest,
        )


class ClearanceAnswer(BaseModel):
    """The recorded answer. A veto is a normal answer; a clearance is good until `expires_at`."""

    object: Literal["clearance"] = "clearance"
    id: str
    decision: Literal["permit", "defer", "review", "deny"]
    consumer_id: str
    account_ids: list[str]
    act: dict[str, Any]
    decided_at: datetime
    expires_at: datetime | None
    earliest_permitted_at: datetime | None
    objections: list[ObjectionAnswer]
    flags: list[FlagAnswer]
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    observed: list[ObservationAnswer] = []

    @classmethod
    def of(cls, event: events.ActCleared | events.ActRefused) -> "ClearanceAnswer":
        """Show a decision as it was recorded."""
        common: dict[str, Any] = {
            "id": event.clearance_id,
            "consumer_id": event.request.consumer_id,
            "account_ids": list(event.request.account_ids),
            "act": msgspec.to_builtins(event.request.act),
            "decided_at": event.at,
            "flags": [FlagAnswer.of(each) for each in event.flags],
            "rule_pack": event.rule_pack,
            "tz_version": event.tz_version,
            "watermarks": event.watermarks,
            "trace_id": event.trace_id,
            "observed": [ObservationAnswer.of(each) for each in event.observed],
        }
        match event:
            case events.ActCleared():
                return cls(
                    decision="permit",
                    expires_at=event.expires_at,
                    earliest_permitted_at=None,
                    objections=[],
                    **common,
                )
            case events.ActRefused():
                return cls(
                    decision=event.verdict,
                    expires_at=None,
                    earliest_permitted_at=event.earliest_permitted_at,
                    objections=[ObjectionAnswer.of(each) for each in event.objections],
                    **common,
                )
