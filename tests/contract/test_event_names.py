"""Every name under which a service ever stored an event: logs are kept for ever, so names are too.

`event_names.txt` is the catalogue. A name that disappears from the code makes stored events
unreadable; a new one is added to the file, and from then on it stays.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.records import event_name
from tests.databases import SERVICES

SHARED = "messaging"  # what every service may store, whose name is nobody's
PACKAGES = {**{name: f"services.{name}" for name in SERVICES}, SHARED: "shared.messaging"}
CATALOGUE = Path(__file__).with_name("event_names.txt")


def _declared(owner: str) -> Iterator[str]:
    """Yield the name of each event class that an owner's modules declare, its own or another's."""
    package = importlib.import_module(PACKAGES[owner])
    prefix = f"{package.__name__}."
    for found in pkgutil.walk_packages(package.__path__, prefix):
        if found.name.startswith(f"{prefix}migrations"):
            continue  # Alembic's, and imported by nobody else
        module = importlib.import_module(found.name)
        classes = {value for value in vars(module).values() if isinstance(value, type)}
        for each in classes:  # a set: a class may have another name beside its own
            if each.__module__ == module.__name__:
                try:
                    yield event_name(each)
                except LookupError:
                    continue


@pytest.fixture(scope="module")
def declared() -> dict[str, list[str]]:
    return {owner: sorted(_declared(owner)) for owner in PACKAGES}


@pytest.fixture(scope="module")
def catalogue() -> list[str]:
    return CATALOGUE.read_text().splitlines()


def _stored(declared: dict[str, list[str]]) -> list[str]:
    return sorted(
        name
        for service, names in declared.items()
        for name in names
        if name.startswith(f"forbear.{service}.")
    )


def test_no_stored_name_is_ever_renamed_or_removed(
    declared: dict[str, list[str]], catalogue: list[str]
) -> None:
    lost = sorted(set(catalogue) - set(_stored(declared)))
    assert lost == [], "events stored under these names could not be read any more"


def test_every_new_name_is_put_on_record(
    declared: dict[str, list[str]], catalogue: list[str]
) -> None:
    new = sorted(set(_stored(declared)) - set(catalogue))
    assert new == [], f"add these to {CATALOGUE.name}, in order"


def test_each_name_is_stored_by_one_class(declared: dict[str, list[str]]) -> None:
    names = _stored(declared)
    assert sorted(set(names)) == names


def test_what_a_service_reads_of_another_is_stored_there(
    declared: dict[str, list[str]], catalogue: list[str]
) -> None:
    unheard_of = {
        (service, name)
        for service, names in declared.items()
        for name in names
        if name not in catalogue and not name.startswith(f"forbear.{service}.")
    }
    assert unheard_of == set()


def test_the_catalogue_is_in_order(catalogue: list[str]) -> None:
    assert catalogue == sorted(set(catalogue))
