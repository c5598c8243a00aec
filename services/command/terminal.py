"""Plain lines for a person at a terminal."""

import typer
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


class Refused(typer.Exit):
    """The command cannot be carried out as asked; its reason was printed. Exit code 2."""

    def __init__(self, reason: str) -> None:
        super().__init__(code=2)
        Console(stderr=True, highlight=False, soft_wrap=True).print(reason, markup=False)


def say(line: str) -> None:
    """Print one line as it is."""
    console.print(line, markup=False)
