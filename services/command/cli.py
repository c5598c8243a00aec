"""The `forbear` command line: one line per sub-command."""

import typer

from services.command import (
    audit,
    backup,
    clocks_administration,
    dlq,
    doctor,
    keys_administration,
    oracle,
    relay,
    rules,
    run,
    status,
    tenants,
)
from services.command.demo.cli import demo

app = typer.Typer(
    name="forbear",
    help="A debt-collection backend that cannot over-contact anyone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local values, secrets included
)

app.command()(run.run)
app.command()(run.serve)
app.command()(relay.relay)
app.command()(run.stop)
app.command()(status.status)
app.command()(doctor.doctor)
app.command()(demo)
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(rules.rules, name="rules")
app.command()(oracle.oracle)
app.add_typer(tenants.app, name="tenants")
app.add_typer(keys_administration.app, name="keys")
app.add_typer(clocks_administration.app, name="clocks")
app.add_typer(audit.app, name="audit")
app.add_typer(dlq.app, name="dlq")
