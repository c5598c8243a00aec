"""The newest signed checkpoint of the caller's own log."""

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel

from shared.http.call import CurrentCall
from shared.http.problem import Problem
from shared.http.routing import Router

router = Router(tag="audit")

CHECKPOINTS = sa.table(
    "audit_checkpoints",
    sa.column("size", sa.BigInteger),
    sa.column("note", sa.Text),
    sa.column("signed_at", sa.DateTime(timezone=True)),
)


class CheckpointAnswer(BaseModel):
    """A signed note in C2SP form: keep it, and no record before it can change unseen."""

    object: Literal["audit_checkpoint"] = "audit_checkpoint"
    size: int
    signed_at: datetime
    note: str


@router.get(
    "/audit/checkpoint",
    scope="audit:read",
    response_model=CheckpointAnswer,
    problems=("not-found",),
)
async def get_checkpoint(call: CurrentCall) -> CheckpointAnswer:
    """Read the newest signed checkpoint of your audit log."""
    query: sa.Select[Any] = sa.select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    rows = await call.rows(query)
    if not rows:
        raise Problem("not-found")
    row = rows[0]
    return CheckpointAnswer(size=row["size"], signed_at=row["signed_at"], note=row["note"])
