"""The people and accounts of one play, as the agency knows them from the answers it got."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.command.demo.characters import Character


@dataclass
class Account:
    """One placed account. `balance` follows what payments and reversals were answered."""

    number: str
    account_id: str
    balance: int
    party_id: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    is_open: bool = True
    payments: int = 0


@dataclass
class Person:
    """One consumer; `place` is where they stand in the file, and orders whatever is ordered."""

    place: int
    reference: str
    character: Character
    consumer_id: str
    accounts: list[Account] = field(default_factory=list)
    conversations: int = 0


def account_of(answer: Mapping[str, Any], number: str) -> Account:
    """Read an account as `GET /v1/accounts/{id}` shows it."""
    consumer_id = answer["consumer_ids"][0]
    party_id = next(each["id"] for each in answer["parties"] if each["consumer_id"] == consumer_id)
    points = [each for each in answer["contact_points"] if each["party_id"] == party_id]
    return Account(
        number=number,
        account_id=answer["id"],
        balance=answer["balance"]["amount"],
        party_id=party_id,
        phones=tuple(each["id"] for each in points if each["kind"] == "phone"),
        emails=tuple(each["id"] for each in points if each["kind"] == "email"),
        is_open=answer["lifecycle"] in ("received", "active"),
    )
