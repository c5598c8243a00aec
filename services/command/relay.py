"""`forbear relay SERVICE`: publishes one service's event log to Kafka until it is told to stop."""

import asyncio
import signal
from typing import Annotated, Literal

import typer

from services.command.terminal import Refused, say

ServiceName = Literal["ledger", "contact", "disputes", "compliance"]


def relay(
    service: Annotated[ServiceName, typer.Argument(help="Whose events to publish.")],
    anew: Annotated[
        bool,
        typer.Option(
            "--anew",
            help="Send the whole log again, as a new publication; readers pass over what they have"
            " had. Needed after a restore, and when the brokers have lost events.",
        ),
    ] = False,
) -> None:
    """Publish a service's events to Kafka, with settings from the environment."""
    # Loaded only now: no other sub-command needs any of it.
    import uvloop
    from pydantic import ValidationError

    from shared.service.relaying import RelaySettings, databases_of
    from shared.telemetry import ending, logging, metrics, tracing

    logging.configure()
    tracing.configure()
    try:
        settings, databases = RelaySettings(), databases_of(service)
    except ValidationError as error:
        named = [
            f"  {'_'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        raise Refused(
            f"The settings of {service}'s relay do not fit:\n" + "\n".join(named)
        ) from None

    metrics.configure(is_scraped=settings.metrics)

    async def publish() -> None:
        from shared.service.relaying import relaying

        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        async with relaying(service, settings, databases, anew=anew):
            say(f"Publishing the events of {service}.")
            await stopping.wait()

    try:
        uvloop.run(publish())
    finally:
        ending.end()
