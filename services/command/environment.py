"""What the services are told: settings as environment variables, and nothing they need not know.

The owners' and the administrator's URLs are not among them.
"""

import json
import os
from collections.abc import Mapping

from services.command.databases import DatabaseUrls
from services.command.installation import HOST, SERVICES, Installation
from services.command.keys import Keys

STALENESS_OVER_KAFKA_S = "30"
_NOT_FOR_SERVICES = ("DATABASE_URL",)


def service_environment(
    installation: Installation, keys: Keys, urls: DatabaseUrls
) -> dict[str, str]:
    """Return the whole environment of the process that serves."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_SERVICES}
    return _over_kafka(inherited) | inherited | settings(installation, keys, urls)


def _over_kafka(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what is better set otherwise with brokers: marks of freshness take longer then."""
    with_brokers = inherited.get("FORBEAR_KAFKA_BOOTSTRAP_SERVERS")
    return {"FORBEAR_STALENESS_BOUND_S": STALENESS_OVER_KAFKA_S} if with_brokers else {}


def settings(installation: Installation, keys: Keys, urls: DatabaseUrls) -> dict[str, str]:
    """Return the settings of all services on this machine."""
    values = key_settings(keys) | {
        "FORBEAR_HOST": HOST,
        "FORBEAR_MAILBOX_FOLDER": str(installation.mailbox_folder),
        "FORBEAR_MAILBOX_PORT": str(installation.ports.mailbox),
        "FORBEAR_SMTP_HOST": HOST,
        "FORBEAR_SMTP_PORT": str(installation.ports.smtp),
    }
    for service in SERVICES:
        values[f"FORBEAR_{service.upper()}_URL"] = installation.url_of(service)
        values[f"FORBEAR_{service.upper()}_PORT"] = str(installation.ports.of(service))
    return values | database_settings(urls.of_users)


def key_settings(keys: Keys) -> dict[str, str]:
    """Return the settings that hold keys, and the public halves."""
    values = {
        "FORBEAR_MASTER_KEY": keys.master_key,
        "FORBEAR_CURSOR_KEY": keys.cursor_key,
        "FORBEAR_PUBLIC_KEYS": json.dumps(keys.public_keys, sort_keys=True),
    }
    for signer, seed in keys.signing_keys.items():
        values[f"FORBEAR_{signer.upper()}_SIGNING_KEY"] = seed
    return values


def database_settings(by_role: Mapping[str, str]) -> dict[str, str]:
    """Return `FORBEAR_<SERVICE>_<ROLE>_DATABASE_URL` for each role."""
    return {f"FORBEAR_{role.upper()}_DATABASE_URL": url for role, url in by_role.items()}
