"""Routes of API keys."""

from typing import Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from exchange_market.agreements.keys import (
    issue_key,
    key_pepper,
    list_keys,
    revoke_by_bearer,
    revoke_key,
)
from exchange_market.agreements.wire import KeyIn, KeyOut, KeyRevocationIn, KeysOut
from exchange_market.edge.access import Access, access
from exchange_market.edge.commands import Commands
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit
from exchange_market.edge.problems import problems
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database


class ContractKeyController(Controller):
    """The keys of one contract."""

    path = "/v1/contracts/{contract_id:str}/keys"
    tags = ("keys",)

    @post(
        operation_id="issueKey",
        opt=access(Access.BUYER),
        responses=problems(404),
    )
    async def issue(  # noqa: PLR0913, PLR0917
        self,
        request: Request[Any, Any, Any],
        contract_id: FromPath[str],
        data: JSONBody[KeyIn],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
        secrets: NamedDependency[Secrets],
    ) -> Response[KeyOut]:
        """A new key, shown in this answer and never again, not even when the command is
        repeated."""
        pepper = key_pepper(secrets)
        return await commands.run(
            request,
            principal,
            lambda tx: issue_key(tx, principal, contract_id, data.name(), pepper),
            view=KeyOut.showing,
            remembered=KeyOut.hiding,
            status=201,
        )

    @get(operation_id="listKeys", opt=access(Access.BUYER))
    async def many(  # noqa: PLR0913, PLR0917
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> KeysOut:
        """The keys of a contract, newest first."""
        context = f"keys:{principal.user_id}:{contract_id}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            found = await list_keys(reading, principal, contract_id, before=before, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda key: [key.id])
        shown = [KeyOut.of(key) for key in page.items]
        return KeysOut(contract_id=contract_id, keys=shown, next_cursor=page.next_cursor)


class KeyController(Controller):
    """Revoking keys."""

    path = "/v1/keys"
    tags = ("keys",)

    @delete(
        "/{key_id:str}",
        operation_id="revokeKey",
        status_code=200,
        opt=access(Access.BUYER),
        responses=problems(404),
    )
    async def revoke(
        self,
        request: Request[Any, Any, Any],
        key_id: FromPath[str],
        commands: NamedDependency[Commands],
        principal: NamedDependency[Principal],
    ) -> Response[KeyOut]:
        """Revoke a key of the own organisation; delivery stops within a second."""
        return await commands.run(
            request, principal, lambda tx: revoke_key(tx, principal, key_id), view=KeyOut.of
        )

    @post(
        "/revocation",
        operation_id="revokePresentedKey",
        status_code=200,
        opt=access(Access.PUBLIC),
    )
    async def revoke_presented(
        self,
        data: JSONBody[KeyRevocationIn],
        database: NamedDependency[Database],
        secrets: NamedDependency[Secrets],
    ) -> KeyOut:
        """Revoke the key in the body: for whoever found a leaked one."""
        return KeyOut.of(await revoke_by_bearer(database, data.key, key_pepper(secrets)))


KEY_CONTROLLERS = (ContractKeyController, KeyController)
