"""Two people owe one account: what one says of the debt holds for the other's gate, too."""

from typing import Any

import pytest

from tests.integration.contact.office import Office, Person

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

CHAPTER_13: dict[str, Any] = {"kind": "bankruptcy", "chapter": 13, "filed_on": "2026-06-01"}
CHAPTER_7: dict[str, Any] = {"kind": "bankruptcy", "chapter": 7, "filed_on": "2026-06-01"}
THEFT = {"kind": "identity_theft", "source": "agency_block"}
DISPUTE = {"kind": "reporting_dispute"}
SERVICE: dict[str, Any] = {
    "kind": "military_service",
    "started_on": "2026-01-01",
    "notice_received_on": "2026-06-01",
}
SALE = {"kind": "transfer", "way": "sale"}
FURNISHING = {"kind": "furnish"}
INTEREST = {
    "kind": "add-charge",
    "charge": "interest",
    "basis": "agreement",
    "rate_basis_points": 2_000,
}


async def objecting(person: Person) -> set[str]:
    """Return the rules that object to a call."""
    answer = await person.attempt()
    assert answer.status_code == 201, answer.text
    return {each["rule"] for each in answer.json()["objections"]}


async def refusing(person: Person, act: dict[str, Any]) -> set[str]:
    """Return the rules that object to an act."""
    body = {"consumer_id": person.consumer_id, "account_ids": [person.account_id], "act": act}
    answer = await person.office.post("compliance", "/clearances", body)
    assert answer.status_code == 201, answer.text
    return {each["rule"] for each in answer.json()["objections"]}


async def release(person: Person, fact_id: str) -> None:
    body = {"consumer_id": person.consumer_id, "reason": "recorded_in_error"}
    path = f"/protective-facts/{fact_id}/release"
    assert (await person.office.post("contact", path, body)).status_code == 200


async def test_a_chapter_13_petition_stops_calls_to_the_other_at_once(office: Office) -> None:
    ada, grace = await office.place_together()
    await ada.permitted()
    attempt = await grace.permitted()
    said = await ada.say(**CHAPTER_13)
    assert (said.status_code, said.json()["effective"]) == (201, True)
    assert "bankruptcy-codebtor" in await objecting(grace)
    assert "bankruptcy-stay" not in await objecting(grace)
    assert "bankruptcy-stay" in await objecting(ada)
    leave = await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    if leave.status_code == 200:  # our own cancellation may not have arrived yet
        assert leave.json()["decision"] == "refused"
    else:
        assert leave.json()["code"] == "attempt-is-over"
    await release(ada, said.json()["id"])

    async def is_over() -> bool:
        return "bankruptcy-codebtor" not in await objecting(grace)

    await office.until(is_over)


async def test_a_chapter_7_petition_bars_who_filed_alone(office: Office) -> None:
    ada, grace = await office.place_together()
    await ada.permitted()
    await grace.permitted()
    said = await grace.say(**CHAPTER_7)
    assert (said.status_code, said.json()["effective"]) == (201, True)
    assert "bankruptcy-stay" in await objecting(grace)
    assert not {"bankruptcy-stay", "bankruptcy-codebtor"} & await objecting(ada)


@pytest.mark.parametrize(
    ("statement", "act", "rule"),
    [
        (THEFT, SALE, "identity-theft-transfer"),
        (DISPUTE, FURNISHING, "dispute-not-marked"),
        (SERVICE, INTEREST, "service-interest-cap"),
    ],
    ids=lambda each: each["kind"] if isinstance(each, dict) else "",
)
async def test_what_is_said_of_the_debt_stops_acts_cleared_through_the_other(
    office: Office, statement: dict[str, Any], act: dict[str, Any], rule: str
) -> None:
    ada, grace = await office.place_together()
    await ada.permitted()
    await grace.permitted()
    assert rule not in await refusing(grace, act)
    about = {} if statement is SERVICE else {"account_id": ada.account_id}
    said = await ada.say(**statement, **about)
    assert (said.status_code, said.json()["effective"]) == (201, True)
    assert rule in await refusing(grace, act)
    assert rule in await refusing(ada, act)


async def test_what_nobody_could_tell_comes_to_both_by_the_feed(office: Office) -> None:
    ada, grace = await office.place_together()
    await ada.permitted()
    await grace.permitted()
    office.line.is_cut = True
    said = await ada.say(**CHAPTER_13)
    assert said.status_code == 202
    office.line.is_cut = False

    async def is_known() -> bool:
        return "bankruptcy-codebtor" in await objecting(grace)

    await office.until(is_known)


async def test_who_comes_to_owe_with_a_bankrupt_is_protected_too(office: Office) -> None:
    reference = {"customer_reference": "C-joint"}
    alone = await office.place(**reference)
    await alone.permitted()
    said = await alone.say(**CHAPTER_13)
    assert said.json()["effective"] is True
    account = await office.get("ledger", f"/accounts/{alone.account_id}")
    again = {**reference, "creditor_id": account["creditor_id"]}
    ada, grace = await office.place_together(**again)
    assert ada.consumer_id == alone.consumer_id

    async def is_known() -> bool:
        return "account-unknown" not in await objecting(grace)

    await office.until(is_known)
    assert "bankruptcy-codebtor" in await objecting(grace)
