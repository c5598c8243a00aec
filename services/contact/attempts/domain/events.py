"""What happens to an attempt. The message of an e-mail is sealed; its keyed digest is bound."""

from datetime import datetime
from typing import Literal

from shared.kernel.records import event, record
from shared.kernel.sealed import Sealed

Channel = Literal["call", "email"]
Act = Literal["contact", "reply", "opt_out_confirmation"]
Portion = Literal["whole", "undisputed"]
Renewal = Literal["asked_again", "answer_wrong_or_incomplete"]
"""Why a person may be asked for location information once more (12 CFR 1006.10(c))."""

Technology = Literal["live", "prerecorded", "autodialed"]
"""How a call is placed, as 47 CFR 64.1200(a) and (f) tell calls apart."""

Verdict = Literal["defer", "review", "deny"]
CancelReason = Literal["not_needed", "not_attempted", "permit_revoked", "person_erased"]


@record
class Aim:
    """Whom an attempt is to reach, how and what for: what a permit binds.

    `disclosures` are the codes of the notices that it carries.
    """

    consumer_id: str
    account_ids: tuple[str, ...]
    party_id: str
    channel: Channel
    contact_point_id: str
    purpose: str
    content_digest: str
    act: Act = "contact"
    in_reply_to: str | None = None
    portion: Portion = "whole"
    renewed_for: Renewal | None = None
    technology: Technology = "live"
    disclosures: tuple[str, ...] = ()


@record
class Content:
    """The message of an e-mail."""

    subject: Sealed
    body: Sealed


@event("forbear.contact.attempt-permitted.v1")
class AttemptPermitted:
    """Compliance gave leave for one attempt, until `expires_at` (not included)."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    party_id: str
    channel: Channel
    contact_point_id: str
    purpose: str
    content_digest: str
    permit_id: str
    expires_at: datetime
    agent: str
    flags: tuple[str, ...]
    at: datetime
    act: Act = "contact"
    in_reply_to: str | None = None
    portion: Portion = "whole"
    renewed_for: Renewal | None = None
    technology: Technology = "live"
    disclosures: tuple[str, ...] = ()
    content: Content | None = None


@event("forbear.contact.attempt-vetoed.v1")
class AttemptVetoed:
    """Compliance gave no leave; `rules` are those that object."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    party_id: str
    channel: Channel
    contact_point_id: str
    purpose: str
    content_digest: str
    permit_id: str
    verdict: Verdict
    rules: tuple[str, ...]
    earliest_permitted_at: datetime | None
    agent: str
    at: datetime
    act: Act = "contact"
    in_reply_to: str | None = None
    portion: Portion = "whole"
    renewed_for: Renewal | None = None
    technology: Technology = "live"
    disclosures: tuple[str, ...] = ()


@event("forbear.contact.dispatch-started.v1")
class DispatchStarted:
    """One dispatcher took the attempt for itself, before anything went out."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    permit_id: str
    dispatch_id: str
    channel: Channel
    at: datetime


@event("forbear.contact.dispatch-refused.v1")
class DispatchRefused:
    """The permit was not redeemed; nothing went out."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    permit_id: str
    dispatch_id: str
    rules: tuple[str, ...]
    at: datetime


@event("forbear.contact.attempt-concluded.v1")
class AttemptConcluded:
    """What came of the attempt. A later one replaces an earlier one; absent times are unknown.

    `discussed` are the accounts spoken of, `raised` those the agent brought up; neither said means
    those of the attempt. Without `is_permitted` it was made against a veto. `dispute_id` names the
    dispute that was stated in it, which the disputes service opens.
    """

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    permit_id: str
    report_id: str
    channel: Channel
    contact_point_id: str
    outcome: str
    conversation: bool
    started_at: datetime | None
    ended_at: datetime | None
    discussed: tuple[str, ...]
    raised: tuple[str, ...]
    reported_by: str
    is_permitted: bool
    party_id: str
    purpose: str
    content_digest: str
    at: datetime
    dispute_id: str | None = None
    note: Sealed | None = None
    technology: Technology = "live"


@event("forbear.contact.attempt-cancelled.v1")
class AttemptCancelled:
    """The attempt will not be made: given up, or its permit was revoked."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    account_ids: tuple[str, ...]
    permit_id: str
    reason: CancelReason
    at: datetime
    by_fact: str | None = None


Event = (
    AttemptPermitted
    | AttemptVetoed
    | DispatchStarted
    | DispatchRefused
    | AttemptConcluded
    | AttemptCancelled
)
EVENTS: tuple[type, ...] = (
    AttemptPermitted,
    AttemptVetoed,
    DispatchStarted,
    DispatchRefused,
    AttemptConcluded,
    AttemptCancelled,
)
