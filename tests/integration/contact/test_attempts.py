"""Attempts through the running services: asked for, dispatched, reported, read."""

from typing import Any

import pytest

from tests.integration.contact.office import Office

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def test_a_call_from_permit_to_conversation(office: Office) -> None:
    person = await office.place()
    key = office.key()
    attempt = await person.permitted()
    dispatch = f"/attempts/{attempt['id']}/dispatch"
    leave = await office.post("contact", dispatch, key=key)
    assert leave.status_code == 200
    assert (leave.json()["decision"], leave.json()["to"]) == ("dispatch", person.phone)
    repeated = await office.post("contact", dispatch, key=key)
    assert (repeated.json()["decision"], repeated.json()["to"]) == ("used", None)
    assert repeated.headers["idempotent-replayed"] == "true"
    other = await office.post("contact", dispatch)
    assert (other.status_code, other.json()["code"]) == (409, "dispatch-already-started")

    told = {"outcome": "right_party_contact", "account_ids_discussed": [person.account_id]}
    outcome = await office.post("contact", f"/attempts/{attempt['id']}/outcome", told)
    assert outcome.status_code == 201, outcome.text
    assert (outcome.json()["conversation"], outcome.json()["statements"]) == (True, [])
    shown = await office.get("contact", f"/attempts/{attempt['id']}")
    assert (shown["status"], shown["outcome"]) == ("concluded", "right_party_contact")

    async def heard() -> bool:
        return await office.permit_status(attempt["permit_id"]) == "concluded"

    await office.until(heard)
    again = (await person.attempt()).json()
    assert (again["decision"], again["status"]) == ("defer", "vetoed")
    assert "call-cooldown" in [each["rule"] for each in again["objections"]]
    assert again["earliest_permitted_at"] > attempt["decided_at"]


async def test_an_email_goes_out_once_and_says_how_to_stop(office: Office) -> None:
    person = await office.place()
    attempt = await person.permitted("email")

    async def concluded() -> bool:
        shown = await office.get("contact", f"/attempts/{attempt['id']}")
        return bool(shown["outcome"] == "email_sent")

    await office.until(concluded)
    (letter,) = office.letters.taken
    assert (letter["To"], letter["Subject"]) == (person.address, "Your account")
    assert "STOP" in letter.get_content()
    assert letter.get_content().startswith("Please call us.")

    async def reported() -> bool:
        return await office.permit_status(attempt["permit_id"]) == "concluded"

    await office.until(reported)


async def test_a_refused_recipient_is_a_bounce(office: Office) -> None:
    office.letters.refusal = "550 no such mailbox"
    person = await office.place()
    attempt = await person.permitted("email")

    async def concluded() -> bool:
        shown = await office.get("contact", f"/attempts/{attempt['id']}")
        return bool(shown["outcome"] == "email_bounced")

    await office.until(concluded)
    assert office.letters.taken == []


async def test_the_same_key_is_the_same_attempt(office: Office) -> None:
    person = await office.place()
    key = office.key()
    await person.permitted()
    first = await person.attempt(key=key)
    second = await person.attempt(key=key)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    other = await person.attempt(key=key, purpose="other")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_lost_decision_is_found_again(office: Office) -> None:
    person = await office.place()
    key = office.key()
    await person.permitted()
    office.line.lost = 2  # both tries reach compliance, neither answer arrives
    lost = await person.attempt(key=key)
    assert (lost.status_code, lost.json()["retryable"]) == (503, True)
    found = await person.attempt(key=key)
    assert found.status_code == 201
    decisions = await office.get("compliance", f"/consumers/{person.consumer_id}/decisions")
    assert [each["id"] for each in decisions["data"]].count(found.json()["permit_id"]) <= 1


async def test_a_lost_redemption_is_no_leave(office: Office) -> None:
    person = await office.place()
    key = office.key()
    attempt = await person.permitted()
    dispatch = f"/attempts/{attempt['id']}/dispatch"
    office.line.lost = 1
    leave = await office.post("contact", dispatch, key=key)
    assert (leave.json()["decision"], leave.json()["to"]) == ("used", None)
    told = {"outcome": "not_attempted_permit_released"}
    outcome = await office.post("contact", f"/attempts/{attempt['id']}/outcome", told)
    assert outcome.status_code == 201


async def test_compliance_away_means_no_number_until_it_is_back(office: Office) -> None:
    person = await office.place()
    key = office.key()
    attempt = await person.permitted()
    dispatch = f"/attempts/{attempt['id']}/dispatch"
    office.line.is_cut = True
    away = await office.post("contact", dispatch, key=key)
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    office.line.is_cut = False
    back = await office.post("contact", dispatch, key=key)
    assert back.json()["decision"] == "dispatch"


async def test_a_cancelled_attempt_gives_its_permit_back(office: Office) -> None:
    person = await office.place()
    attempt = await person.permitted()
    cancelled = await office.post("contact", f"/attempts/{attempt['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")

    async def released() -> bool:
        return await office.permit_status(attempt["permit_id"]) == "released"

    await office.until(released)
    late = await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    assert (late.status_code, late.json()["code"]) == (409, "attempt-is-over")


async def test_lists_are_newest_first_and_paged(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    await person.attempt()
    made = (await person.attempt()).json()

    async def listed() -> bool:
        page = await office.get("contact", "/attempts", consumer_id=person.consumer_id, limit="1")
        return bool(page["data"] and page["data"][0]["id"] == made["id"])

    await office.until(listed)
    page = await office.get("contact", "/attempts", account_id=person.account_id, limit="1")
    assert page["has_more"]
    following = await office.get(
        "contact",
        "/attempts",
        account_id=person.account_id,
        limit="1",
        cursor=page["next_cursor"],
    )
    assert following["data"][0]["id"] < made["id"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"account_id": "acct_01h455vb4pex5vsknk084sn02q"}, 404, "account-not-found"),
        ({"contact_point_id": "cp_01h455vb4pex5vsknk084sn02q"}, 404, "contact-point-not-found"),
        ({"channel": "email"}, 422, "medium-does-not-fit"),
        ({"content": {"subject": "s", "text": "t"}}, 422, "content-unexpected"),
        ({"party_id": "pty_01h455vb4pex5vsknk084sn02q"}, 422, "party-does-not-fit"),
    ],
)
async def test_refuses_what_cannot_be_reached(
    office: Office, changes: dict[str, object], status: int, code: str
) -> None:
    person = await office.place()
    body = {"account_id": person.account_id, "contact_point_id": person.points["phone"]}
    asked = {**body, "channel": "call", "purpose": "collection", **changes}
    response = await office.post("contact", "/attempts", asked)
    assert (response.status_code, response.json()["code"]) == (status, code)
    office.line.is_cut = True  # nobody asked compliance
    again = await office.post("contact", "/attempts", asked)
    assert again.status_code == status


async def test_a_call_made_against_a_veto_counts_like_any_other(office: Office) -> None:
    person = await office.place()
    attempt = await person.permitted()
    told = {"outcome": "right_party_contact", "account_ids_discussed": [person.account_id]}
    await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    await office.post("contact", f"/attempts/{attempt['id']}/outcome", told)

    async def vetoed() -> Any:
        refused = (await person.attempt()).json()
        return refused if refused["decision"] == "defer" else None

    refused = await office.until(vetoed)
    reported = await office.post("contact", f"/attempts/{refused['id']}/outcome", told)
    assert reported.status_code == 201, reported.text

    async def counted() -> bool:
        timeline = await office.get("compliance", f"/accounts/{person.account_id}/timeline")
        return "unpermitted-attempt-reported" in str(timeline)

    await office.until(counted)


async def test_an_outcome_names_accounts_of_the_person_alone(office: Office) -> None:
    person, stranger = await office.place(), await office.place()
    attempt = await person.permitted()
    await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    told = {
        "outcome": "right_party_contact",
        "account_ids_discussed": [person.account_id],
        "account_ids_raised": [person.account_id, stranger.account_id],
    }
    path = f"/attempts/{attempt['id']}/outcome"
    refused = await office.post("contact", path, told)
    assert (refused.status_code, refused.json()["code"]) == (422, "account-not-theirs")
    assert refused.json()["errors"][0]["pointer"] == "/account_ids_raised/1"
    del told["account_ids_raised"]
    assert (await office.post("contact", path, told)).status_code == 201


async def test_a_creditors_consent_to_calls_is_none_to_more_calls(office: Office) -> None:
    person = await office.place()
    consent = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "medium": "call",
        "procedure": "direct_consent",
        "given_to": "creditor",
        "given_at": "2026-01-05T12:00:00Z",
    }
    given = await office.post("contact", "/consents", consent)
    assert given.status_code == 201, given.text
    attempt = await person.permitted(seen=[given.json()["seen"]])
    told = {"outcome": "right_party_contact", "account_ids_discussed": [person.account_id]}
    await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    await office.post("contact", f"/attempts/{attempt['id']}/outcome", told)

    async def vetoed() -> bool:
        again = (await person.attempt()).json()
        return "call-cooldown" in [each["rule"] for each in again["objections"]]

    await office.until(vetoed)
