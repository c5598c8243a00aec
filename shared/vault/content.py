"""How the content of a message is named: by a keyed digest that equal content of a tenant shares.

The service that sends and the one that judges work it out alike, so a judgement finds its message.
"""

from shared.vault.sealer import Sealer

_KIND = "email-content"  # digests of messages already sent were made under this name


async def content_digest(sealer: Sealer, tenant: str, subject: str, text: str) -> str:
    """Return the digest of a message's subject and text.

    Raises:
        UnsealableText: one of the texts holds a lone surrogate.
    """
    return await sealer.lookup_digest(tenant, _KIND, f"{subject}\n{text}")
