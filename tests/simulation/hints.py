"""Which seed found each planted bug last: tried first, so that looking again is quick.

`python -m tests.simulation.mutation --record` writes it.
"""

HINTS: dict[str, int] = {}
