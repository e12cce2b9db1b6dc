"""Public keys of the exchange."""

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from exchange_market.edge.access import Access, access
from exchange_market.persistence.transaction import Database
from exchange_market.trust.keyring import published_keys


class JwksController(Controller):
    """Keys with which anyone verifies what the exchange signed."""

    path = "/.well-known"
    tags = ("trust",)

    @get(
        "/jwks.json",
        operation_id="getPublicKeys",
        summary="Public keys, with purpose, state and custody",
        opt=access(Access.PUBLIC),
    )
    async def jwks(self, database: NamedDependency[Database]) -> Response[dict[str, Any]]:
        """A JSON Web Key Set (RFC 7517). Keys are never removed; `state` says what became of
        them."""
        async with database.read() as reading:
            keys = await published_keys(reading)
        return Response(keys, headers={"Cache-Control": "public, max-age=60"})


CONTROLLERS = (JwksController,)
