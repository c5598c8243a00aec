"""Everything that must hold after a seed, whatever happened in it."""

from tests.simulation.contact_checks import check_contacts
from tests.simulation.content_checks import check_content
from tests.simulation.ledger_checks import check_ledger
from tests.simulation.logs import Log
from tests.simulation.oracle_checks import check_oracle
from tests.simulation.rest_checks import check_rest
from tests.simulation.simulation import Simulation


def check(simulation: Simulation) -> tuple[str, ...]:
    """Return every violation, in words."""
    logs = {name: Log(database) for name, database in simulation.databases.items()}
    return (
        *simulation.failures,
        *simulation.history.wrongs,
        *check_content(simulation.history, logs["contact"], logs["compliance"]),
        *check_contacts(simulation, logs["contact"], logs["compliance"]),
        *check_ledger(simulation, logs["ledger"]),
        *check_rest(simulation, logs["contact"]),
        *check_oracle(simulation),
    )
