"""What a person sees when everything is up."""

from services.command.installation import SERVICES, Installation
from services.command.terminal import console, say

_WIDTH = 12


def announce(installation: Installation, api_key: str, example: str) -> None:
    """Print the addresses, the sandbox key and one command that works."""
    console.print("\n[bold]Forbear is running.[/bold]\n")
    for service in SERVICES:
        say(f"  {service:{_WIDTH}}{installation.url_of(service)}/docs")
    say(f"  {'mailbox':{_WIDTH}}{installation.addresses['mailbox']}")
    say(f"  {'sandbox key':{_WIDTH}}{api_key}")
    say(f"  {'data':{_WIDTH}}{installation.folder}")
    say("")
    say("Try:")
    say("")
    say(f"  {example}")
    say("")
    say("Ctrl-C or `forbear stop` stops it.")
