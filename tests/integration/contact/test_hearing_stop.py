"""Hearing "stop": after `201 effective` nothing is let through, and `202` says by when."""

import asyncio
from datetime import datetime

import pytest

from tests.integration.contact.office import Office

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def test_after_201_no_permit_granted_before_is_redeemed(office: Office) -> None:
    person = await office.place()
    attempt = await person.permitted()
    heard = await person.say(kind="cease", in_writing=True, medium="letter")
    assert (heard.status_code, heard.json()["effective"]) == (201, True)
    leave = await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    if leave.status_code == 200:  # our own cancellation may not have arrived yet
        assert (leave.json()["decision"], leave.json()["to"]) == ("refused", None)
    else:
        assert leave.json()["code"] == "attempt-is-over"

    async def cancelled() -> bool:
        shown = await office.get("contact", f"/attempts/{attempt['id']}")
        return shown["status"] in ("cancelled", "refused")

    await office.until(cancelled)
    vetoed = (await person.attempt()).json()
    assert "cease-notice" in [each["rule"] for each in vetoed["objections"]]


async def test_without_compliance_it_says_by_when_and_a_repeat_tells_it(office: Office) -> None:
    person = await office.place()
    key = office.key()
    office.line.is_cut = True
    statement = {"kind": "cease", "in_writing": True, "medium": "letter"}
    path = f"/consumers/{person.consumer_id}/statements"
    later = await office.post("contact", path, statement, key=key)
    assert (later.status_code, later.json()["effective"]) == (202, False)
    assert datetime.fromisoformat(later.json()["effective_by"]).tzinfo is not None
    office.line.is_cut = False
    told = await office.post("contact", path, statement, key=key)
    assert (told.status_code, told.json()["effective"]) == (201, True)
    assert (told.json()["id"], told.headers["idempotent-replayed"]) == (later.json()["id"], "true")


async def test_the_feed_tells_what_the_line_did_not(office: Office) -> None:
    person = await office.place()
    await person.permitted()
    office.line.is_cut = True
    heard = await person.say(kind="cease", in_writing=False, medium="call")
    assert heard.status_code == 202

    async def known() -> bool:
        page = await office.get("compliance", f"/consumers/{person.consumer_id}/holds")
        return heard.json()["id"] in [each["id"] for each in page["data"]]

    await office.until(known)


async def test_a_release_lets_contact_go_on(office: Office) -> None:
    person = await office.place()
    heard = await person.say(kind="opt_out", medium="call")
    assert "opted-out-medium" in [
        each["rule"] for each in (await person.attempt()).json()["objections"]
    ]
    release = {"consumer_id": person.consumer_id, "reason": "consumer_request"}
    path = f"/protective-facts/{heard.json()['id']}/release"
    assert (await office.post("contact", path, release)).status_code == 200
    await person.permitted()

    async def listed() -> bool:
        page = await office.get("contact", f"/consumers/{person.consumer_id}/statements")
        return any(each["release_reason"] == "consumer_request" for each in page["data"])

    await office.until(listed)


async def test_the_word_stop_binds_the_address_for_everybody(office: Office) -> None:
    person = await office.place()
    await person.permitted("email")
    message = {
        "consumer_id": person.consumer_id,
        "channel": "email",
        "contact_point_id": person.points["email"],
        "text": "STOP e-mailing me!\n> reply STOP",
    }
    heard = await office.post("contact", "/inbound-messages", message)
    assert (heard.status_code, heard.json()["effective"]) == (201, True)
    assert len(heard.json()["statements"]) == 1
    vetoed = (await person.attempt("email")).json()
    assert "opted-out-address" in [each["rule"] for each in vetoed["objections"]]
    reply = (await person.attempt("email", in_reply_to=heard.json()["id"])).json()
    assert "opted-out-address" in [each["rule"] for each in reply["objections"]]


async def test_an_outcome_that_is_a_statement_is_heard_at_once(office: Office) -> None:
    person = await office.place()
    key = office.key()
    attempt = await person.permitted()
    await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
    told = {"outcome": "attorney_represented"}
    path = f"/attempts/{attempt['id']}/outcome"
    outcome = await office.post("contact", path, told, key=key)
    assert (outcome.status_code, outcome.json()["effective"]) == (201, True)
    assert len(outcome.json()["statements"]) == 1
    repeated = await office.post("contact", path, told)
    assert repeated.json()["statements"] == outcome.json()["statements"]
    vetoed = (await person.attempt("email")).json()
    assert "attorney-retained" in [each["rule"] for each in vetoed["objections"]]


async def test_stop_races_with_dispatch(office: Office) -> None:
    person = await office.place()
    attempts = [await person.permitted() for _ in range(6)]
    dispatches = [
        office.post("contact", f"/attempts/{each['id']}/dispatch") for each in attempts[:3]
    ]
    stop = person.say(kind="cease", in_writing=False, medium="call")
    *_, heard = await asyncio.gather(*dispatches, stop)
    assert heard.json()["effective"]
    late = [
        await office.post("contact", f"/attempts/{each['id']}/dispatch") for each in attempts[3:]
    ]
    assert all(leave.json().get("to") is None for leave in late)
