"""The HTTP application: every slice's routes behind one edge."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from litestar import Litestar, Request, get
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from exchange_market.accounts import api as accounts
from exchange_market.accounts.session_api import count_refused_codes
from exchange_market.agreements import api as agreements
from exchange_market.appraisals import api as appraisals
from exchange_market.catalog import api as catalog
from exchange_market.delivery import api as delivery
from exchange_market.edge.access import (
    Access,
    SignInRequired,
    access,
    enforce_access,
    refuse_undeclared,
)
from exchange_market.edge.authentication import BearerSessions
from exchange_market.edge.bodies import ExchangeRequest, require_json
from exchange_market.edge.commands import Commands
from exchange_market.edge.headers import add_protective_headers
from exchange_market.edge.openapi import complete_openapi
from exchange_market.edge.problems import EXCEPTION_HANDLERS
from exchange_market.governance import api as governance
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.settings import Settings
from exchange_market.metering import api as metering
from exchange_market.persistence.outbox import count_waiting
from exchange_market.persistence.transaction import Database
from exchange_market.settlement import api as settlement
from exchange_market.trials import api as trials
from exchange_market.trust import audit
from exchange_market.wiring import Exchange, assemble

_BODY_BYTES_MAX = 1024 * 1024
_SLICES = (
    accounts,
    catalog,
    appraisals,
    trials,
    agreements,
    metering,
    delivery,
    settlement,
    governance,
)


@get("/health", operation_id="getHealth", tags=["operations"], opt=access(Access.PUBLIC))
async def health(database: NamedDependency[Database]) -> dict[str, str | int]:
    """Whether the exchange answers, and how much waits for its job worker."""
    async with database.read() as reading:
        return {
            "status": "ok",
            "events_waiting": await count_waiting(reading),
            "audit_leaves_waiting": await audit.count_unplaced(reading),
        }


def create_app(exchange: Exchange) -> Litestar:
    """The application over an opened exchange."""

    @asynccontextmanager
    async def watching(app: Litestar) -> AsyncGenerator[None]:
        del app
        async with exchange.credentials.watching():
            yield

    app = Litestar(
        route_handlers=[health, *(handler for api in _SLICES for handler in api.CONTROLLERS)],
        dependencies=_dependencies(exchange),
        request_class=ExchangeRequest,
        guards=[enforce_access, require_json],
        middleware=[BearerSessions(exchange.sessions.authenticate)],
        before_send=[add_protective_headers],
        lifespan=[watching],
        after_exception=[count_refused_codes(exchange.database, exchange.sessions)],
        logging_config=None,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=_BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title="Exchange Market",
            version="0.1.0",
            render_plugins=[JsonRenderPlugin()],
        ),
        debug=False,
    )
    refuse_undeclared(app)
    complete_openapi(app)
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the HTTP API; needs no database and no data folder of its own."""
    with TemporaryDirectory() as folder:
        app = create_app(assemble(Settings(data_dir=Path(folder))))
        return app.openapi_schema.to_schema()


def _dependencies(exchange: Exchange) -> dict[str, Provide]:
    parts: dict[str, Any] = {
        "settings": exchange.settings,
        "secrets": exchange.secrets,
        "database": exchange.database,
        "objects": exchange.objects,
        "keyring": exchange.keyring,
        "cursors": exchange.cursors,
        "clock": exchange.database.clock,
        "commands": Commands(exchange.database, exchange.secrets.derive("idempotency")),
        "sessions": exchange.sessions,
        "second_factor": exchange.sessions.second_factor,
        "sandbox": exchange.sandbox,
        "credentials": exchange.credentials,
        "sources": exchange.sources,
        "views": exchange.views,
        "query_prices": exchange.query_prices,
        "standards": exchange.standards,
        "turns": exchange.turns,
        "report_files": exchange.report_files,
    }
    return {
        **{name: Provide(_constant(part), sync_to_thread=False) for name, part in parts.items()},
        "principal": Provide(_principal, sync_to_thread=False),
        "viewer": Provide(_viewer, sync_to_thread=False),
    }


def _constant(value: Any) -> Callable[[], Any]:
    def provide() -> Any:
        return value

    return provide


def _viewer(request: Request[Any, Any, Any]) -> Principal | None:
    return request.scope["user"]


def _principal(request: Request[Any, Any, Any]) -> Principal:
    principal: Principal | None = request.scope["user"]
    if principal is None:
        raise SignInRequired
    return principal
