"""`forbear settings`: what each process reads from the environment, as its classes declare it."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from services.command.options import AsJson
from services.command.terminal import say

if TYPE_CHECKING:
    from services.command.process_settings import Setting

ProcessName = Literal["ledger", "contact", "disputes", "compliance", "relay", "migrate", "mailbox"]
_INDENT = " " * 4


def settings(
    process: Annotated[
        ProcessName | None, typer.Argument(help="Which process; unless given, all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the environment variables of a process. What is set is never shown."""
    from services.command.process_settings import PROCESSES, settings_of

    found = {each: settings_of(each) for each in ((process,) if process else PROCESSES)}
    if as_json:
        say(json.dumps(msgspec.to_builtins(found), indent=2))
        return
    for name, listed in found.items():
        say(f"{command_of(name)}\n")
        for line in _lines(listed):
            say(line)


def command_of(process: str) -> str:
    """Return the command line that runs a process."""
    match process:
        case "relay":
            return "forbear relay <SERVICE>"
        case "migrate":
            return "forbear migrate"
        case _:
            return f"forbear serve {process}"


def _lines(listed: Sequence["Setting"]) -> Iterator[str]:
    for each in sorted(listed, key=lambda setting: not setting.is_required):
        yield f"  {each.name}  ({_standing(each)})"
        form = "" if each.form == "text" else f" {each.form[0].upper()}{each.form[1:]}."
        yield f"{_INDENT}{each.description.removesuffix('.')}.{form}"
    yield ""


def _standing(setting: "Setting") -> str:
    if setting.is_required:
        return "required, secret" if setting.is_secret else "required"
    if setting.default is None:
        return "unset, secret" if setting.is_secret else "unset"
    return f"{setting.default}"
