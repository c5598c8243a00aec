"""What contact reads of other services' events: only the fields it needs."""

from datetime import date, datetime
from typing import Literal

from shared.kernel.records import event, record
from shared.kernel.sealed import Sealed


@record
class PlacedParty:
    """A person on an account; a natural person said to owe has a consumer id."""

    party_id: str
    role: str
    consumer_id: str | None = None


@record
class PlacedConsent:
    """A consent the creditor says was given."""

    procedure: Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
    medium: Literal["email", "text", "call"]
    given_on: date
    notice_sent_on: date | None = None
    opt_out_by: date | None = None


@record
class PlacedContactPoint:
    """A way to reach a party."""

    contact_point_id: str
    party_id: str
    kind: Literal["phone", "email", "address"]
    label: str
    value: Sealed
    digest: str
    consumer_id: str | None = None
    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    consents: tuple[PlacedConsent, ...] = ()
    source: str = "creditor"
    obtained_on: date | None = None
    is_public_domain: bool | None = None


@event("forbear.ledger.account-placed.v1")
class AccountPlaced:
    """A creditor handed over one debt; the primary consumer stands first."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    current_creditor_name: str
    at: datetime
    parties: tuple[PlacedParty, ...] = ()
    contact_points: tuple[PlacedContactPoint, ...] = ()


@event("forbear.ledger.account-activated.v1")
class AccountActivated:
    """Work on the account may begin."""

    account_id: str


@event("forbear.ledger.account-recalled.v1")
class AccountRecalled:
    """The creditor took the account back."""

    account_id: str


@event("forbear.ledger.account-closed.v1")
class AccountClosed:
    """Work on the account ended."""

    account_id: str


@event("forbear.ledger.account-reopened.v1")
class AccountReopened:
    """A paid account owes again."""

    account_id: str


@event("forbear.compliance.permit-revoked.v1")
class PermitRevoked:
    """A protective fact ended an outstanding permit."""

    permit_id: str
    by_fact: str
