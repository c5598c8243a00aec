"""Disputes through the running services: collection stops, and goes on once it may."""

import httpx2
import pytest

from tests.databases import Server
from tests.integration.contact.office import Office, Person, opened

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def disputed(office: Office, person: Person, **changes: object) -> dict[str, object]:
    body = {"account_id": person.account_id, "in_writing": True, **changes}

    async def opened() -> dict[str, object] | None:
        response = await office.post("disputes", "/disputes", body)
        return response.json() if response.status_code != 404 else None

    found: dict[str, object] = await office.until(opened)
    return found


async def rules(person: Person) -> list[str]:
    answer = (await person.attempt()).json()
    return [each["rule"] for each in answer["objections"]]


async def test_stops_everything_until_it_is_over(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    dispute = await disputed(office, person, grounds="not_mine", text="I never bought this.")
    assert (dispute["effective"], dispute["status"]) == (True, "open")
    assert "dispute-open" in await rules(person)

    async def held() -> bool:
        page = await office.get("ledger", f"/accounts/{person.account_id}/holds")
        return any(each["reason"] == "dispute" for each in page["data"])

    await office.until(held)
    path = f"/disputes/{dispute['id']}"
    denied = await office.post("disputes", f"{path}/resolve", {"resolution": "denied"})
    assert (denied.status_code, denied.json()["code"]) == (409, "answer-required")
    acknowledged = await office.post("disputes", f"{path}/acknowledge")
    assert acknowledged.json()["status"] == "acknowledged"
    answered = await office.post("disputes", f"{path}/answer", {"answer": "verification"})
    assert (answered.status_code, answered.json()["effective"]) == (201, True)
    assert "dispute-open" not in await rules(person)
    resolved = await office.post(
        "disputes", f"{path}/resolve", {"resolution": "denied", "note": "The invoice is right."}
    )
    assert (resolved.status_code, resolved.json()["status"]) == (200, "resolved")
    await person.permitted()

    async def listed() -> bool:
        page = await office.get("disputes", "/disputes", consumer_id=person.consumer_id)
        return [each["status"] for each in page["data"]] == ["resolved"]

    await office.until(listed)
    assert (await office.get("disputes", path))["resolution"] == "denied"


async def test_without_compliance_it_says_by_when(office: Office) -> None:
    person = await office.place()
    key = office.key()
    await disputed(office, person, grounds="already_paid")
    office.line.is_cut = True
    body = {"account_id": person.account_id, "in_writing": True}
    later = await office.post("disputes", "/disputes", body, key=key)
    assert (later.status_code, later.json()["effective"]) == (202, False)
    office.line.is_cut = False
    told = await office.post("disputes", "/disputes", body, key=key)
    assert (told.status_code, told.json()["effective"]) == (201, True)
    assert told.json()["id"] == later.json()["id"]


async def stated(office: Office, attempt_id: str) -> httpx2.Response:
    await office.post("contact", f"/attempts/{attempt_id}/dispatch")
    told = {"outcome": "right_party_dispute"}
    return await office.post("contact", f"/attempts/{attempt_id}/outcome", told)


async def test_an_oral_dispute_holds_the_account_at_once(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    dispute = await disputed(office, person, in_writing=False)
    assert dispute["effective"] is True
    assert await rules(person) == ["account-hold"]
    await office.post("disputes", f"/disputes/{dispute['id']}/resolve", {"resolution": "upheld"})
    await person.permitted()


async def test_a_dispute_stated_in_a_call_is_on_record(office: Office) -> None:
    person = await office.place()
    outcome = await stated(office, (await person.permitted())["id"])

    async def opened() -> bool:
        page = await office.get("disputes", "/disputes", account_id=person.account_id)
        found = [(each["id"], each["grounds"]) for each in page["data"]]
        return found == [(outcome.json()["dispute_id"], "stated_on_call")]

    await office.until(opened)


async def test_a_dispute_stated_in_a_call_binds_while_disputes_is_away(
    postgres_server: Server,
) -> None:
    async with opened(postgres_server) as office:
        told, untold = await office.place(), await office.place()
        attempts = [(await each.permitted())["id"] for each in (told, untold)]
        await office.system.services.pop("disputes").stop()
        heard = await stated(office, attempts[0])
        assert (heard.status_code, heard.json()["effective"]) == (201, True)
        assert "account-hold" in await rules(told)
        await office.post("contact", f"/attempts/{attempts[1]}/dispatch")
        office.line.is_cut = True
        unheard = await stated(office, attempts[1])
        assert (unheard.status_code, unheard.json()["effective"]) == (202, False)
        office.line.is_cut = False

        async def is_held() -> bool:
            return "account-hold" in await rules(untold)

        await office.until(is_held)


async def test_refuses_what_is_not_on_the_books(office: Office) -> None:
    body = {"account_id": "acct_01h455vb4pex5vsknk084sn02q", "in_writing": True}
    unknown = await office.post("disputes", "/disputes", body)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account-not-found")
    person = await office.place()
    await disputed(office, person)
    stranger = {"consumer_id": "cns_01h455vb4pex5vsknk084sn02q"}
    refused = await office.post(
        "disputes",
        "/disputes",
        {"account_id": person.account_id, "in_writing": True, **stranger},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "consumer-not-on-account")
