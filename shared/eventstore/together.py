"""Functions that read and append for several requests at once, for a store that groups them.

A revision of its own in every service. Older code beside it goes on with `load` and `append`.
"""

from collections.abc import Iterator
from importlib import resources

_FUNCTIONS = ("load_together", "append_together")


def upgrade() -> Iterator[str]:
    """Yield the functions."""
    folder = resources.files("shared.eventstore") / "sql" / "together"
    for function in _FUNCTIONS:
        yield (folder / f"{function}.sql").read_text()


def downgrade() -> Iterator[str]:
    """Yield what drops them."""
    for function in _FUNCTIONS:
        yield f"DROP FUNCTION {function}"
