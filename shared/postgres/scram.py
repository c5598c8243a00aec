"""Password verifiers made on our side (RFC 5803), so that no statement ever holds a password."""

import base64
import hashlib
import hmac

ITERATIONS = 4096  # what the server itself uses; our passwords are random, not guessable


def verifier(password: str, salt: bytes) -> str:
    """Return what PostgreSQL stores for a SCRAM-SHA-256 password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    text = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${ITERATIONS}:{text[0]}${text[1]}:{text[2]}"
