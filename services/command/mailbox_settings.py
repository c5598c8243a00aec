"""The development mailbox's settings, from environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.service.settings import ENVIRONMENT, Port


class MailboxSettings(BaseSettings):
    """Where the mailbox listens, and where it keeps what it is sent."""

    model_config = ENVIRONMENT

    host: str = Field("127.0.0.1", description="Address to listen on.")
    mailbox_folder: Path | None = Field(
        None, description="Folder of the messages; unset, there is no mailbox."
    )
    mailbox_port: Port = Field(8125, description="Port of its pages.")
    smtp_port: Port = Field(8126, description="Port at which it takes mail.")
