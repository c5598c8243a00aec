"""Commands that do not fit a gate's state."""

from shared.kernel.errors import DomainError


class PermitUnknown(DomainError):
    """No permit of that id is kept at this gate."""

    kind = "not_found"
    code = "permit-unknown"


class PermitUsed(DomainError):
    """The permit was redeemed: it cannot be given back or used again."""

    kind = "conflict"
    code = "permit-used"


class AccountNotFound(DomainError):
    """The gate knows no such account of the consumer, or not yet."""

    kind = "not_found"
    code = "account-not-found"


class OutcomeUnknown(DomainError):
    """The outcome code is not in the table."""

    kind = "invalid"
    code = "outcome-unknown"
