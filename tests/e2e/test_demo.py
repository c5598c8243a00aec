"""The demo as a person runs it: a file in, a summary out, and the same seed plays the same.

Over Kafka, too, with each service and its relay a process of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.command.demo import hosting
from services.command.installation import Installation
from shared.messaging.kafka.connection import Brokers
from tests.cluster.demo import SAME_EVENTS, settings_of
from tests.cluster.plays import PlayFailed, logs, play
from tests.integration.conftest import unused_ports
from tests.kafka.provider import remove_topics

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEYS = """
accounts virtual_days permit_requests permits vetoes vetoes_by_rule attempts conversations disputes
plans payments reversals trial_balance audit_verified oracle_violations seconds
""".split()
ACCOUNTS, DAYS = 25, 9


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Return an installation that runs."""
    made = Installation(folder=tmp_path_factory.mktemp("demo") / "data", ports=unused_ports())
    with hosting.running(made, SAME_EVENTS):
        yield made


def played(installation: Installation, seed: int) -> dict[str, Any]:
    limits = ("--limit", str(ACCOUNTS), "--days", str(DAYS))
    return play(installation, "--seed", str(seed), *limits, timeout_s=400)


class TestDemo:
    async def test_plays_the_same_for_the_same_seed(self, installation: Installation) -> None:
        first, second = (played(installation, 7) for _ in range(2))
        assert list(first) == KEYS
        assert first["accounts"] == ACCOUNTS
        assert first["permit_requests"] == first["permits"] + first["vetoes"] > 2 * ACCOUNTS
        for said in (first, second):
            assert said["trial_balance"] == said["oracle_violations"] == 0
            assert said["audit_verified"] is True
        assert first | {"seconds": 0} == second | {"seconds": 0}
        one, again = await logs(installation, 7)
        assert len(one) > 500
        assert one == again
        played(installation, 8)
        (other,) = await logs(installation, 8)
        assert one != other

    async def test_plays_the_same_over_kafka(
        self, installation: Installation, kafka_brokers: Brokers, tmp_path: Path
    ) -> None:
        await remove_topics(kafka_brokers)
        cluster = Installation(folder=tmp_path / "cluster", ports=unused_ports())
        with hosting.running(cluster, settings_of(kafka_brokers)):
            many = played(cluster, 9)
            (log,) = await logs(cluster, 9)
        one = played(installation, 9)
        assert one | {"seconds": 0} == many | {"seconds": 0}
        assert log == (await logs(installation, 9))[-1]

    def test_refuses_a_file_that_it_does_not_understand(
        self, installation: Installation, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "strange.csv"
        file.write_text("name,amount\nAda,1\n")
        with pytest.raises(PlayFailed, match="ended with 2"):
            play(installation, str(file), timeout_s=60)
        said = capfd.readouterr().err
        assert "Unknown: amount, name." in said
        assert "Traceback" not in said
