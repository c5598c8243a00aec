"""Why a dispute refuses a command."""

from shared.kernel.errors import DomainError


class DisputeNotFound(DomainError):
    """There is no such dispute."""

    kind = "not_found"
    code = "dispute-not-found"


class AccountNotFound(DomainError):
    """No such account is known here, or not yet."""

    kind = "not_found"
    code = "account-not-found"


class NotOnAccount(DomainError):
    """The consumer is not on the account."""

    kind = "invalid"
    code = "consumer-not-on-account"


class AnswerRequired(DomainError):
    """A dispute is not denied before it was answered (12 CFR 1006.38(d)(2))."""

    code = "answer-required"


class AnswerDoesNotFit(DomainError):
    """That does not answer this kind of dispute."""

    kind = "invalid"
    code = "answer-does-not-fit"


class AnswerOnRecord(DomainError):
    """Another answer is on record."""

    code = "answer-on-record"


class DisputeIsResolved(DomainError):
    """The dispute came to an end, another way."""

    code = "dispute-is-resolved"


class InTheFuture(DomainError):
    """It is said to have happened later than now."""

    kind = "invalid"
    code = "in-the-future"


class SentTooEarly(DomainError):
    """The answer is said to have been sent before the dispute was received."""

    kind = "invalid"
    code = "sent-before-received"


class AmountUnexpected(DomainError):
    """A request for the original creditor disputes no amount."""

    kind = "invalid"
    code = "amount-unexpected"
