"""`forbear relay SERVICE`: publishes one service's event log to Kafka until it is told to stop.

`--anew` publishes nothing itself: it tells the relays that run, and ends.
"""

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
            help="Have the running relays send the whole log again, as a new publication, and end;"
            " readers pass over what they have had. Needs the service's database only. For after a"
            " restore, and when the brokers have lost events.",
        ),
    ] = False,
) -> None:
    """Publish a service's events to Kafka, with settings from the environment."""
    if anew:
        _begin_anew(service)
    else:
        _publish(service)


def _begin_anew(service: str) -> None:
    import asyncpg

    from services.command.process_settings import prefix_of, refusing_misfits
    from shared.eventstore.store import StoreUnavailable
    from shared.service.relaying import begin_anew, publishing_database_of

    with refusing_misfits(f"{service}'s relay", prefix_of(service)):
        database = publishing_database_of(service)
    try:
        asyncio.run(begin_anew(database))
    except (StoreUnavailable, asyncpg.PostgresError) as error:
        raise Refused(f"{prefix_of(service)}APP_DATABASE_URL: {error}.") from error
    say(
        f"The whole log of {service} is sent again: by a running relay within half a minute, by"
        " the next one otherwise."
    )


def _publish(service: str) -> None:
    # Loaded only now: no other sub-command needs any of it.
    import uvloop

    from services.command.process_settings import prefix_of, refusing_misfits
    from shared.service.relaying import RelaySettings, databases_of
    from shared.telemetry import ending, logging, metrics, tracing

    logging.configure()
    tracing.configure()
    with refusing_misfits(f"{service}'s relay", prefix_of(service)):
        databases = databases_of(service)
    with refusing_misfits(f"{service}'s relay"):
        settings = RelaySettings()

    metrics.configure(is_scraped=settings.metrics)

    async def publish() -> None:
        from shared.service.relaying import relaying

        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        async with relaying(service, settings, databases):
            say(f"Publishing the events of {service}.")
            await stopping.wait()

    try:
        uvloop.run(publish())
    finally:
        ending.end()
