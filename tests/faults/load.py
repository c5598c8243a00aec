"""Clients at work while faults happen, and everything examined afterwards."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.stories import Outside, Story, read_books, read_story
from tests.faults.cluster import Cluster
from tests.integration.conftest import wait_until

CLIENTS = 2
RECOVERY_S_MAX = 60.0
AT_REST_S = 240.0


class Load:
    """Clients of one creditor, and every story that was acknowledged to any of them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.stories: list[Story] = []
        self.recoveries_s: list[float] = []
        self._probes = 0
        with cluster.client() as client:
            creditor = cluster.post(client, "ledger", "/creditors", {"name": "Bank"}, "creditor")
        self._creditor_id = str(creditor["id"])

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Have clients work while the block runs; then examine everything there is."""
        outsiders = [
            Outside(self._cluster, self._creditor_id, f"{name}{number}")
            for number in range(CLIENTS)
        ]
        for each in outsiders:
            each.start()
        try:
            yield
        finally:
            for each in outsiders:
                each.stopping.set()
            for each in outsiders:
                each.join()
        for each in outsiders:
            assert each.failure is None, each.failure
            self.stories += each.stories
        self.examine()

    def recover(self, since_s: float) -> None:
        """Live through one more story, from the first request to the last event, in time."""
        self._probes += 1
        prober = Outside(self._cluster, self._creditor_id, "probe")
        with self._cluster.client() as client:
            story = prober.live(client, f"probe-{self._probes}")
            read_story(self._cluster, client, story)
        self.stories.append(story)
        lasted_s = time.monotonic() - since_s
        self.recoveries_s.append(lasted_s)
        assert lasted_s < RECOVERY_S_MAX, f"it took {lasted_s:.0f} s to recover"

    def examine(self) -> None:
        """Ask the clients, the books, the audit trail and the oracle."""
        assert len({story.account_id for story in self.stories}) == len(self.stories)
        with self._cluster.client() as client:
            read_books(self._cluster, client, self._creditor_id, self.stories)
            for story in self.stories:
                read_story(self._cluster, client, story)
        wait_until(lambda: self._audit() == (True, 0), AT_REST_S)
        found = self._cluster.forbear("oracle", "--json")
        assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-1000:]

    def _audit(self) -> tuple[bool, int]:
        done = self._cluster.forbear("audit", "verify", "--json")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0, sum(each["unaudited"] for each in said["logs"])
