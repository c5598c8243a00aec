"""Keys and passwords: drawn once, read back as they were, for their owner's eyes only."""

import base64
import stat
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.command import keys
from services.command.databases import ROLES


class TestLoadOrCreate:
    def test_draws_once(self, tmp_path: Path) -> None:
        file = tmp_path / "secrets.json"
        drawn = keys.load_or_create(file)
        assert keys.load_or_create(file) == drawn == keys.load(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [each.name for each in tmp_path.iterdir()] == ["secrets.json"]

    def test_draws_everything_anew_for_another_installation(self, tmp_path: Path) -> None:
        one, other = (keys.load_or_create(tmp_path / name) for name in ("one", "other"))
        secret = [one.superuser_password, one.master_key, one.cursor_key]
        secret += [*one.role_passwords.values(), *one.signing_keys.values()]
        assert len(set(secret)) == len(secret)
        assert set(secret).isdisjoint(other.role_passwords.values())
        assert set(one.role_passwords) == set(ROLES)
        assert len(base64.b64decode(one.master_key)) == 32

    def test_refuses_a_damaged_file(self, tmp_path: Path) -> None:
        (tmp_path / "secrets.json").write_text('{"master_key": 5}')
        with pytest.raises(msgspec.ValidationError):
            keys.load_or_create(tmp_path / "secrets.json")

    def test_replaces_what_a_killed_writer_left(self, tmp_path: Path) -> None:
        (tmp_path / "secrets.json.unfinished").write_text("half")
        keys.load_or_create(tmp_path / "secrets.json")
        assert not (tmp_path / "secrets.json.unfinished").exists()


class TestKeys:
    def test_gives_the_public_half_of_every_signing_key(self, tmp_path: Path) -> None:
        drawn = keys.load_or_create(tmp_path / "secrets.json")
        assert set(drawn.public_keys) == set(drawn.signing_keys)
        for text in drawn.public_keys.values():
            Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
