"""The shared cache, which must never take the portal down with it.

Only rate limits lie in it. While it is away each process counts for itself.
"""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


class PatientCache(RedisCache):
    """Redis or Valkey; this process's own memory while that cannot be reached."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("while the shared cache is away", {})

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Set a key that is not there yet; return whether it was set."""
        try:
            return super().add(key, *args, **kwargs)
        except (RedisError, OSError):
            return self._own.add(key, *args, **kwargs)

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what is kept under a key."""
        try:
            return super().get(key, *args, **kwargs)
        except (RedisError, OSError):
            return self._own.get(key, *args, **kwargs)

    def set(self, key: Any, *args: Any, **kwargs: Any) -> None:
        """Keep a value."""
        try:
            super().set(key, *args, **kwargs)
        except (RedisError, OSError):
            self._own.set(key, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Forget a key; return whether it was there."""
        try:
            return super().delete(key, *args, **kwargs)
        except (RedisError, OSError):
            return self._own.delete(key, *args, **kwargs)
