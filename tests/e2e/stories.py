"""Clients that live through one account's story after another, and remember what they were told.

Each story goes through all four services: placed and paid, a statement heard, an attempt asked
for, a permit, a dispute. Afterwards all of it must be there, and nothing twice.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx2

from shared.kernel.records import record
from tests.e2e.installation import RealInstallation
from tests.integration.conftest import wait_until
from tests.unit.ledger.samples import row

OWED, PAID = 10000, 700
PATIENCE_S = 240.0
PAUSE_S = 0.05


@record
class Story:
    """What a client was told about one account, by the ids it was given."""

    number: str
    account_id: str
    consumer_id: str
    payment_id: str
    statement_id: str
    attempt_id: str
    permit_ids: tuple[str, str]  # the attempt's, and one asked for directly
    dispute_id: str


class Outside(threading.Thread):
    """Lives through one account's story after another until told to stop; remembers answers."""

    def __init__(self, installation: RealInstallation, creditor_id: str, name: str) -> None:
        super().__init__(name=name)
        self.installation = installation
        self.creditor_id = creditor_id
        self.stopping = threading.Event()
        self.stories: list[Story] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with self.installation.client() as client:
                nth = 0
                while not self.stopping.is_set():
                    self.stories.append(self.live(client, f"{self.name}-{nth}"))
                    nth += 1
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.failure = error

    def live(self, client: httpx2.Client, name: str) -> Story:
        number = f"ACC{name}"
        account_id, payment_id = self._place_and_pay(client, number, name)
        account = self._get(client, "ledger", f"/accounts/{account_id}")
        consumer_id = account["consumer_ids"][0]
        point_id = self._phone(client, consumer_id)
        intended = {
            "channel": "call",
            "contact_point_id": point_id,
            "purpose": "collection",
        }
        wanted = {"account_id": account_id, **intended}
        attempt = self._post(client, "contact", "/attempts", wanted, f"attempt-{name}")
        asked = {"consumer_id": consumer_id, "account_ids": [account_id], **intended}
        permit = self._post(client, "compliance", "/permits", asked, f"permit-{name}")
        said = {"kind": "cease", "in_writing": True, "medium": "letter"}
        path = f"/consumers/{consumer_id}/statements"
        statement = self._post(client, "contact", path, said, f"statement-{name}")
        disputed = {"account_id": account_id, "in_writing": True}
        dispute = self._post(client, "disputes", "/disputes", disputed, f"dispute-{name}")
        return Story(
            number=number,
            account_id=account_id,
            consumer_id=consumer_id,
            payment_id=payment_id,
            statement_id=statement["id"],
            attempt_id=attempt["id"],
            permit_ids=(attempt["permit_id"], permit["id"]),
            dispute_id=dispute["id"],
        )

    def _place_and_pay(self, client: httpx2.Client, number: str, name: str) -> tuple[str, str]:
        placed = row(account_number=number, customer_reference=f"REF{name}")
        body = {
            "creditor_id": self.creditor_id,
            "rows": [json.loads(json.dumps(placed, default=str))],
        }
        receipt = self._post(client, "ledger", "/placements", body, f"place-{name}")
        account_id = receipt["rows"][0]["account_id"]
        assert receipt["rows"][0]["status"] == "accepted"
        payment = {
            "amount_minor": PAID,
            "currency": "USD",
            "received_by": "agency",
            "instrument": "ach",
        }
        path = f"/accounts/{account_id}/payments"
        paid = self._post(client, "ledger", path, payment, f"pay-{name}")
        return account_id, paid["id"]

    def _phone(self, client: httpx2.Client, consumer_id: str) -> str:
        path = f"/consumers/{consumer_id}/contact-points"
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            points = self._get(client, "contact", path)["data"]
            if phones := [each["id"] for each in points if each["kind"] == "phone"]:
                return str(phones[0])
            time.sleep(PAUSE_S)
        raise AssertionError("contact never heard of the placement")

    def _post(self, client: httpx2.Client, service: str, path: str, body: Any, key: str) -> Any:
        """Send a command until it is answered; what is not known there yet soon will be."""
        url = self.installation.url(service, path)
        headers = {"Idempotency-Key": key}
        return _answered(lambda: client.post(url, json=body, headers=headers), waits_on=(404, 409))

    def _get(self, client: httpx2.Client, service: str, path: str) -> Any:
        return _answered(lambda: client.get(self.installation.url(service, path)))


def _answered(ask: Callable[[], httpx2.Response], waits_on: tuple[int, ...] = ()) -> Any:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            answer = ask()
        except httpx2.HTTPError:
            time.sleep(PAUSE_S)
            continue
        if answer.status_code < 500 and answer.status_code not in waits_on:
            assert answer.status_code < 300, answer.text
            return answer.json()
        time.sleep(PAUSE_S)
    raise AssertionError("never answered")


def read_books(
    installation: RealInstallation, client: httpx2.Client, creditor_id: str, stories: list[Story]
) -> None:
    for story in stories:
        path = f"/accounts/by-ref/{creditor_id}/{story.number}"
        answer = client.get(installation.url("ledger", path))
        assert answer.status_code == 200, (story.number, answer.text)
        account = answer.json()
        assert account["id"] == story.account_id
        assert account["balance"]["amount"] == OWED - PAID

    def books() -> dict[str, Any]:
        balance: dict[str, Any] = client.get(installation.url("ledger", "/trial-balance")).json()
        return balance

    def are_caught_up() -> bool:
        lines = books()["lines"]
        claims = [each for each in lines if each["account_code"].startswith("receivable.")]
        owed = sum(each["total"]["amount"] for each in claims)
        return bool(owed == (OWED - PAID) * len(stories))

    wait_until(are_caught_up)
    assert books()["imbalance"] == {"USD": 0}


def read_story(installation: RealInstallation, client: httpx2.Client, story: Story) -> None:
    """Find everything of a story, by itself and in its lists, and nothing beside it."""
    account = f"account_id={story.account_id}"
    consumer = f"/consumers/{story.consumer_id}"
    for service, path in (
        ("contact", f"/attempts/{story.attempt_id}"),
        ("disputes", f"/disputes/{story.dispute_id}"),
    ):
        assert client.get(installation.url(service, path)).status_code == 200, (path, story)
    listed = {
        ("contact", f"/attempts?{account}"): [story.attempt_id],
        ("contact", f"{consumer}/statements"): [story.statement_id],
        ("disputes", f"/disputes?{account}"): [story.dispute_id],
        ("compliance", f"{consumer}/decisions"): sorted(story.permit_ids),
        ("compliance", f"{consumer}/holds"): sorted((story.statement_id, story.dispute_id)),
    }
    for (service, path), expected in listed.items():
        _wait_for_ids(client, installation.url(service, path), expected)
    for permit_id in story.permit_ids:
        answer = client.get(installation.url("compliance", f"/permits/{permit_id}"))
        assert answer.status_code == 200, (permit_id, story)


def _wait_for_ids(client: httpx2.Client, url: str, expected: list[str]) -> None:
    """Lists follow the log; they may be behind it for a moment, never beside it.

    What was heard puts holds on the account besides, in the ledger's own time.
    """

    def found() -> list[str]:
        page = client.get(url).json()
        assert not page["has_more"]
        rows = [each for each in page["data"] if each.get("kind") != "account-hold"]
        return sorted(each["id"] for each in rows)

    wait_until(lambda: set(found()) >= set(expected))
    assert found() == expected, url
