"""Runs one seed from beginning to end and says what was wrong with it."""

from dataclasses import dataclass

from shared.testing.simulation import Deadlock, VirtualLoop, run
from tests.simulation.beginnings import begins
from tests.simulation.checkers import check
from tests.simulation.composition import REAL, Composition
from tests.simulation.coverage import Reached, reached_in
from tests.simulation.simulation import Simulation
from tests.simulation.workload import Workload

LINES_SHOWN = 60


@dataclass(frozen=True)
class Result:
    """What became of one seed."""

    seed: int
    violations: tuple[str, ...]
    digest: str
    steps: int
    virtual_s: float
    contacts: int
    last_lines: tuple[str, ...]
    reached: Reached

    def text(self) -> str:
        """Return what to read after a failure."""
        lines = [f"seed {self.seed}: {len(self.violations)} violations", *self.violations]
        lines += ["", "the last lines of its trace:", *self.last_lines[-LINES_SHOWN:]]
        return "\n".join([*lines, "", f"again: make sim SEED={self.seed}"])


def run_seed(seed: int, composition: Composition = REAL) -> Result:
    """Run a seed with the given parts."""
    simulations: list[Simulation] = []

    async def main(loop: VirtualLoop) -> None:
        simulation = Simulation(seed, loop, composition)
        simulations.append(simulation)
        await Workload(simulation).run()

    try:
        run(main, begins(seed))
        stuck: tuple[str, ...] = ()
    except Deadlock as deadlock:
        stuck = (f"deadlock: {deadlock}",)
    simulation = simulations[0]
    return Result(
        seed=seed,
        violations=(*stuck, *check(simulation)),
        digest=simulation.trace.digest,
        steps=simulation.trace.count,
        virtual_s=simulation.loop.time(),
        contacts=len(simulation.world.contacts),
        last_lines=tuple(simulation.trace.lines),
        reached=reached_in(simulation),
    )
