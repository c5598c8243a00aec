"""What callers of the permit API send, and what they are answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from services.compliance.permits.domain import events
from services.compliance.rules.findings import Flag, Objection, Observation
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.purposes import PURPOSES
from services.compliance.rules.request import ContactRequest, Renewal, Saying
from shared.http.fields import Instant, Purpose, ShortText, StrictBody, TypeId

ACCOUNTS_MAX = 20
SEEN_MAX = 20
SAYINGS_MAX = 8
DISCLOSURES_MAX = 20

Decision = events.PermitGranted | events.PermitRefused
ConsumerId = Annotated[str, TypeId("cns")]
AccountId = Annotated[str, TypeId("acct")]
DisclosureCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OutcomeCode = Annotated[str, Field(json_schema_extra={"enum": sorted(OUTCOMES)})]


class SeenStream(StrictBody):
    """A stream version that the caller has seen; compliance answers once it has applied it."""

    stream: Annotated[str, Field(max_length=100, pattern=r"^[a-z]+-[0-9a-z_]+$")]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ContactBody(StrictBody):
    """One intended contact. A permit binds every field of it."""

    consumer_id: ConsumerId
    account_ids: Annotated[list[AccountId], Field(min_length=1, max_length=ACCOUNTS_MAX)]
    party_id: Annotated[str, Field(pattern=r"^(cns|pty)_[0-7][0-9a-hjkmnp-tv-z]{25}$")] | None = (
        None
    )
    channel: Literal[
        "call", "voicemail", "text", "email", "letter", "portal", "in_person", "social"
    ]
    contact_point_id: Annotated[str, TypeId("cp")] | None = None
    purpose: Annotated[str, Purpose(PURPOSES)]
    content_digest: Digest = ""
    act: Literal["contact", "reply", "opt_out_confirmation"] = "contact"
    in_reply_to: Annotated[str, TypeId("inb")] | None = None
    portion: Literal["whole", "undisputed"] = "whole"
    renewed_for: Renewal | None = None
    says: Annotated[list[Saying], Field(max_length=SAYINGS_MAX)] = []
    technology: Literal["live", "prerecorded", "autodialed"] = "live"
    disclosures: Annotated[list[DisclosureCode], Field(max_length=DISCLOSURES_MAX)] = []
    seen: Annotated[list[SeenStream], Field(max_length=SEEN_MAX)] = []

    def request(self) -> ContactRequest:
        """Return what the rules are asked about."""
        return ContactRequest(
            consumer_id=self.consumer_id,
            account_ids=tuple(self.account_ids),
            party_id=self.party_id or self.consumer_id,
            channel=self.channel,
            contact_point_id=self.contact_point_id,
            purpose=self.purpose,
            content_digest=self.content_digest,
            act=self.act,
            in_reply_to=self.in_reply_to,
            portion=self.portion,
            renewed_for=self.renewed_for,
            says=tuple(self.says),
            technology=self.technology,
            disclosures=tuple(self.disclosures),
        )


class OutcomeBody(StrictBody):
    """What came of an attempt."""

    consumer_id: ConsumerId
    outcome: OutcomeCode
    started_at: Instant | None = None
    ended_at: Instant | None = None
    discussed: Annotated[list[AccountId], Field(max_length=ACCOUNTS_MAX)] = []
    raised: Annotated[list[AccountId], Field(max_length=ACCOUNTS_MAX)] = []


class UnpermittedBody(ContactBody):
    """An attempt that was made without a permit, and what came of it.

    It is taken as it is told: under a purpose of whatever name, it was made.
    """

    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,63}$")]
    attempt_id: Annotated[str, TypeId("att")]
    outcome: OutcomeCode
    started_at: Instant
    ended_at: Instant | None = None
    discussed: Annotated[list[AccountId], Field(max_length=ACCOUNTS_MAX)] = []
    raised: Annotated[list[AccountId], Field(max_length=ACCOUNTS_MAX)] = []


class ReleaseBody(StrictBody):
    """Why a permit is given back."""

    consumer_id: ConsumerId
    reason: Annotated[str, ShortText(200)]


class ObjectionAnswer(BaseModel):
    """One rule's no. Where `is_verified` is false its law was known at second hand only: a question
    for counsel; it is absent of decisions recorded before it was shown.
    """

    rule: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    verdict: Literal["defer", "review", "deny"]
    earliest_permitted_at: datetime | None
    is_verified: bool | None = None

    @classmethod
    def of(cls, objection: Objection) -> "ObjectionAnswer":
        """Show an objection."""
        return cls(
            rule=objection.rule,
            law=objection.law,
            citation=objection.citation,
            explanation=objection.explanation,
            facts=objection.facts,
            verdict=objection.verdict,
            earliest_permitted_at=objection.earliest,
            is_verified=objection.is_verified,
        )


class FlagAnswer(BaseModel):
    """Something permitted that someone should look at; `is_verified` as of an objection."""

    flag: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    is_verified: bool | None = None

    @classmethod
    def of(cls, flag: Flag) -> "FlagAnswer":
        """Show a flag."""
        return cls(
            flag=flag.flag,
            law=flag.law,
            citation=flag.citation,
            explanation=flag.explanation,
            facts=flag.facts,
            is_verified=flag.is_verified,
        )


class ObservationAnswer(BaseModel):
    """What a rule pack in shadow would have said; of no effect. Where `failed_with` names an error,
    it could say nothing.
    """

    pack: str
    verdict: Literal["permit", "defer", "review", "deny"]
    objections: list[ObjectionAnswer]
    flags: list[FlagAnswer]
    failed_with: str = ""

    @classmethod
    def of(cls, observation: Observation) -> "ObservationAnswer":
        """Show an observation."""
        return cls(
            pack=observation.pack,
            verdict=observation.verdict,
            objections=[ObjectionAnswer.of(each) for each in observation.objections],
            flags=[FlagAnswer.of(each) for each in observation.flags],
            failed_with=observation.failed_with,
        )


class Decided(BaseModel):
    """What was decided, on what."""

    decision: Literal["permit", "defer", "review", "deny"]
    consumer_id: str
    account_ids: list[str]
    channel: str
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


class DecisionAnswer(Decided):
    """The recorded answer to a permit request. A veto is a normal answer."""

    object: Literal["decision"] = "decision"
    id: str

    @classmethod
    def of(cls, event: Decision) -> "DecisionAnswer":
        """Show a decision as it was recorded."""
        return cls(id=event.permit_id, **_shown(event))


class PreviewAnswer(Decided):
    """What a permit request would be answered now. Nothing was recorded or reserved."""

    object: Literal["preview"] = "preview"

    @classmethod
    def of(cls, event: Decision) -> "PreviewAnswer":
        """Show a decision that was not recorded."""
        return cls(**_shown(event))


def _shown(event: Decision) -> dict[str, Any]:
    common: dict[str, Any] = {
        "consumer_id": event.request.consumer_id,
        "account_ids": list(event.request.account_ids),
        "channel": event.request.channel,
        "decided_at": event.at,
        "flags": [FlagAnswer.of(each) for each in event.flags],
        "rule_pack": event.rule_pack,
        "tz_version": event.tz_version,
        "watermarks": event.watermarks,
        "trace_id": event.trace_id,
        "observed": [ObservationAnswer.of(each) for each in event.observed],
    }
    match event:
        case events.PermitGranted():
            return common | {
                "decision": "permit",
                "expires_at": event.expires_at,
                "earliest_permitted_at": None,
                "objections": [],
            }
        case events.PermitRefused():
            return common | {
                "decision": event.verdict,
                "expires_at": None,
                "earliest_permitted_at": event.earliest_permitted_at,
                "objections": [ObjectionAnswer.of(each) for each in event.objections],
            }


class RedemptionAnswer(BaseModel):
    """Leave to dispatch, or none. An answer marked `Idempotent-Replayed` is never leave."""

    object: Literal["redemption"] = "redemption"
    permit_id: str
    is_redeemed: bool
    redeemed_at: datetime | None
    dispatch_before: datetime | None
    objections: list[ObjectionAnswer]


class UnpermittedAnswer(BaseModel):
    """An attempt without a permit: it counts, and it was alarmed."""

    object: Literal["unpermitted_attempt"] = "unpermitted_attempt"
    id: str


class PermitAnswer(BaseModel):
    """What was reported or released."""

    object: Literal["permit"] = "permit"
    id: str
    status: Literal["concluded", "released"]
