"""Why a command does not fit an account."""

from shared.kernel.errors import DomainError


class AccountNotFound(DomainError):
    """No account has this id."""

    kind = "not_found"
    code = "account-not-found"


class AccountConflict(DomainError):
    """The id belongs to another account."""

    kind = "conflict"
    code = "account-conflict"


class AmountMismatch(DomainError):
    """Parts do not add up to their total, to the cent."""

    kind = "invalid"
    code = "amount-mismatch"


class AmountRange(DomainError):
    """An amount is not positive."""

    kind = "invalid"
    code = "amount-range"


class UnknownBucket(DomainError):
    """A bucket is not one that payments are allocated over."""

    kind = "invalid"
    code = "unknown-bucket"


class CurrencyUnsupported(DomainError):
    """Only US dollars are kept so far."""

    kind = "invalid"
    code = "currency"


class ConsumerMissing(DomainError):
    """An account needs at least one consumer, the primary first."""

    kind = "invalid"
    code = "consumer-missing"


class PaymentConflict(DomainError):
    """The payment id or external reference belongs to a payment with other particulars."""

    kind = "conflict"
    code = "payment-conflict"


class PaymentExceedsBalance(DomainError):
    """More money than is owed; a balance never passes below zero."""

    kind = "conflict"
    code = "payment-exceeds-balance"


class PaymentNotFound(DomainError):
    """The account has no such payment."""

    kind = "not_found"
    code = "payment-not-found"


class PaymentAlreadyReversed(DomainError):
    """A payment is reversed at most once."""

    kind = "conflict"
    code = "payment-already-reversed"


class ReversalConflict(DomainError):
    """The reversal id belongs to another payment's reversal."""

    kind = "conflict"
    code = "reversal-conflict"


class TimeOutOfOrder(DomainError):
    """Something is said to have happened in the future, or before what it follows from."""

    kind = "invalid"
    code = "time-order"


class HoldNotFound(DomainError):
    """The account has no such hold."""

    kind = "not_found"
    code = "hold-not-found"


class HoldConflict(DomainError):
    """The hold id belongs to a hold for another reason."""

    kind = "conflict"
    code = "hold-conflict"


class AccountIsRecalled(DomainError):
    """The creditor took the account back."""

    kind = "conflict"
    code = "account-recalled"


class AccountIsClosed(DomainError):
    """Work on the account has ended."""

    kind = "conflict"
    code = "account-closed"


class AccountNotOpen(DomainError):
    """The account was recalled or closed."""

    kind = "conflict"
    code = "account-not-open"


class AccountHeld(DomainError):
    """A hold forbids asking for money."""

    kind = "conflict"
    code = "account-held"


class PlanExists(DomainError):
    """The account follows another plan."""

    kind = "conflict"
    code = "plan-exists"


class PlanNotOpen(DomainError):
    """The plan that is named is not the one that the account follows."""

    kind = "conflict"
    code = "plan-not-open"


class PlanExceedsBalance(DomainError):
    """The plan collects more than is owed."""

    kind = "conflict"
    code = "plan-exceeds-balance"


class PartyNotOnAccount(DomainError):
    """Nobody on the account has this id."""

    kind = "invalid"
    code = "party-not-on-account"


class BalanceRemains(DomainError):
    """An account that still owes is not paid in full."""

    kind = "conflict"
    code = "balance-remains"
