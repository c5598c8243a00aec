"""Other services' events, with the fields that disputes need of them."""

from shared.kernel.money import Money
from shared.kernel.records import event


@event("forbear.ledger.account-placed.v1")
class AccountPlaced:
    """A creditor handed over one debt."""

    account_id: str
    consumer_ids: tuple[str, ...]
    balance: Money
