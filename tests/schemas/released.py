"""Whether what is promised now keeps what was released: `schemas/released/` holds frozen copies.

Stored events are read for ever, so a class must read every event that its released schema allows;
others read with the released schema, so nothing may be written that it does not allow. What is
left is to add an optional field. Anything else is a new version beside the old one.
"""

from collections.abc import Mapping
from typing import Any

from tests.schemas.api_changes import broken_api
from tests.schemas.changes import changes

ADVICE = (
    "Leave {name} as it was released and add {next} beside it, with a pure upcaster"
    " (docs/decisions/0020-released-schemas.md)."
)


def broken_events(released: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Return which promises about events are broken, each with what to do instead.

    Args:
        released: frozen schemas by type name.
        present: the schemas that follow from the code.
    """
    broken = []
    for name, old in sorted(released.items()):
        if name not in present:
            broken.append(
                f"{name} is gone: its events are in logs that are kept for ever. Bring its class"
                " back; to stop writing it, stop deciding it."
            )
            continue
        for change in changes(old, present[name]):
            if change.narrows or change.widens:
                broken.append(f"{name}: {change}. {_advice(name)}")
    return broken


def broken_documents(
    released: Mapping[str, Mapping[str, Any]], present: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return which promises of the services' HTTP APIs are broken."""
    broken = [f"{name}: the service is gone" for name in sorted(released.keys() - present.keys())]
    for name in sorted(released.keys() & present.keys()):
        broken += [f"{name}: {each}" for each in broken_api(released[name], present[name])]
    return broken


def _advice(name: str) -> str:
    stem, _, version = name.rpartition(".v")
    return ADVICE.format(name=name, next=f"{stem}.v{int(version) + 1}")
