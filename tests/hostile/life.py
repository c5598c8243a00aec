"""What befalls the person, through all four services: every place that takes personal data."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx2

from shared.http.webhook_signature import SharedSecret, sign
from tests.hostile import personal
from tests.hostile.trail import Trail
from tests.integration.contact.office import Office, Person


async def place(office: Office) -> Person:
    """Place the person's account by webhook."""
    creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
    body = {
        "type": "placement.created",
        "timestamp": "2026-06-10T18:00:00Z",
        "data": {"rows": [personal.placement_row()]},
    }
    content = json.dumps(body).encode()
    secret = SharedSecret.parse(creditor["signing_secret"])
    signed = sign([secret], message_id="placed", sent_at=datetime.now(UTC), body=content)
    receipt = await office.clients["ledger"].post(
        creditor["inbound_path"],
        content=content,
        headers={"content-type": "application/json", **signed},
    )
    assert receipt.json()["accepted"] == 1, receipt.text
    account_id = receipt.json()["rows"][0]["account_id"]
    account = await office.get("ledger", f"/accounts/{account_id}")
    person = Person(office, account_id, account["consumer_ids"][0])
    await person.settle()
    return person


async def contact(office: Office, person: Person, trail: Trail) -> httpx2.Response:
    """Write and call: one letter arrives, one is refused, one number is dialed."""
    content = {"subject": personal.SUBJECT, "text": personal.LETTER}
    await person.permitted("email", content=content)

    async def sent() -> bool:
        return bool(office.letters.taken)

    await office.until(sent)
    office.letters.refusal = f"550 no such user {personal.EMAIL}"
    await person.permitted("email", content=content)
    call = await person.permitted()
    dispatched = await office.post("contact", f"/attempts/{call['id']}/dispatch")
    name, _ = trail.answers.pop()  # the one answer that may hold the number
    assert name.endswith("/dispatch")
    outcome = {
        "outcome": "third_party_no_disclosure",
        "note": personal.OUTCOME_NOTE,
        "statements": [{"kind": "inconvenient_place", "place": "work", "text": personal.STATEMENT}],
    }
    answer = await office.post("contact", f"/attempts/{call['id']}/outcome", outcome)
    assert answer.status_code == 201, answer.text
    return dispatched


async def speak(office: Office, person: Person) -> None:
    """Let the person write, hire a lawyer, let her go, and opt out."""
    message = {
        "consumer_id": person.consumer_id,
        "channel": "email",
        "contact_point_id": person.points["email"],
        "text": personal.MESSAGE,
    }
    assert (await office.post("contact", "/inbound-messages", message)).status_code == 201
    told = await person.say(kind="attorney", attorney=personal.COUNSEL, text=personal.STATEMENT)
    assert told.status_code == 201, told.text
    release = {
        "consumer_id": person.consumer_id,
        "reason": "no_longer_represented",
        "note": personal.RELEASE_NOTE,
    }
    path = f"/protective-facts/{told.json()['id']}/release"
    assert (await office.post("contact", path, release)).status_code == 200
    written = await person.say(kind="opt_out", medium="email", text=personal.STATEMENT)
    assert written.status_code == 201, written.text


async def pay(office: Office, person: Person) -> None:
    """Record a payment, take it back, and agree on a plan."""
    path = f"/accounts/{person.account_id}"
    payment = {
        "amount_minor": 700,
        "currency": "USD",
        "received_by": "agency",
        "instrument": "check",
        "external_ref": personal.PAYMENT_REFERENCE,
    }
    paid = await office.post("ledger", f"{path}/payments", payment)
    assert paid.status_code == 201, paid.text
    reversal = f"{path}/payments/{paid.json()['id']}/reversals"
    assert (await office.post("ledger", reversal, {"reason": "nsf"})).status_code == 201
    plan = {
        "instalments": [{"due_date": "2026-07-01", "amount_minor": 1000}],
        "total_minor": 1000,
        "agreed_with": person.consumer_id,
    }
    assert (await office.post("ledger", f"{path}/plans", plan)).status_code == 201


async def dispute(office: Office, person: Person) -> None:
    """Let the person dispute the debt, and answer."""
    body = {"account_id": person.account_id, "in_writing": True, "text": personal.DISPUTE}
    opened = await office.post("disputes", "/disputes", body)
    assert opened.status_code == 201, opened.text
    path = f"/disputes/{opened.json()['id']}"
    answered = await office.post("disputes", f"{path}/answer", {"answer": "verification"})
    assert answered.status_code == 201, answered.text
    resolution = {"resolution": "denied", "note": personal.RESOLUTION_NOTE}
    assert (await office.post("disputes", f"{path}/resolve", resolution)).status_code == 200


async def send_amiss(office: Office, person: Person) -> None:
    """Put what is personal where it does not belong."""
    row = personal.placement_row()
    spoiled = [
        {**row, "product_type": personal.DESCRIPTION},
        {**row, "delinquency_date": personal.BORN.replace("-", "/")},
        {**row, "total_balance": personal.PHONE},
        {**row, "parties": [{**row["parties"][0], "emails": [{"address": personal.STREET}]}]},
        {**row, personal.FIRST: personal.LAST},
    ]
    creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
    placement = {"creditor_id": creditor["id"], "rows": spoiled}
    assert (await office.post("ledger", "/placements", placement)).json()["rejected"] == 5
    cns, acct = f"/consumers/{person.consumer_id}", f"/accounts/{person.account_id}"
    wrong: list[tuple[str, str, Any]] = [
        ("ledger", "/creditors", {"name": {"first": personal.FIRST}}),
        ("ledger", f"{acct}/payments", {"amount_minor": personal.PHONE, personal.EMAIL: 1}),
        ("ledger", f"{acct}/plans", {"agreed_with": personal.CO_DEBTOR}),
        ("ledger", f"/accounts/{personal.ACCOUNT_NUMBER}/recall", {"reason": personal.STATEMENT}),
        ("contact", f"{cns}/statements", {"kind": personal.STATEMENT}),
        ("contact", "/inbound-messages", {"consumer_id": personal.EMAIL, "text": 1}),
        ("contact", "/attempts", {"channel": personal.PHONE, "purpose": personal.MESSAGE}),
        ("disputes", "/disputes", {"account_id": personal.ACCOUNT_NUMBER, "text": [personal.LAST]}),
        ("compliance", "/permits", {"consumer_id": personal.LAST, "seen": personal.ALIAS}),
    ]
    for service, path, body in wrong:
        assert (await office.post(service, path, body)).status_code in (404, 422)
    number = f"/v1/accounts/by-ref/{creditor['id']}/{personal.ACCOUNT_NUMBER}"
    assert (await office.clients["ledger"].get(number)).status_code == 404
    for service, client in office.clients.items():
        asked = await client.get(f"/v1/{personal.LAST}", params={"phone": personal.PHONE})
        assert asked.status_code == 404, service
    listed = await office.clients["contact"].get("/v1/attempts", params={"q": personal.EMAIL})
    assert listed.status_code == 400
    office.line.is_cut = True  # with compliance away, what fails must not say on what
    said = await person.say(kind="opt_out", medium="call", text=personal.STATEMENT)
    assert said.status_code == 202
    failed = await person.attempt("email", content={"subject": "x", "text": personal.LETTER})
    assert failed.status_code == 503
    office.line.is_cut = False


async def read(office: Office, person: Person) -> None:
    """Read everything that can be read."""
    cns, acct = f"/consumers/{person.consumer_id}", f"/accounts/{person.account_id}"
    reads = {
        "ledger": ("/accounts", acct, f"{acct}/holds", f"{acct}/plans", "/trial-balance"),
        "contact": ("/attempts", f"{cns}/contact-points", f"{cns}/consents", f"{cns}/statements"),
        "disputes": ("/disputes",),
        "compliance": (f"{cns}/decisions", f"{cns}/holds", f"{acct}/timeline"),
    }
    for service, paths in reads.items():
        for path in paths:
            await office.get(service, path)


async def settle(office: Office, person: Person) -> None:
    """Wait until everything has arrived everywhere."""

    async def told() -> bool:
        timeline = await office.get("compliance", f"/accounts/{person.account_id}/timeline")
        return any("isputes.dispute-resolved" in each["type"] for each in timeline["data"])

    await office.until(told)
