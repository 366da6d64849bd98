"""Secrets of others, kept encrypted: needed in clear to use, never to be read.

The key is derived from SECRET_KEY, so a copy of the database alone opens nothing;
former keys (SECRET_KEY_FALLBACKS) still open what they closed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _


class UnreadableSecret(ValueError):
    """A secret was closed with a key that is not known any more."""


def close(secret: str) -> str:
    """Return a secret as it may lie in the database."""
    return _keys().encrypt(secret.encode()).decode()


def open_secret(closed: str) -> str:
    """Return what `close` was given.

    Raises
    ------
    UnreadableSecret
        If neither SECRET_KEY nor one of its fallbacks opens it.
    """
    try:
        return _keys().decrypt(closed.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret(
            _("SECRET_KEY has changed since this secret was made. Make a new one.")
        ) from error


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(str(key))) for key in keys])


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.sealed.v1")
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
