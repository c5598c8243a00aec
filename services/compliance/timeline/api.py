"""Reading an account's timeline."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel

from services.compliance.timeline import views
from shared.http.call import CurrentCall
from shared.http.fields import TypeId
from shared.http.pagination import Page, Paging
from shared.http.routing import Router

router = Router(tag="timeline")


class EntryAnswer(BaseModel):
    """One thing that happened."""

    object: Literal["timeline_entry"] = "timeline_entry"
    at: datetime
    recorded_at: datetime
    words: str
    service: str
    type: str
    event_id: str
    actor: str


@router.get(
    "/accounts/{account_id}/timeline", scope="accounts:read", response_model=Page[EntryAnswer]
)
async def get_timeline(
    account_id: Annotated[str, Path(), TypeId("acct")], call: CurrentCall, paging: Paging
) -> Page[EntryAnswer]:
    """Read what happened on an account, in plain words."""
    return await call.page(
        paging,
        operation="get_timeline",
        filters={"account_id": account_id},
        query=lambda after: views.of_account(account_id, after, paging.limit + 1),
        show=lambda row: (
            (row["at"].isoformat(), row["recorded_at"].isoformat(), row["event_id"]),
            EntryAnswer(
                at=row["at"],
                recorded_at=row["recorded_at"],
                words=row["words"],
                service=row["service"],
                type=row["type"],
                event_id=row["event_id"],
                actor=row["actor"],
            ),
        ),
    )
