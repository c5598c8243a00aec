"""The tenant with which a fresh installation can be tried at once."""

from collections.abc import Mapping

from services.command import keys_administration, tenants
from services.command.administration import opened
from services.command.databases import DatabaseUrls
from services.command.installation import SERVICES
from services.command.scopes import SCOPES

NAME = "Sandbox"
KEY_NAME = "sandbox"


async def ensure_sandbox(settings: Mapping[str, str], urls: DatabaseUrls) -> str:
    """Make the sandbox tenant, unless it exists, and a key of all scopes for it.

    Its time is real time. The caller keeps the key; an earlier one, which must have been lost,
    is revoked.
    """
    async with opened({service: urls.owner(service) for service in SERVICES}) as stores:
        tenant = await tenants.create(stores, NAME, livemode=False)
        for each in await keys_administration.listed(stores, tenant.tenant_id):
            if each.name == KEY_NAME and each.revoked_at is None:
                await keys_administration.revoke(stores, each.key_id)
        made = await keys_administration.create(stores, tenant.tenant_id, KEY_NAME, SCOPES)
    return made.key.text
