"""Three signatures over the bytes of one document.

The provider signs first (agreed), then the buyer (verified), and in the same moment the exchange
countersigns (active). Keys are held by the exchange for the parties, and the document says so; each
use needs a signatory's fresh one-time code.
"""

from contracts.document import parse_document
from contracts.lifecycle import Event, Side
from contracts.signatures import sign_document
from contracts.terms import Role
from exchange_market.accounts.second_factor import SecondFactor
from exchange_market.agreements import allowances
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.drafting import PartyKeys, product_on_offer
from exchange_market.agreements.errors import DocumentDiffers, SignatoryRequired
from exchange_market.agreements.moves import locked_contract, move, require_move, side_of
from exchange_market.agreements.rows import ContractRow
from exchange_market.agreements.store import row_to_contract
from exchange_market.kernel.principal import Principal, Service
from exchange_market.persistence.transaction import Transaction

_COUNTERSIGNER = Service("countersigner")


async def sign_contract(  # noqa: PLR0913, PLR0917 - a signature, told completely
    tx: Transaction,
    principal: Principal,
    contract_id: str,
    document_digest: str,
    code: str,
    keys: PartyKeys,
    second_factor: SecondFactor,
) -> Contract:
    """Sign for the principal's organisation; after the buyer the exchange countersigns.

    Raises SignatoryRequired, DocumentDiffers (the signer saw other bytes), MoveNotAllowed (not this
    side's turn), AllowanceUsed, what `product_on_offer` raises, or the second factor's refusals.
    """
    row = await locked_contract(tx, principal, contract_id)
    side = side_of(row, principal)
    if not principal.is_signatory:
        raise SignatoryRequired
    if row.document is None or row.document_digest != document_digest:
        raise DocumentDiffers(field="document_digest", document_digest=row.document_digest or "-")
    require_move(row, Event.AGREE if side is Side.PROVIDER else Event.VERIFY, side)
    await product_on_offer(tx, row)
    await allowances.require_unused(tx, row)
    await second_factor.verify_code(tx, principal, code)
    if side is Side.PROVIDER:
        await move(tx, principal, row, Event.AGREE, side, document_digest=document_digest)
        _add_signature(tx, row, row.document, Role.PROVIDER, keys)
    else:
        await move(tx, principal, row, Event.VERIFY, side, document_digest=document_digest)
        _add_signature(tx, row, row.document, Role.BUYER, keys)
        await allowances.grant(tx, row)
        await move(tx, _COUNTERSIGNER, row, Event.ACTIVATE, Side.EXCHANGE)
        _add_signature(tx, row, row.document, Role.EXCHANGE, keys)
    await tx.session.flush()
    return row_to_contract(row)


def _add_signature(
    tx: Transaction, row: ContractRow, document: bytes, role: Role, keys: PartyKeys
) -> None:
    row.signatures = sign_document(
        row.signatures,
        document,
        keys.of(role).private_key,
        party=parse_document(document).party(role),
        signed_at=tx.now(),
    )
