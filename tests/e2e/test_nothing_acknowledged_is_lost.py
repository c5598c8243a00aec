"""A client keeps a list of what it was told, while processes are killed; all of it must be true.

It follows one account after another through all four services: placed and paid, a statement heard,
an attempt asked for, a permit, a dispute. `FORBEAR_TEST_KILLS` sets how often the services and
PostgreSQL are each killed (5 unless set; `make kills` uses 20).
"""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from shared.kernel.records import record
from tests.e2e.installation import RealInstallation
from tests.integration.conftest import await_end, unused_ports, wait_until
from tests.unit.ledger.samples import row

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KILLS = int(os.environ.get("FORBEAR_TEST_KILLS", "5"))
CLIENTS = 3
OWED, PAID = 10000, 700
TRIES_MAX = 1200
PAUSE_S = 0.05


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealInstallation]:
    made = RealInstallation(tmp_path_factory.mktemp("kills") / "installation", unused_ports())
    made.start()
    yield made
    made.stop()


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
                    self.stories.append(self._live(client, f"{self.name}-{nth}"))
                    nth += 1
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.failure = error

    def _live(self, client: httpx2.Client, name: str) -> Story:
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
        for _ in range(TRIES_MAX):
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
    for _ in range(TRIES_MAX):
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


def test_everything_acknowledged_is_there_and_nothing_twice(
    installation: RealInstallation, capsys: pytest.CaptureFixture[str]
) -> None:
    with installation.client() as client:
        creditor = installation.post(client, "ledger", "/creditors", {"name": "Bank"}, "creditor")
    outsiders = [Outside(installation, creditor["id"], f"c{n}") for n in range(CLIENTS)]
    for each in outsiders:
        each.start()
    _kill(installation)
    for each in outsiders:
        each.stopping.set()
    for each in outsiders:
        each.join(120)
        assert each.failure is None, each.failure
    stories = [story for each in outsiders for story in each.stories]
    with capsys.disabled():
        print(f"\nkills: {KILLS} + {KILLS}; {len(stories)} whole stories were acknowledged")  # noqa: T201
    assert len(stories) >= KILLS
    assert len({story.account_id for story in stories}) == len(stories)
    with installation.client() as client:
        _read_books(installation, client, creditor["id"], stories)
        for story in stories:
            _read_story(installation, client, story)


def _kill(installation: RealInstallation) -> None:
    chance = random.Random(11)
    targets = ["services", "postgres"] * KILLS
    chance.shuffle(targets)
    for target in targets:
        pid = installation.serving() if target == "services" else installation.postmaster()
        os.kill(pid, signal.SIGKILL)
        await_end(pid)
        wait_until(installation.is_ready, 60)
        threading.Event().wait(chance.uniform(0.2, 0.8))


def _read_books(
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

    wait_until(are_caught_up, 60)
    assert books()["imbalance"] == {"USD": 0}


def _read_story(installation: RealInstallation, client: httpx2.Client, story: Story) -> None:
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

    wait_until(lambda: set(found()) >= set(expected), 60)
    assert found() == expected, url


def test_a_backup_restored_elsewhere_holds_everything_and_goes_on(
    installation: RealInstallation, tmp_path: Path
) -> None:
    with installation.client() as client:
        key = "before-backup"
        before = installation.post(client, "ledger", "/creditors", {"name": "Kept Bank"}, key)
    backed_up = installation.forbear("backup", str(tmp_path / "backup"))
    assert backed_up.returncode == 0, backed_up.stderr
    restored = RealInstallation(tmp_path / "restored", unused_ports())
    done = restored.forbear(
        "restore", str(tmp_path / "backup"), "--data-dir", str(tmp_path / "restored")
    )
    assert done.returncode == 0, done.stderr
    restored.start()
    try:
        with restored.client() as client:
            found = client.get(restored.url("ledger", f"/creditors/{before['id']}"))
            assert found.json()["name"] == "Kept Bank"
            placed = row(account_number="AFTER1", customer_reference="AFTER1")
            body = {
                "creditor_id": before["id"],
                "rows": [json.loads(json.dumps(placed, default=str))],
            }
            receipt = restored.post(client, "ledger", "/placements", body, "after-restore")
            account_id = receipt["rows"][0]["account_id"]

            def is_told() -> bool:  # events still flow: to contact, to compliance, to the timeline
                answer = client.get(restored.url("compliance", f"/accounts/{account_id}/timeline"))
                return bool(answer.json()["data"])

            wait_until(is_told, 30)
    finally:
        restored.stop()
