"""Idempotent commands: one transaction that changes something and remembers its answer.

    return await commands.run(request, principal, lambda tx: publish(tx, principal, id),
    view=ProductOut.of)

A caller that sends `Idempotency-Key` may repeat the request after a lost answer: it gets the same
answer and no second effect. Keys belong to the caller and the route. A key used again with another
body is refused (409). An answer that showed a secret is remembered without it (`remembered`).
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from sqlalchemy.exc import IntegrityError

from exchange_market.kernel.errors import ExchangeError, Invalid
from exchange_market.kernel.principal import Actor
from exchange_market.persistence.idempotency import Answer, CommandKey, recall, remember
from exchange_market.persistence.transaction import Database, Transaction

Prepared = TypeVar("Prepared")
Result = TypeVar("Result")
View = TypeVar("View", bound=msgspec.Struct | None)
_HEADER = "idempotency-key"
_KEY_CHARACTERS_MAX = 200
_ROUTE_CHARACTERS_MAX = 200


class IdempotencyKeyMalformed(Invalid):
    """The key is too long or not printable ASCII."""

    code = "idempotency.key_malformed"
    en = "The Idempotency-Key must be 1 to 200 printable ASCII characters, for example a UUID."
    zh = "幂等键须为 1 至 200 个可打印 ASCII 字符，例如 UUID。"


class IdempotencyKeyRequired(Invalid):
    """This command must not run twice, so it takes a key."""

    code = "idempotency.key_required"
    en = "Send an Idempotency-Key header with this command, for example a fresh UUID."
    zh = "此操作须携带 Idempotency-Key 请求头，例如一个新的 UUID。"


class Commands:
    """Runs commands of the HTTP API.

    Bodies are remembered as digests under `digest_secret`: some hold a password, and a plain hash
    of such a body would let a thief of the database guess it at full speed.
    """

    def __init__(self, database: Database, digest_secret: bytes = b"") -> None:
        self._database = database
        self._digest_secret = digest_secret

    async def run(  # noqa: PLR0913 - one call site shape for every command of the API
        self,
        request: Request[Any, Any, Any],
        actor: Actor,
        work: Callable[[Transaction], Awaitable[Result]],
        *,
        view: Callable[[Result], View],
        remembered: Callable[[Result], View] | None = None,
        status: int = 200,
        key_required: bool = False,
    ) -> Response[View]:
        """Do `work` in one write transaction and answer with `view` of its result.

        `remembered` gives the answer for a repetition when `view` shows a secret.
        """
        command = await _command_key(request, actor, self._digest_secret)
        if command is None:
            if key_required:
                raise IdempotencyKeyRequired(field="Idempotency-Key")
            async with self._database.write() as tx:
                result = await work(tx)
            return _response(Answer(status, _encode(view(result))), replayed=False)
        try:
            return await self._run_once(command, work, view, remembered or view, status)
        except (IntegrityError, ExchangeError) as refusal:
            # On PostgreSQL a twin of this command may commit between our look and our work, which
            # then finds everything done already. SQLite lets only one of them begin.
            if isinstance(refusal, ExchangeError) and self._database.is_sqlite:
                raise
            async with self._database.write() as tx:
                answer = await recall(tx, command)
            if answer is None:
                raise
            return _response(answer, replayed=True)

    async def run_prepared(  # noqa: PLR0913 - as `run`
        self,
        request: Request[Any, Any, Any],
        actor: Actor,
        preparation: Callable[[], Awaitable[Prepared]],
        work: Callable[[Transaction, Prepared], Awaitable[Result]],
        *,
        view: Callable[[Result], View],
        status: int = 200,
    ) -> Response[View]:
        """`run`, after something that takes too long for a transaction; not done for a repetition.

        What the preparation refuses is refused, unless a twin of this command succeeded meanwhile.
        """
        if (earlier := await self._replay(request, actor)) is not None:
            return earlier
        try:
            prepared = await preparation()
        except ExchangeError:
            if (earlier := await self._replay(request, actor)) is not None:
                return earlier
            raise
        return await self.run(
            request, actor, lambda tx: work(tx, prepared), view=view, status=status
        )

    async def _replay(self, request: Request[Any, Any, Any], actor: Actor) -> Response[Any] | None:
        command = await _command_key(request, actor, self._digest_secret)
        if command is None:
            return None
        async with self._database.read() as reading:
            answer = await recall(reading, command)
        return None if answer is None else _response(answer, replayed=True)

    async def _run_once(
        self,
        command: CommandKey,
        work: Callable[[Transaction], Awaitable[Result]],
        view: Callable[[Result], View],
        remembered: Callable[[Result], View],
        status: int,
    ) -> Response[Any]:
        async with self._database.write() as tx:
            if (earlier := await recall(tx, command)) is not None:
                return _response(earlier, replayed=True)
            result = await work(tx)
            await remember(tx, command, Answer(status, _encode(remembered(result))))
        return _response(Answer(status, _encode(view(result))), replayed=False)


def idempotency_key_of(request: Request[Any, Any, Any]) -> str | None:
    """The caller's idempotency key, if one was sent; raises IdempotencyKeyMalformed."""
    key = request.headers.get(_HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= _KEY_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyMalformed(field="Idempotency-Key")
    return key


async def _command_key(
    request: Request[Any, Any, Any], actor: Actor, digest_secret: bytes
) -> CommandKey | None:
    key = idempotency_key_of(request)
    if key is None:
        return None
    digest = hmac.new(digest_secret, await request.body(), hashlib.sha256)
    digest.update(request.url.query.encode())
    route = f"{request.method} {request.url.path}"
    if len(route) > _ROUTE_CHARACTERS_MAX:
        route = f"{request.method} sha256:{hashlib.sha256(route.encode()).hexdigest()}"
    return CommandKey(actor.actor_id, route, key, digest.hexdigest())


def _encode(view: msgspec.Struct | None) -> bytes:
    return b"" if view is None else msgspec.json.encode(view)


def _response(answer: Answer, *, replayed: bool) -> Response[Any]:
    # The body is bytes already: a repetition must give back exactly what was answered before.
    headers = {"Idempotent-Replay": "true", "Cache-Control": "no-store"} if replayed else {}
    return Response(
        answer.body, status_code=answer.status, media_type=MediaType.JSON, headers=headers
    )
