"""A client keeps a list of what it was told, while processes are killed; all of it must be true.

`FORBEAR_TEST_KILLS` sets how often the services and PostgreSQL are each killed (5 unless set; the
long run uses 20).
"""

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import RealInstallation
from tests.integration.conftest import await_end, unused_ports, wait_until
from tests.unit.ledger.samples import row

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KILLS = int(os.environ.get("FORBEAR_TEST_KILLS", "5"))
CLIENTS = 3


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealInstallation]:
    made = RealInstallation(tmp_path_factory.mktemp("kills") / "installation", unused_ports())
    made.start()
    yield made
    made.stop()


class Outside(threading.Thread):
    """Places accounts and records payments until told to stop; remembers every answer."""

    def __init__(self, installation: RealInstallation, creditor_id: str, name: str) -> None:
        super().__init__(name=name)
        self.installation = installation
        self.creditor_id = creditor_id
        self.stopping = threading.Event()
        self.accounts: dict[str, str] = {}
        self.payments: dict[str, tuple[str, int]] = {}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with self.installation.client() as client:
                nth = 0
                while not self.stopping.is_set():
                    self._place_and_pay(client, f"{self.name}-{nth}")
                    nth += 1
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.failure = error

    def _place_and_pay(self, client: Any, name: str) -> None:
        number = f"ACC{name}"
        placed = row(account_number=number, customer_reference=f"REF{name}")
        body = {
            "creditor_id": self.creditor_id,
            "rows": [json.loads(json.dumps(placed, default=str))],
        }
        receipt = self.installation.post(client, "ledger", "/placements", body, f"place-{name}")
        account_id = receipt["rows"][0]["account_id"]
        assert receipt["rows"][0]["status"] == "accepted"
        self.accounts[number] = account_id
        payment = {
            "amount_minor": 700,
            "currency": "USD",
            "received_by": "agency",
            "instrument": "ach",
        }
        path = f"/accounts/{account_id}/payments"
        paid = self.installation.post(client, "ledger", path, payment, f"pay-{name}")
        self.payments[paid["id"]] = (account_id, paid["account_balance"]["amount"])


def test_everything_acknowledged_is_there_and_nothing_twice(
    installation: RealInstallation,
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
    accounts = {number: id for each in outsiders for number, id in each.accounts.items()}
    payments = {id: paid for each in outsiders for id, paid in each.payments.items()}
    assert len(accounts) >= KILLS
    assert len(set(accounts.values())) == len(accounts)
    _read_everything(installation, creditor["id"], accounts, payments)


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


def _read_everything(
    installation: RealInstallation,
    creditor_id: str,
    accounts: dict[str, str],
    payments: dict[str, tuple[str, int]],
) -> None:
    by_account = Counter(account_id for account_id, _ in payments.values())
    with installation.client() as client:
        for number, account_id in accounts.items():
            path = f"/accounts/by-ref/{creditor_id}/{number}"
            answer = client.get(installation.url("ledger", path))
            assert answer.status_code == 200, (number, answer.text)
            account = answer.json()
            assert account["id"] == account_id
            assert account["balance"]["amount"] == 10000 - 700 * by_account[account_id]

        def books() -> dict[str, Any]:
            balance: dict[str, Any] = client.get(
                installation.url("ledger", "/trial-balance")
            ).json()
            return balance

        owed = sum(10000 - 700 * by_account[each] for each in accounts.values())

        def are_caught_up() -> bool:
            lines = books()["lines"]
            claims = [each for each in lines if each["account_code"].startswith("receivable.")]
            return bool(sum(each["total"]["amount"] for each in claims) == owed)

        wait_until(are_caught_up, 60)
        assert books()["imbalance"] == {"USD": 0}


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
