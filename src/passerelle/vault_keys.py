"""The one key of a school, and the keys derived from it: for encryption, and for each kind of pseudonym."""

from __future__ import annotations

import os
import secrets
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.errors import VaultError
from passerelle.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

MIN_KEY_LENGTH = 32
_CHECK = b"the key of this vault"


class VaultKeys:
    """Keys of the vault in ``folder``, each derived by HKDF so that none of them gives away another.

    The key comes from ``PASSERELLE_KEY``, else from ``vault/key``, made on first use. ``vault/check.fernet`` tells
    the right key from a wrong one, before a wrong one can give people other pseudonyms.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    def derived(self, purpose: str) -> bytes:
        """Key of 32 bytes for one purpose.

        Raises
        ------
        VaultError
            The key is too short, is missing, or is not the one that this vault began with.
        """
        return _hkdf(self._checked_key, purpose)

    @cached_property
    def fernet(self) -> Fernet:
        """What encrypts and opens batches."""
        return _fernet(self._checked_key)

    @cached_property
    def _checked_key(self) -> str:
        key, fernet = self._key, _fernet(self._key)
        check = self._folder / "check.fernet"
        if not check.exists():
            _create(check, fernet.encrypt(_CHECK))
        from cryptography.fernet import InvalidToken

        try:
            fernet.decrypt(check.read_bytes())
        except InvalidToken as error:
            raise VaultError(
                f"the key does not open the vault {self._folder}",
                allowed="the key that the vault was made with",
                fix=f"PASSERELLE_KEY, or unset it where {self._folder / 'key'} holds the key",
            ) from error
        return key

    @cached_property
    def _key(self) -> str:
        if self._settings.key is None:
            return self._kept_key()
        key = self._settings.key.get_secret_value()
        if len(key) < MIN_KEY_LENGTH:
            raise VaultError(
                f"the key of the vault has {len(key)} characters",
                allowed=f"{MIN_KEY_LENGTH} or more, made at random",
                fix="PASSERELLE_KEY, for example from: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        return key

    def _kept_key(self) -> str:
        path = self._folder / "key"
        if not path.exists():
            if (self._folder / "check.fernet").exists():
                raise VaultError(
                    f"the key of the vault {self._folder} is missing",
                    allowed="the key that the vault was made with",
                    fix=f"PASSERELLE_KEY, or restore {path} from a backup",
                )
            _create(path, secrets.token_urlsafe(32).encode())
        return path.read_text().strip()


def _create(path: Path, content: bytes) -> None:
    """Write a file that only the owner reads, unless it is there already; never half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()


@cache
def _hkdf(key: str, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"passerelle {purpose}".encode()).derive(
        key.encode()
    )


def _fernet(key: str) -> Fernet:
    from base64 import urlsafe_b64encode

    from cryptography.fernet import Fernet

    return Fernet(urlsafe_b64encode(_hkdf(key, "encryption")))
