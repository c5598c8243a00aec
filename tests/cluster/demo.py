"""`make demo-cluster`: one demo on one machine, the same over Kafka, and their events compared.

The brokers are those of FORBEAR_TEST_KAFKA, a container's, or one on the local JVM. Exit code 1
when the books, the audit trail, the oracle or the events disagree.
"""

import argparse
import asyncio
import difflib
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from services.command.demo import hosting
from services.command.demo.columns import SAMPLE
from services.command.installation import Installation
from shared.messaging.kafka.connection import Brokers
from tests.cluster.plays import logs, play
from tests.integration.conftest import unused_ports
from tests.kafka.provider import kafka, remove_topics

TIMEOUT_S = 3600.0
PARTITIONS = "3"
LINES_SHOWN = 20


# Canaries keep the real time; what a seed plays is in that of the agency alone.
SAME_EVENTS = {"FORBEAR_CANARIES": "false"}


def settings_of(brokers: Brokers) -> dict[str, str]:
    """Return what makes an installation run as a cluster on these brokers."""
    return {
        **SAME_EVENTS,
        "FORBEAR_KAFKA_BOOTSTRAP_SERVERS": brokers.bootstrap_servers,
        "FORBEAR_KAFKA_PARTITIONS": PARTITIONS,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo-cluster", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=SAMPLE, help="a placement CSV")
    parser.add_argument("--limit", help="take only so many accounts")
    parser.add_argument("--days", default="28", help="how many days to play")
    parser.add_argument("--seed", default="1", help="the same seed plays the same")
    return parser.parse_args()


def _played(
    name: str, folder: Path, settings: dict[str, str], chosen: argparse.Namespace
) -> tuple[dict[str, Any], list[str]]:
    installation = Installation(folder=folder / name, ports=unused_ports())
    limit = ("--limit", chosen.limit) if chosen.limit else ()
    with hosting.running(installation, settings):
        _say(f"\nPlaying {name}.")
        said = play(
            installation, str(chosen.file), "--days", chosen.days, "--seed", chosen.seed, *limit,
            timeout_s=TIMEOUT_S,
        )  # fmt: skip
        _say("Reading all events.")
        (log,) = asyncio.run(logs(installation, int(chosen.seed)))
    return said, log


def _failures(
    said: dict[str, dict[str, Any]], one: Sequence[str], many: Sequence[str]
) -> list[str]:
    failures = []
    for name, figures in said.items():
        if figures["trial_balance"] or figures["oracle_violations"]:
            failures.append(f"{name}: the books or the oracle object")
        if not figures["audit_verified"]:
            failures.append(f"{name}: the audit trail does not verify")
    if list(one) != list(many):
        failures.append("the events differ")
        differing = difflib.unified_diff(one, many, "one machine", "cluster", n=0, lineterm="")
        failures += [each[:400] for each, _ in zip(differing, range(LINES_SHOWN), strict=False)]
    return failures


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Play twice and compare."""
    chosen = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-cluster-")))
        said_one, one = _played("one-machine", folder, SAME_EVENTS, chosen)
        _say("\nStarting Kafka.")
        brokers = Brokers(bootstrap_servers=stack.enter_context(kafka(folder / "kafka")))
        asyncio.run(remove_topics(brokers))
        said_many, many = _played("cluster", folder, settings_of(brokers), chosen)
    said = {"one machine": said_one, "cluster": said_many}
    for name, figures in said.items():
        _say(f"\n{name}:")
        for figure, value in figures.items():
            _say(f"  {figure:18} {value}")
    failures = _failures(said, one, many)
    _say("\n" + ("\n".join(failures) if failures else f"The same {len(one):,} events, in order."))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
