"""A personal value under its data subject's key; opaque to everything but the vault."""

from shared.kernel.records import record


@record
class Sealed:
    """AES-256-GCM ciphertext. `key_id` names the subject's key; bytes are base64 text.

    Tenant, subject and field are authenticated with it, so a value moved elsewhere does not open.
    """

    key_id: str
    nonce: str
    ciphertext: str
