"""What is committed follows from the code, and keeps what was released."""

from pathlib import Path

import pytest

from shared.service.service import VERSION
from tests.schemas import files, released

HOW = "run `make schemas` and commit what it wrote"


def test_what_is_committed_follows_from_the_code() -> None:
    assert list(files.differences(files.generated(), files.committed())) == [], HOW


def test_what_is_out_of_date_is_named() -> None:
    wanted, there = files.generated(), files.committed()
    there = {**there, files.ASYNCAPI: "", Path("schemas", "stray.json"): "{}"}
    del there[files.CATALOGUE]
    assert list(files.differences(wanted, there)) == [
        "docs/events.md is missing",
        "schemas/asyncapi.yaml is out of date",
        "schemas/stray.json follows from nothing",
    ]


def test_nothing_that_was_released_is_broken() -> None:
    assert files.broken() == []


def test_every_version_of_the_services_is_frozen() -> None:
    assert files.released_version() == VERSION, "run `make release-schemas` and commit"
    assert len(files.released_events()) >= 59
    assert len(files.released_documents()) == 4


def test_a_service_that_disappears_is_named() -> None:
    documents = files.released_documents()
    without = {name: each for name, each in documents.items() if name != "ledger"}
    assert released.broken_documents(documents, without) == ["ledger: the service is gone"]


@pytest.mark.parametrize("name", ["ledger", "contact", "disputes", "compliance"])
def test_the_catalogue_has_every_link_it_leads_to(name: str) -> None:
    text = (files.ROOT / files.CATALOGUE).read_text()
    headings = {
        line.lstrip("# ").lower().replace(" ", "-").replace("(", "").replace(")", "")
        for line in text.splitlines()
        if line.startswith("#")
    }
    links = {part.partition(")")[0] for part in text.split("](#")[1:]}
    assert name in links
    assert links - headings == set()
