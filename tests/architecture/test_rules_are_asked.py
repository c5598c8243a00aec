"""Production asks every function of the rules: none is there for worked examples alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = "services.compliance.rules"
OF_EXAMPLES = (
    "services/compliance/rules/check/",
    "services/command/rules.py",
    "services/command/rules_application.py",
    "services/command/rules_over_http.py",
)

MEASURES = ["rulebook.in_force"]
"""What production is held against: all the rules there are, where it asks the relevant ones."""

Node = tuple[str, str]
"""A module, and a name at its top level; the module's own statements have none."""


class Module:
    """One file: what each of its definitions mentions, names of other modules led back to them."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self._names: dict[str, str] = {}
        for each in ast.walk(tree):
            if isinstance(each, ast.ImportFrom) and each.module:
                for alias in each.names:
                    self._names[alias.asname or alias.name] = f"{each.module}.{alias.name}"
        self.definitions = {
            each.name: each
            for each in tree.body
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        self.statements = [each for each in tree.body if each not in self.definitions.values()]

    def mentions(self, within: ast.AST) -> Iterator[Node]:
        """Return what code mentions of this module and of those it imports."""
        for each in ast.walk(within):
            if isinstance(each, ast.Name):
                if each.id in self.definitions:
                    yield self.name, each.id
                elif each.id in self._names:
                    module, _, name = self._names[each.id].rpartition(".")
                    yield module, name
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                yield self._names.get(each.value.id, ""), each.attr


def production() -> dict[str, Module]:
    """Return the modules of production code by name."""
    found = {}
    for top in ("services", "shared"):
        for path in sorted((ROOT / top).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if str(relative).startswith(OF_EXAMPLES):
                continue
            parts = relative.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, ast.parse(path.read_text(encoding="utf-8")))
    return found


def reached(modules: dict[str, Module]) -> set[Node]:
    """Return what production code outside the rules leads to, over as many calls as it takes."""
    to_visit: list[Node] = []
    for module in modules.values():
        if not module.name.startswith(RULES):
            for each in module.definitions.values():
                to_visit += module.mentions(each)
        for statement in module.statements:
            to_visit += module.mentions(statement)
    found: set[Node] = set()
    while to_visit:
        node = to_visit.pop()
        if node in found:
            continue
        found.add(node)
        module_name, name = node
        definitions = modules[module_name].definitions if module_name in modules else {}
        if name in definitions:
            to_visit += modules[module_name].mentions(definitions[name])
    return found


def unasked(modules: dict[str, Module]) -> list[str]:
    """Return the functions of the rules that nothing in production leads to."""
    asked = reached(modules)
    return [
        f"{module.name.removeprefix(RULES + '.')}.{name}"
        for module in modules.values()
        if module.name.startswith(RULES)
        for name, each in module.definitions.items()
        if isinstance(each, ast.FunctionDef) and (module.name, name) not in asked
    ]


def test_production_asks_every_function_of_the_rules() -> None:
    assert unasked(production()) == MEASURES


def test_one_that_only_an_unasked_one_calls_is_found() -> None:
    text = "def asked(): ...\ndef unasked(): return lonely()\ndef lonely(): ...\nRULES = (asked,)\n"
    module = Module(f"{RULES}.trial", ast.parse(text))
    assert unasked({module.name: module}) == ["trial.unasked", "trial.lonely"]
