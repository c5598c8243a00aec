"""What callers are answered about a consumer. No value of a contact point is among it."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from pydantic import BaseModel


class Version(BaseModel):
    """A stream as of a version; pass it as `seen` so that nothing older is decided on."""

    stream: str
    version: int


class Heard(BaseModel):
    """Whether compliance holds a statement already; if not, by when at the latest it binds."""

    effective: bool = False
    effective_by: datetime | None = None


class StatementAnswer(Heard):
    """A recorded statement. `201` means it is in force, `202` that it soon will be."""

    object: Literal["statement"] = "statement"
    id: str
    consumer_id: str
    kind: str
    seen: Version


class ReleaseAnswer(BaseModel):
    """A released statement."""

    object: Literal["release"] = "release"
    id: str
    consumer_id: str
    released_by: str
    reason: str
    seen: Version


class InboundMessageAnswer(Heard):
    """A recorded message, and what was heard in it."""

    object: Literal["inbound_message"] = "inbound_message"
    id: str
    consumer_id: str
    statements: list[str]
    seen: Version


class InboundCallAnswer(BaseModel):
    """A recorded call."""

    object: Literal["inbound_call"] = "inbound_call"
    id: str
    consumer_id: str
    seen: Version


class ConsentAnswer(Heard):
    """A recorded or withdrawn consent."""

    object: Literal["consent"] = "consent"
    id: str
    consumer_id: str
    seen: Version


class ContactPointRow(BaseModel):
    """A way to reach the consumer or a party of theirs; its value stays sealed."""

    object: Literal["contact_point"] = "contact_point"
    id: str
    consumer_id: str
    party_id: str | None
    account_ids: list[str]
    kind: Literal["phone", "email", "address"]
    label: str
    zones: list[str]
    states: list[str]
    source: str
    recorded_at: datetime

    @classmethod
    def of(cls, row: Any) -> "ContactPointRow":
        """Show a row."""
        return cls(id=row["contact_point_id"], **_columns(cls, row))


class ConsentRow(BaseModel):
    """A consent and whether it still stands."""

    object: Literal["consent"] = "consent"
    id: str
    consumer_id: str
    account_ids: list[str]
    contact_point_id: str | None
    medium: str
    procedure: str
    given_to: str
    given_at: datetime
    opt_out_ends_on: date | None
    expires_on: date | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> "ConsentRow":
        """Show a row."""
        return cls(id=row["consent_id"], **_columns(cls, row))


class StatementRow(BaseModel):
    """What the person said, as rules see it, and whether it still binds."""

    object: Literal["statement"] = "statement"
    id: str
    consumer_id: str
    kind: str
    fact: dict[str, Any]
    recorded_at: datetime
    recorded_by: str
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None

    @classmethod
    def of(cls, row: Any) -> "StatementRow":
        """Show a row."""
        fact = msgspec.json.decode(row["fact"])
        # The digest tells equal addresses apart across consumers; nobody outside needs it.
        shown = {name: value for name, value in fact.items() if name not in ("kind", "digest")}
        return cls(id=row["fact_id"], kind=fact["kind"], fact=shown, **_columns(cls, row))


def _columns(model: type[BaseModel], row: Any) -> dict[str, Any]:
    given = {"object", "id", "kind", "fact"} if model is StatementRow else {"object", "id"}
    return {name: row[name] for name in model.model_fields if name not in given}
