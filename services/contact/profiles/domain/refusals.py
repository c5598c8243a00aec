"""Why a profile refuses a command."""

from shared.kernel.errors import DomainError


class AccountNotFound(DomainError):
    """No such account is known here, or not yet."""

    kind = "not_found"
    code = "account-not-found"


class AccountNotOfConsumer(DomainError):
    """The consumer is not on the account."""

    kind = "invalid"
    code = "account-not-of-consumer"


class ContactPointNotFound(DomainError):
    """The consumer has no such contact point."""

    kind = "not_found"
    code = "contact-point-not-found"


class ConsentNotFound(DomainError):
    """The consumer has given no such consent."""

    kind = "not_found"
    code = "consent-not-found"


class ProtectiveFactNotFound(DomainError):
    """The consumer has made no such statement."""

    kind = "not_found"
    code = "protective-fact-not-found"


class InTheFuture(DomainError):
    """It is said to have happened later than now."""

    kind = "invalid"
    code = "in-the-future"


class EndsBeforeItStarts(DomainError):
    """The end lies before the start."""

    kind = "invalid"
    code = "ends-before-it-starts"


class ConsentScopeMixed(DomainError):
    """Consent for some times only names more than the bars of the clock."""

    kind = "invalid"
    code = "consent-scope-mixed"


class ConsentsToNothing(DomainError):
    """Neither a bar that is lifted nor a person who may be told is named."""

    kind = "invalid"
    code = "consent-scope-missing"


class OptsOutOfNothing(DomainError):
    """Neither a medium nor a contact point is named."""

    kind = "invalid"
    code = "opt-out-scope-missing"


class MediumDoesNotFit(DomainError):
    """That medium cannot reach this kind of contact point."""

    kind = "invalid"
    code = "medium-does-not-fit"
