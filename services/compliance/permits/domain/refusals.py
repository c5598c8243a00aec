"""Commands that do not fit a gate's state."""

from shared.kernel.errors import DomainError


class PermitUnknown(DomainError):
    """No permit of that id is kept at this gate."""

    kind = "not_found"
    code = "permit-unknown"


class NoPermit(DomainError):
    """The decision of that id was a refusal: there is no permit to use, report on or give back."""

    code = "permit-refused"


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


class OutcomeMisfit(DomainError):
    """That cannot come of an attempt through this channel."""

    kind = "invalid"
    code = "outcome-does-not-fit"


class OutcomeMilder(DomainError):
    """The outcome on record restricts more; a later report never takes protection away."""

    code = "outcome-milder"


class EndsBeforeItStarts(DomainError):
    """The end lies before the start."""

    kind = "invalid"
    code = "ends-before-it-starts"


class AccountNotTheirs(DomainError):
    """The consumer is not known to have such an account."""

    kind = "invalid"
    code = "account-not-theirs"


OF_REPORTS = (
    OutcomeUnknown,
    OutcomeMisfit,
    OutcomeMilder,
    EndsBeforeItStarts,
    AccountNotTheirs,
)
"""Why a report of an outcome is refused."""
