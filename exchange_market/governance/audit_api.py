"""Routes of the audit trail, of traces and of evidence."""

import hashlib
from enum import StrEnum
from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from exchange_market.edge.access import Access, access
from exchange_market.edge.paging import LIMIT_DEFAULT, Cursor, Limit, PageOut
from exchange_market.edge.problems import problems
from exchange_market.governance.evidence import write_evidence
from exchange_market.governance.market_wire import AuditLeafOut, ChainVerdictOut
from exchange_market.governance.trace_wire import TraceOut
from exchange_market.governance.tracing import trace_contract, trace_product
from exchange_market.governance.trail import newest_leaves, own_leaves
from exchange_market.kernel.paging import CursorSeal
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Database
from exchange_market.trust.audit import AuditFilter
from exchange_market.trust.extracts import verify_trail
from exchange_market.trust.keyring import Keyring

_VERIFIED_AT_ONCE = 20_000
_VERIFIED_MAX = 100_000
_SEQUENCE_MAX = 2**53 - 1
ZIP = "application/zip"

Wanted = Annotated[str | None, QueryParameter(max_length=64)]


class TraceKind(StrEnum):
    """What a trace may start from."""

    PRODUCT = "product"
    CONTRACT = "contract"


class AdminAuditController(Controller):
    """The whole audit trail, for administrators."""

    path = "/v1/admin/audit"
    tags = ("governance",)

    @get(
        operation_id="listAuditLeaves",
        summary="The audit trail",
        opt=access(Access.ADMINISTRATOR),
    )
    async def leaves(  # noqa: PLR0913 - the parameters of the query string
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        object_kind: Wanted = None,
        object_id: Wanted = None,
        actor_id: Wanted = None,
        action: Wanted = None,
        organisation_id: Wanted = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[AuditLeafOut]:
        """Newest first; a leaf appears here within a second, once it has its place in the chain."""
        wanted = AuditFilter(object_kind, object_id, actor_id, organisation_id, action)
        context = _context("admin-audit", principal, wanted)
        before = _place(cursors, cursor, context)
        async with database.read() as reading:
            found = await newest_leaves(reading, wanted, before=before, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda leaf: [leaf.sequence])
        return PageOut.of(page, AuditLeafOut.of)

    @get(
        "/verification",
        operation_id="verifyAuditTrail",
        summary="Recompute the chain of the audit trail",
        opt=access(Access.ADMINISTRATOR),
    )
    async def verification(
        self,
        database: NamedDependency[Database],
        *,
        first: Annotated[int, QueryParameter(ge=1, le=_SEQUENCE_MAX)] = 1,
        limit: Annotated[int, QueryParameter(ge=1, le=_VERIFIED_MAX)] = _VERIFIED_AT_ONCE,
    ) -> ChainVerdictOut:
        """Up to `limit` leaves from `first` on; a late start trusts the stored hash before it."""
        return ChainVerdictOut.of(await verify_trail(database, first=first, limit=limit))


class OwnAuditController(Controller):
    """What people of the own organisation did."""

    path = "/v1/audit"
    tags = ("governance",)

    @get(
        operation_id="listOwnAuditLeaves",
        summary="What people of the own organisation did",
        opt=access(Access.SIGNED_IN),
    )
    async def leaves(  # noqa: PLR0913 - the parameters of the query string
        self,
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        object_kind: Wanted = None,
        object_id: Wanted = None,
        actor_id: Wanted = None,
        action: Wanted = None,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageOut[AuditLeafOut]:
        """Newest first."""
        wanted = AuditFilter(object_kind, object_id, actor_id, None, action)
        context = _context("own-audit", principal, wanted)
        before = _place(cursors, cursor, context)
        async with database.read() as reading:
            found = await own_leaves(reading, principal, wanted, before=before, limit=limit + 1)
        page = cursors.page(found, limit, context, lambda leaf: [leaf.sequence])
        return PageOut.of(page, AuditLeafOut.of)


class TraceController(Controller):
    """From the source of a product to its whereabouts."""

    path = "/v1/trace"
    tags = ("governance",)

    @get(
        "/{kind:str}/{object_id:str}",
        operation_id="trace",
        summary="Where data came from, where they went, and who answered for each step",
        opt=access(Access.SIGNED_IN),
        responses=problems(400, 404),
    )
    async def trace(  # noqa: PLR0913 - dependencies and parameters
        self,
        kind: FromPath[TraceKind],
        object_id: FromPath[str],
        database: NamedDependency[Database],
        principal: NamedDependency[Principal],
        cursors: NamedDependency[CursorSeal],
        *,
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> TraceOut:
        """All for the provider and administrators; a buyer sees the own contracts. Newest first."""
        context = f"trace:{principal.user_id}:{object_id}"
        before = None if cursor is None else str(cursors.unseal(cursor, context)[0])
        async with database.read() as reading:
            if kind is TraceKind.CONTRACT:
                return TraceOut.of(await trace_contract(reading, principal, object_id))
            found = await trace_product(
                reading, principal, object_id, before=before, limit=limit + 1
            )
        page = cursors.page(found.contracts, limit, context, lambda each: [each.contract.id])
        return TraceOut.of(found, page.items, next_cursor=page.next_cursor)


class EvidenceController(Controller):
    """Proof of a contract and its deliveries."""

    path = "/v1/contracts/{contract_id:str}/evidence"
    tags = ("governance",)

    @get(
        operation_id="getEvidence",
        summary="The evidence bundle of a contract",
        opt=access(Access.SIGNED_IN),
        responses={
            200: ResponseSpec(
                data_container=bytes,
                generate_examples=False,
                description="A zip file; verify it with `python -m contracts verify`.",
                media_type=ZIP,  # type: ignore[arg-type]
            ),
            **problems(404, 409, 413),
        },
    )
    async def evidence(
        self,
        contract_id: FromPath[str],
        database: NamedDependency[Database],
        keyring: NamedDependency[Keyring],
        principal: NamedDependency[Principal],
    ) -> Response[bytes]:
        """For its parties and administrators. 409 `governance.receipts_waiting`: ask again soon."""
        bundle = await write_evidence(database, keyring, principal, contract_id)
        return Response(
            bundle,
            media_type=ZIP,
            headers={
                "Content-Disposition": f'attachment; filename="evidence-{contract_id}.zip"',
                "Cache-Control": "no-store",
            },
        )


def _context(route: str, principal: Principal, wanted: AuditFilter) -> str:
    asked = hashlib.sha256(repr(wanted).encode()).hexdigest()
    return f"{route}:{principal.user_id}:{asked}"


def _place(cursors: CursorSeal, cursor: str | None, context: str) -> int | None:
    return None if cursor is None else int(str(cursors.unseal(cursor, context)[0]))
