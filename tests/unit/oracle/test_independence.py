"""The oracle shares no code with what it judges."""

import ast
from pathlib import Path

from tests import oracle

ALLOWED = {
    "argparse", "asyncio", "asyncpg", "collections", "dataclasses", "datetime", "functools",
    "itertools", "json", "os", "sys", "tests", "typing", "zoneinfo",
}  # fmt: skip


def test_imports_only_the_standard_library_a_driver_and_itself() -> None:
    folder = Path(str(oracle.__file__)).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                root, _, rest = name.partition(".")
                assert root in ALLOWED, f"{file.name} imports {name}"
                assert root != "tests" or rest.startswith("oracle"), f"{file.name} imports {name}"
