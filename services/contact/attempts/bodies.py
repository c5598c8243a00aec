"""What callers send about attempts."""

from typing import Annotated, Literal

from pydantic import Field

from services.contact.attempts.domain.events import Act, Channel, Portion, Renewal, Technology
from services.contact.attempts.domain.outcomes import CALL_OUTCOMES, EMAIL_OUTCOMES
from services.contact.attempts.domain.purposes import PURPOSES
from services.contact.profiles.bodies import AccountIds, StatementBody
from shared.http.field_markers import one_of
from shared.http.fields import FreeText, Instant, Purpose, ShortText, StrictBody, TypeId

SEEN_MAX = 20
DISCLOSURES_MAX = 20
STATEMENTS_MAX = 5

DisclosureCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

OutcomeCode = Annotated[
    str,
    one_of(
        tuple(sorted(CALL_OUTCOMES | EMAIL_OUTCOMES)),
        code="value-not-allowed",
        detail="give one of the outcome codes that the documentation lists",
    ),
]


class ContentBody(StrictBody):
    """The message of an e-mail. How to opt out is added to it."""

    subject: Annotated[str, ShortText(200)]
    text: Annotated[str, FreeText(20_000)]


class SeenBody(StrictBody):
    """A stream version that you have seen; nothing older is decided on."""

    stream: Annotated[str, Field(max_length=100, pattern=r"^[a-z]+-[0-9a-z_]+$")]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class AttemptBody(StrictBody):
    """One intended try to reach a party. Without `party_id` it is whoever the point belongs to.

    `technology` is how a call is placed: consent and more is asked of what no person dials or
    speaks. `disclosures` are the notices that the call or message carries, by their codes, such as
    `tx_time_barred`; where a state wants one that is not named, there is no permit.
    """

    account_id: Annotated[str, TypeId("acct")]
    channel: Channel
    contact_point_id: Annotated[str, TypeId("cp")]
    purpose: Annotated[str, Purpose(PURPOSES)]
    content: ContentBody | None = None
    party_id: Annotated[str, Field(pattern=r"^(cns|pty)_[0-7][0-9a-hjkmnp-tv-z]{25}$")] | None = (
        None
    )
    act: Act | None = None
    in_reply_to: Annotated[str, TypeId("inb")] | None = None
    portion: Portion = "whole"
    renewed_for: Renewal | None = None
    technology: Technology = "live"
    disclosures: Annotated[list[DisclosureCode], Field(max_length=DISCLOSURES_MAX)] = []
    seen: Annotated[list[SeenBody], Field(max_length=SEEN_MAX)] = []

    @property
    def intended_act(self) -> Act:
        """Return the act: whoever names a message replies to it."""
        return self.act or ("reply" if self.in_reply_to else "contact")


class OutcomeBody(StrictBody):
    """What came of an attempt, and what the person said besides.

    `cease_requested`, `opt_out`, `attorney_represented`, `wrong_number` and `employer_prohibits`
    are statements by themselves; name them in `statements` only to say more.
    """

    outcome: OutcomeCode
    started_at: Instant | None = None
    ended_at: Instant | None = None
    account_ids_discussed: AccountIds = []
    account_ids_raised: AccountIds = []
    statements: Annotated[list[StatementBody], Field(max_length=STATEMENTS_MAX)] = []
    note: Annotated[str, FreeText(4000)] | None = None


Status = Literal[
    "vetoed", "permitted", "expired", "dispatching", "refused", "concluded", "cancelled"
]
