"""How often one actor may call the API."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # its module asks for this class while it is being imported
    from rest_framework.views import APIView


class ActorThrottle(SimpleRateThrottle):
    """One bucket per token, else per person, else per address."""

    scope = "actor"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        """Return the bucket this call is counted in."""
        token = getattr(request.auth, "key_id", None)
        who = token or request.user.pk or self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}
