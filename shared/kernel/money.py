"""Money: integer minor units and an ISO 4217 code. No floats, no silent conversion."""

from shared.kernel.errors import DomainError
from shared.kernel.records import record

AMOUNT_LIMIT = 2**53  # integers below this survive every JSON reader (RFC 8785, section 3.2.2.3)


@record
class Money:
    """An amount in minor units (cents for USD)."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if abs(self.amount) >= AMOUNT_LIMIT:
            raise ValueError("amount is beyond what is stored exactly")

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other).amount, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other).amount, currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(amount=-self.amount, currency=self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"expected {self.currency}, got {other.currency}")
        return other


class CurrencyMismatch(DomainError):
    """Two amounts of different currencies met in one sum."""

    kind = "invalid"
    code = "currency-mismatch"
