"""What is said of accounts is said of the consumer's own; of another's nothing is recorded."""

from typing import Any

import pytest

from tests.integration.contact.office import Office, Person

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

STATEMENTS = [
    ({"kind": "cease", "in_writing": True, "medium": "letter"}, "account_ids"),
    ({"kind": "bankruptcy"}, "account_ids"),
    ({"kind": "bankruptcy"}, "reaffirmed"),
    ({"kind": "identity_theft", "source": "agency_block"}, "account_id"),
]


async def pair(office: Office) -> tuple[Person, Person]:
    """Place two people with an account each."""
    return await office.place(), await office.place()


def at_fault(answer: Any) -> tuple[int, str, str]:
    """Return status, code and the field at fault."""
    problem = answer.json()
    return answer.status_code, problem["code"], problem["errors"][0]["pointer"]


@pytest.mark.parametrize(("statement", "field"), STATEMENTS)
async def test_a_statement_of_anothers_account_is_refused(
    office: Office, statement: dict[str, Any], field: str
) -> None:
    ada, ben = await pair(office)
    several = field != "account_id"
    of_bens: Any = [ada.account_id, ben.account_id] if several else ben.account_id
    refused = await ada.say(**{**statement, field: of_bens})
    place = f"/{field}/1" if several else f"/{field}"
    assert at_fault(refused) == (422, "account-not-of-consumer", place)
    unknown: Any = office.ids.new("acct")
    refused = await ada.say(**{**statement, field: [unknown] if several else unknown})
    place = f"/{field}/0" if several else f"/{field}"
    assert at_fault(refused) == (404, "account-not-found", place)
    page = await office.get("contact", f"/consumers/{ada.consumer_id}/statements")
    assert page["data"] == []
    own: Any = [ada.account_id] if several else ada.account_id
    assert (await ada.say(**{**statement, field: own})).status_code == 201


async def test_so_is_one_that_comes_with_an_outcome(office: Office) -> None:
    ada, ben = await pair(office)
    attempt = await ada.permitted()
    path = f"/attempts/{attempt['id']}/outcome"
    statements = [
        {"kind": "employer_prohibits"},
        {"kind": "debt_position", "position": "does_not_owe", "account_ids": [ben.account_id]},
    ]
    body = {"outcome": "no_answer", "statements": statements}
    refused = await office.post("contact", path, body)
    place = "/statements/1/account_ids/0"
    assert at_fault(refused) == (422, "account-not-of-consumer", place)
    assert (await office.get("contact", f"/attempts/{attempt['id']}"))["outcome"] is None


async def test_so_are_messages_calls_and_consents(office: Office) -> None:
    ada, ben = await pair(office)
    named = {"consumer_id": ada.consumer_id, "account_ids": [ben.account_id]}
    call = {
        "is_conversation": True,
        "started_at": "2026-06-10T17:00:00Z",
        "ended_at": "2026-06-10T17:01:00Z",
    }
    bodies: dict[str, dict[str, Any]] = {
        "/inbound-messages": {"channel": "letter", "text": "Stop.", "demand": "stop_contact"},
        "/inbound-calls": call,
        "/consents": {"medium": "call", "procedure": "direct_consent"},
    }
    for path, body in bodies.items():
        refused = await office.post("contact", path, {**named, **body})
        assert at_fault(refused) == (422, "account-not-of-consumer", "/account_ids/0")


async def test_a_review_of_anothers_account_is_refused(office: Office) -> None:
    ada, ben = await pair(office)
    await ada.permitted()
    body = {
        "consumer_id": ada.consumer_id,
        "factor": "active_litigation",
        "decision": "approved",
    }
    given = {**body, "account_ids": [ada.account_id, ben.account_id]}
    refused = await office.post("compliance", "/call-reviews", given)
    assert at_fault(refused) == (404, "account-not-found", "/account_ids/1")
    taken = await office.post(
        "compliance", "/call-reviews", {**body, "account_ids": [ada.account_id]}
    )
    assert taken.status_code == 201
