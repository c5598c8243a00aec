"""Style that a reader relies on, held by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("services", "shared")
SQL_HOMES = (
    r"shared/.*",
    r"services/[a-z]+/migrations/.*",
    r"services/[a-z]+/[a-z]+/views\.py",
    r"services/compliance/audit/.*",  # entries are rows, not events: they have no other home
    r"services/command/.*",  # administers databases
)
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\b.*\b(FROM|VALUES|SET|\()"
)
ABBREVIATIONS = re.compile(r"\b(msg|evt|cfg|svc|mgr|util|utils|helpers)\b")
SPELLED_ELSEWHERE = {("shared/telemetry/logging.py", "msg")}  # the standard library names it
FORBIDDEN_FILES = re.compile(r"(utils|helpers|common|manager|base)\.py$")
REGISTRY_HOSTS = re.compile(r"https?://[a-z0-9.-]*(pypi|pythonhosted|npmjs|maven)[a-z.]*")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home|farm|tmp/spec)/")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PRODUCT_FILES = list(python_files(*PRODUCT))
ALL_FILES = [*PRODUCT_FILES, *python_files("tests")]


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in PRODUCT_FILES}


def test_every_module_says_what_it_is(trees: dict[Path, ast.Module]) -> None:
    silent = [relative(path) for path, tree in trees.items() if not ast.get_docstring(tree)]
    assert silent == []


def test_sql_lives_in_its_three_homes(trees: dict[Path, ast.Module]) -> None:
    homes = re.compile("|".join(SQL_HOMES))
    strays = [
        f"{relative(path)}:{node.lineno}"
        for path, tree in trees.items()
        if not homes.fullmatch(relative(path))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert strays == []


def test_no_file_is_a_drawer(trees: dict[Path, ast.Module]) -> None:
    assert [relative(path) for path in trees if FORBIDDEN_FILES.search(path.name)] == []


def test_names_are_words(trees: dict[Path, ast.Module]) -> None:
    found = [
        f"{relative(path)}:{node.lineno} {name}"
        for path, tree in trees.items()
        for node, name in _named(tree)
        if ABBREVIATIONS.search(name) and (relative(path), name) not in SPELLED_ELSEWHERE
    ]
    assert found == []


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.arg | ast.Name


def _named(tree: ast.Module) -> Iterator[tuple[Named, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id


def test_tests_use_real_adapters_and_patch_nothing() -> None:
    forbidden = re.compile(r"\b(unittest\.mock|mock\.patch|mocker\.|monkeypatch\.setattr)")
    patched = [
        relative(path)
        for path in python_files("tests")
        if path != Path(__file__).resolve() and forbidden.search(path.read_text())
    ]
    assert patched == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    named = [
        f"{relative(path)}:{number}"
        for path in _texts()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if REGISTRY_HOSTS.search(line) or MACHINE_PATHS.search(line)
    ]
    assert named == []


def _texts() -> Iterator[Path]:
    yield from (path for path in ALL_FILES if path != Path(__file__).resolve())
    yield from (ROOT / "docs").rglob("*.md")
    for name in ("README.md", "Makefile", "pyproject.toml", "requirements.lock", ".ci/run"):
        yield ROOT / name


def test_no_unfinished_business_without_an_issue(trees: dict[Path, ast.Module]) -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [relative(path) for path in trees if marks.search(path.read_text())] == []


def test_every_slice_has_a_domain() -> None:
    services = [
        ROOT / "services" / name for name in ("ledger", "contact", "disputes", "compliance")
    ]
    slices = [
        folder
        for service in services
        for folder in service.iterdir()
        if folder.is_dir() and (folder / "api.py").exists()
    ]
    without = [
        relative(folder)
        for folder in slices
        if not ((folder / "domain.py").exists() or (folder / "domain").is_dir())
        and folder.name not in READERS
    ]
    assert without == []


READERS = frozenset({"timeline", "audit", "facts", "windows"})
"""Slices that only read, or that speak for another slice's aggregate."""
