"""Why an attempt refuses a command."""

from shared.kernel.errors import DomainError


class AttemptNotFound(DomainError):
    """There is no such attempt."""

    kind = "not_found"
    code = "attempt-not-found"


class AttemptVetoedBefore(DomainError):
    """Compliance gave no leave for it."""

    code = "attempt-vetoed"


class DispatchAlreadyStarted(DomainError):
    """Another dispatcher has taken it, or it was given leave once already."""

    code = "dispatch-already-started"


class AttemptIsOver(DomainError):
    """It was concluded, cancelled or refused."""

    code = "attempt-is-over"


class OutcomeDoesNotFit(DomainError):
    """That cannot come of an attempt through this channel."""

    kind = "invalid"
    code = "outcome-does-not-fit"


class OutcomeOnRecord(DomainError):
    """Another outcome is on record and is not one that later knowledge replaces."""

    code = "outcome-on-record"


class InTheFuture(DomainError):
    """It is said to have happened later than now."""

    kind = "invalid"
    code = "in-the-future"


class EndsBeforeItStarts(DomainError):
    """The end lies before the start."""

    kind = "invalid"
    code = "ends-before-it-starts"


class NotForAgents(DomainError):
    """E-mail is sent by the service itself."""

    code = "dispatched-by-service"


class AccountNotTheirs(DomainError):
    """The consumer is not known to have such an account."""

    kind = "invalid"
    code = "account-not-theirs"


class NotThatParty(DomainError):
    """The contact point belongs to another party of the account."""

    kind = "invalid"
    code = "party-does-not-fit"


class ContentMissing(DomainError):
    """An e-mail needs a message."""

    kind = "invalid"
    code = "content-required"


class ContentUnexpected(DomainError):
    """A call has no message."""

    kind = "invalid"
    code = "content-unexpected"


class CanaryNotContacted(DomainError):
    """A canary of compliance's is nobody, and is reached through no channel."""

    kind = "forbidden"
    code = "canary-not-contacted"
