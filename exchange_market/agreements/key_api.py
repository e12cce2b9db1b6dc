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
from exchange_market.edge.problems import problems
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
            lambda tx: issue_key(tx, principal, contract_id, data.label, pepper),
            view=KeyOut.showing,
            remembered=KeyOut.hiding,
            status=201,
        )

    @get(operation_id="listKeys", opt=access(Access.BUYER))
    async def many(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
    ) -> KeysOut:
        """The keys of a contract, newest first."""
        async with database.read() as reading:
            keys = await list_keys(reading, principal, contract_id)
        return KeysOut(contract_id=contract_id, keys=[KeyOut.of(key) for key in keys])


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
        async with database.write() as tx:
            return KeyOut.of(await revoke_by_bearer(tx, data.key, key_pepper(secrets)))


KEY_CONTROLLERS = (ContractKeyController, KeyController)
