"""`forbear rules list`, `explain` and `diff`: the rules and their terms, to be read.

Compliance is imported when something is asked, so that `forbear status` does not load it.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from services.compliance.rules.catalogue import Described, Difference
    from services.compliance.rules.pack import RulePack

USAGE_ERROR = 2
DIFFERENT = 1

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
_PACK = "A pack that ships, by name (us-federal), or a file (YAML or JSON)."


def list_rules(
    jurisdiction: Annotated[
        str | None, typer.Option(help="Only rules with terms there: US, MA, NYC, …")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every rule with what it does, whose law it is and where it applies.

    Example: forbear rules list --jurisdiction MA
    """
    from services.compliance.rules import catalogue
    from services.compliance.rules.loading import load_book

    found = [
        each
        for each in catalogue.described(load_book())
        if jurisdiction is None or jurisdiction in {one.jurisdiction for one in each.given}
    ]
    if not found:
        _refuse(f"No pack gives terms for {jurisdiction}.")
    if as_json:
        _print_json([_as_json(each) for each in found])
        return
    table = Table(title="Rules, in the order in which they are asked")
    for column in ("rule", "what it does", "laws", "jurisdictions"):
        table.add_column(column, no_wrap=column == "rule")
    for each in found:
        laws = dict.fromkeys(one.terms.law for one in each.given)
        places = dict.fromkeys(one.jurisdiction for one in each.given)
        table.add_row(each.rule, each.summary, ", ".join(laws), ", ".join(places))
    Console().print(table)


def explain(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A rule (call-frequency) or a law (REGF-CEASE).")
    ],
    as_json: AsJson = False,
) -> None:
    """Explain a rule, or every rule of a law: what it does, and its terms in each jurisdiction.

    Terms marked "for counsel" are known at second hand only. Example: forbear rules explain
    contact-frequency
    """
    from services.compliance.rules import catalogue
    from services.compliance.rules.loading import load_book

    found = catalogue.find(load_book(), name)
    if not found:
        _refuse(f"There is no rule or law {name}. `forbear rules list` lists them.")
    if as_json:
        _print_json([_as_json(each) for each in found])
        return
    console = Console(highlight=False)
    for each in found:
        _show(console, each)


def diff(
    old: Annotated[str, typer.Argument(metavar="PACK", help=_PACK)],
    new: Annotated[str, typer.Argument(metavar="PACK", help="Another one.")],
    as_json: AsJson = False,
) -> None:
    """Show what two rule packs say differently: terms added, removed, changed field by field.

    Exits 0 when they say the same and 1 when not, as diff does. Example: forbear rules diff
    massachusetts draft.yaml
    """
    from services.compliance.rules import catalogue

    before, after = _pack(old), _pack(new)
    found = catalogue.differences(before, after)
    if as_json:
        _print_json([_difference_as_json(each) for each in found])
    else:
        console = Console(highlight=False)
        console.print(
            f"{before.label} ({before.jurisdiction})  →  {after.label} ({after.jurisdiction})"
        )
        for each in found:
            _show_difference(console, each)
        if not found:
            console.print("They say the same.")
    raise typer.Exit(DIFFERENT if found else 0)


def _pack(named: str) -> "RulePack":
    from services.compliance.rules.loading import load_packs, read_pack
    from services.compliance.rules.pack import MalformedPack

    for each in load_packs():
        if named in (each.pack, each.label):
            return each
    try:
        return read_pack(Path(named).read_text(encoding="utf-8"), named)
    except (OSError, UnicodeDecodeError):
        _refuse(f"{named} is neither a pack that ships nor a file that can be read.")
    except MalformedPack as error:
        _refuse(f"{error}\nAt {error.place or '/'}: {error.fix}.")


def _show(console: Console, rule: "Described") -> None:
    from services.compliance.rules import catalogue

    console.print(f"[bold]{rule.rule}[/bold]: {rule.summary}")
    console.print(rule.about, style="dim", markup=False)
    table = Table(show_lines=True)
    for column in ("where", "law", "citation", "applies", "parameters", "read in the law"):
        table.add_column(column)
    for each in rule.given:
        table.add_row(
            each.jurisdiction,
            each.terms.law,
            each.terms.citation,
            catalogue.dates_of(each.terms),
            "\n".join(catalogue.parameters_of(each.terms)),
            catalogue.verification_of(each.terms),
        )
    console.print(table)
    console.print()


def _show_difference(console: Console, each: "Difference") -> None:
    sign = {"added": "+", "removed": "-", "changed": "~"}[each.kind]
    console.print(f"{sign} {each.rule} ({each.law})", markup=False)
    for name, (old, new) in each.fields.items():
        change = f"{old or 'nothing'} → {new or 'nothing'}"
        line = {"added": new, "removed": old, "changed": change}[each.kind]
        console.print(f"    {name}: {line}", markup=False)


def _as_json(rule: "Described") -> dict[str, Any]:
    from services.compliance.rules.pack import row_of

    return {
        "rule": rule.rule,
        "summary": rule.summary,
        "about": rule.about,
        "terms": [
            {"pack": each.pack, "jurisdiction": each.jurisdiction, **row_of(each.terms)}
            for each in rule.given
        ],
    }


def _difference_as_json(each: "Difference") -> dict[str, Any]:
    return {
        "kind": each.kind,
        "rule": each.rule,
        "law": each.law,
        "fields": {name: {"old": old, "new": new} for name, (old, new) in each.fields.items()},
    }


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise typer.Exit(USAGE_ERROR)
