"""Asks the oracle about the merged logs: it recounts everything with code of its own."""

from collections.abc import Iterator
from datetime import timedelta

from tests.oracle import examine_events, from_store_log
from tests.simulation.desk import DESK
from tests.simulation.simulation import Simulation

STALENESS = timedelta(seconds=15)
"""The bound of 5 s, and the longest time that a commit may take here."""


def check_oracle(simulation: Simulation) -> Iterator[str]:
    """Name what the oracle objects to."""
    events = [
        each for database in simulation.databases.values() for each in from_store_log(database.log)
    ]
    report = examine_events(events, staleness=STALENESS, outside=(DESK,))
    for violation in report.violations:
        yield f"the oracle: {violation}"
