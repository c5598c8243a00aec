"""Whether the accounts that are named beside a consumer are theirs.

A statement about somebody else's account would bind nobody and look as if it did. An account is
looked up as it was placed; who owes it does not change afterwards.
"""

from collections.abc import Iterator

from services.contact.profiles import views
from services.contact.profiles.domain.refusals import AccountNotFound, AccountNotOfConsumer
from shared.http.call import Call
from shared.http.fields import StrictBody

NO_SUCH_ACCOUNT = (
    "no such account is known here: check its id, or ask again in a moment if it was just placed"
)
_ONE = ("account_id",)
_SEVERAL = ("account_ids", "stay_lifted", "postpetition", "reaffirmed")


async def require_own(call: Call, consumer_id: str, body: StrictBody, at: str = "") -> None:
    """Refuse a body that names an account the consumer does not owe.

    Args:
        at: where the body stands in the request's, as a JSON Pointer.

    Raises:
        AccountNotFound: an account is not known here, or not yet.
        AccountNotOfConsumer: it is somebody else's.
    """
    named = list(_named(body))
    if not named:
        return
    rows = await call.rows(views.owed_by({account_id for _, account_id in named}))
    owed_by = {row["account_id"]: row["consumer_ids"] for row in rows}
    for place, account_id in named:
        if account_id not in owed_by:
            raise AccountNotFound(NO_SUCH_ACCOUNT, pointer=at + place)
        if consumer_id not in owed_by[account_id]:
            raise AccountNotOfConsumer(
                "the consumer is not on this account: name accounts that the ledger lists for them",
                pointer=at + place,
            )


def _named(body: StrictBody) -> Iterator[tuple[str, str]]:
    for field in _ONE:
        if account_id := getattr(body, field, None):
            yield f"/{field}", account_id
    for field in _SEVERAL:
        for index, account_id in enumerate(getattr(body, field, ())):
            yield f"/{field}/{index}", account_id
