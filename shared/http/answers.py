"""Shapes that answers of several services share."""

from pydantic import BaseModel

from shared.kernel import money


class MoneyAnswer(BaseModel):
    """An amount in minor units (cents for USD)."""

    amount: int
    currency: str

    @classmethod
    def of(cls, value: money.Money) -> "MoneyAnswer":
        """Show an amount."""
        return cls(amount=value.amount, currency=value.currency)
