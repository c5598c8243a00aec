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
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import RealInstallation
from tests.e2e.stories import PATIENCE_S, Outside, read_books, read_story
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


def test_everything_acknowledged_is_there_and_nothing_twice(
    installation: RealInstallation, capsys: pytest.CaptureFixture[str]
) -> None:
    with installation.client() as client:
        creditor = installation.post(client, "ledger", "/creditors", {"name": "Bank"}, "creditor")
    outsiders = [Outside(installation, creditor["id"], f"c{n}") for n in range(CLIENTS)]
    for each in outsiders:
        each.start()
    _kill(installation)

    def are_enough() -> bool:
        lived = sum(len(each.stories) for each in outsiders)
        return lived >= KILLS or any(each.failure for each in outsiders)

    wait_until(are_enough, PATIENCE_S)
    for each in outsiders:
        each.stopping.set()
    for each in outsiders:
        each.join()  # each answer is waited for as long as a client waits, and no longer
        assert each.failure is None, each.failure
    stories = [story for each in outsiders for story in each.stories]
    with capsys.disabled():
        print(f"\nkills: {KILLS} + {KILLS}; {len(stories)} whole stories were acknowledged")  # noqa: T201
    assert len(stories) >= KILLS
    assert len({story.account_id for story in stories}) == len(stories)
    with installation.client() as client:
        read_books(installation, client, creditor["id"], stories)
        for story in stories:
            read_story(installation, client, story)


def _kill(installation: RealInstallation) -> None:
    chance = random.Random(11)
    targets = ["services", "postgres"] * KILLS
    chance.shuffle(targets)
    for target in targets:
        if target == "services":
            pid = installation.serving()
            os.kill(pid, signal.SIGKILL)
            await_end(pid)
        else:
            installation.kill_postgres()
        wait_until(installation.is_ready)
        threading.Event().wait(chance.uniform(0.2, 0.8))


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

            wait_until(is_told)
    finally:
        restored.stop()
