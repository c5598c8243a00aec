"""What is said of a person binds at once, or by the feed; what is learnt late mends the counts."""

from typing import Any

import pytest

from tests.integration.contact.office import Office, Person

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

CALLS_MAX = 7


async def objecting(person: Person, **changes: Any) -> set[str]:
    """Return the rules that object to an attempt."""
    answer = (await person.attempt(**changes)).json()
    return {each["rule"] for each in answer["objections"]}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ({"kind": "bankruptcy", "chapter": 7, "filed_on": "2026-06-01"}, "bankruptcy-stay"),
        (
            {
                "kind": "initial_communication",
                "is_oral": True,
                "received_at": "2026-06-01T18:00:00Z",
            },
            "validation-due",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_binds_once_it_was_said(office: Office, statement: dict[str, Any], rule: str) -> None:
    person = await office.place()
    await person.permitted()
    if statement["kind"] == "initial_communication":
        statement = {**statement, "account_id": person.account_id}
    said = await person.say(**statement)
    assert (said.status_code, said.json()["effective"]) == (201, True)
    assert rule in await objecting(person)
    release = {"consumer_id": person.consumer_id, "reason": "recorded_in_error"}
    path = f"/protective-facts/{said.json()['id']}/release"
    assert (await office.post("contact", path, release)).status_code == 200

    async def is_over() -> bool:
        return rule not in await objecting(person)

    await office.until(is_over)


async def test_what_nobody_could_tell_comes_by_the_feed(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    office.line.is_cut = True
    said = await person.say(kind="bankruptcy")
    assert said.status_code == 202
    office.line.is_cut = False

    async def is_known() -> bool:
        page = await office.get("compliance", f"/consumers/{person.consumer_id}/holds")
        return said.json()["id"] in [each["id"] for each in page["data"]]

    await office.until(is_known)
    assert "bankruptcy-stay" in await objecting(person)


async def test_a_wrong_number_takes_its_calls_out_of_the_count(office: Office) -> None:
    person = await office.place()
    for _ in range(CALLS_MAX):
        attempt = await person.permitted()
        await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
        told = await office.post(
            "contact", f"/attempts/{attempt['id']}/outcome", {"outcome": "no_answer"}
        )
        assert told.status_code == 201, told.text
    assert "call-frequency" in await objecting(person)
    decisions = f"/consumers/{person.consumer_id}/decisions"
    before = await office.get("compliance", decisions)
    number = person.points["phone"]
    said = await person.say(kind="wrong_number", contact_point_id=number)
    assert said.status_code == 201
    now = await objecting(person)
    assert "wrong-number" in now
    assert "call-frequency" not in now
    after = await office.get("compliance", decisions, limit="100")  # whatever was asked since
    # What was decided before stays as it was decided, whatever became of the permits since.
    decided = {each["id"]: each | {"status": None} for each in after["data"]}
    for each in before["data"]:
        assert decided[each["id"]] == each | {"status": None}


async def test_a_consent_to_automated_calls_lets_them_be_made(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    consent = {
        "consumer_id": person.consumer_id,
        "medium": "call",
        "procedure": "direct_consent",
        "is_for_automated": True,
    }
    given = await office.post("contact", "/consents", consent)
    assert (given.status_code, given.json()["effective"]) == (201, True)

    async def rules() -> set[str]:
        answer = await person.attempt(technology="autodialed")
        assert answer.status_code == 201, answer.text
        return {each["rule"] for each in answer.json()["objections"]}

    assert not await rules() & {"automated-consent", "automated-consent-revoked"}
    path = f"/consents/{given.json()['id']}/withdraw"
    taken = await office.post("contact", path, {"consumer_id": person.consumer_id})
    assert (taken.status_code, taken.json()["effective"]) == (201, True)
    assert {"automated-consent", "automated-consent-revoked"} <= await rules()


async def test_an_email_has_no_technology_of_calls(office: Office) -> None:
    person = await office.place()
    refused = await person.attempt("email", technology="prerecorded")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/technology"


async def test_what_an_attempt_carries_is_what_is_redeemed(office: Office) -> None:
    person = await office.place()
    attempt = await person.permitted("email", disclosures=["tx_time_barred"])

    async def sent() -> bool:
        shown = await office.get("contact", f"/attempts/{attempt['id']}")
        return bool(shown["outcome"] == "email_sent")

    await office.until(sent)  # a permit is for what it was asked for, and nothing else
