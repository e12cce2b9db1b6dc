"""Writing the contract document: with each offer, so that both sides read what they would sign."""

from dataclasses import dataclass

from contracts.canonical import bytes_digest, canonical_bytes
from contracts.document import build_document, document_bytes
from contracts.keys import Custody
from contracts.terms import (
    Dispute,
    DisputeMethod,
    Grade,
    Identifier,
    Party,
    Price,
    Product,
    ResponsiblePerson,
    RevisionPolicy,
    Role,
    Source,
    Terms,
)
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.service import get_operator, get_organisation
from exchange_market.agreements.contract import contract_urn
from exchange_market.agreements.errors import (
    NegotiationOver,
    PartyNotVerified,
    ProductNotOnOffer,
    TermsInvalid,
)
from exchange_market.agreements.proposal import Proposal, proposal_from_json
from exchange_market.agreements.rows import ContractRow
from exchange_market.catalog import product as catalog
from exchange_market.catalog.revision import commitment_digest
from exchange_market.catalog.service import (
    columns_of,
    find_product,
    latest_released_revision,
    released_revision,
)
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust.keyring import CONTRACTS, Keyring, SigningKey, party_key

_ARBITRATION = "China International Economic and Trade Arbitration Commission"


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """The keys of the three parties of one contract."""

    provider: SigningKey
    buyer: SigningKey
    exchange: SigningKey

    def of(self, role: Role) -> SigningKey:
        """The key of a role."""
        keys = {Role.PROVIDER: self.provider, Role.BUYER: self.buyer, Role.EXCHANGE: self.exchange}
        return keys[role]


async def party_keys(keyring: Keyring, provider_id: str, buyer_id: str) -> PartyKeys:
    """Find or make the three keys; to be called before the transaction that needs them."""
    return PartyKeys(
        provider=await keyring.signing_key(party_key(provider_id)),
        buyer=await keyring.signing_key(party_key(buyer_id)),
        exchange=await keyring.signing_key(CONTRACTS),
    )


async def product_on_offer(tx: Transaction, row: ContractRow) -> catalog.Product:
    """The product under negotiation, while both sides can still agree about it.

    Raises ProductNotOnOffer, PartyNotVerified or NegotiationOver.
    """
    product = await find_product(tx, row.product_id)
    if product is None or not product.is_published:
        raise ProductNotOnOffer(reason="withdrawn" if product is None else product.state.value)
    for side, organisation_id in (("provider", row.provider_id), ("buyer", row.buyer_id)):
        organisation = await get_organisation(tx, organisation_id)
        if organisation.state is not OrganisationState.VERIFIED:
            raise PartyNotVerified(side=side)
    if min(row.deadline_at, row.ends_at) <= tx.now():
        raise NegotiationOver
    return product


async def write_document(tx: Transaction, row: ContractRow, keys: PartyKeys) -> None:
    """Set the document of the terms in `row`, and its digest; raises what `product_on_offer`
    does."""
    product = await product_on_offer(tx, row)
    provider = await get_organisation(tx, row.provider_id)
    buyer = await get_organisation(tx, row.buyer_id)
    operator = await get_operator(tx)
    terms = await _terms(tx, row, product, provider, buyer)
    document = build_document(
        terms,
        (
            _party(Role.PROVIDER, provider, keys.provider),
            _party(Role.BUYER, buyer, keys.buyer),
            _party(Role.EXCHANGE, operator, keys.exchange),
        ),
        contract_id=contract_urn(row.id),
        version=1,
        created_at=tx.now(),
    )
    row.document = document_bytes(document)
    row.document_digest = bytes_digest(row.document)
    await tx.session.flush()


async def _terms(
    tx: Transaction,
    row: ContractRow,
    product: catalog.Product,
    provider: Organisation,
    buyer: Organisation,
) -> Terms:
    proposal = proposal_from_json(row.terms)
    return Terms(
        product=await _product(tx, product, proposal),
        purpose=proposal.purpose,
        period=proposal.period,
        limits=proposal.limits,
        price=Price(row.currency, row.max_charge_micro, row.max_charge_micro, proposal.plan),
        source=Source(product.source_statement, product.lawful_basis),
        prohibited_uses=proposal.prohibited_uses,
        responsible=(
            ResponsiblePerson(Role.PROVIDER, product.responsible_person, provider.contact_email),
            ResponsiblePerson(Role.BUYER, buyer.contact_name, buyer.contact_email),
        ),
        dispute=Dispute(DisputeMethod.ARBITRATION, _ARBITRATION),
        purchase_order=proposal.purchase_order,
    )


async def _product(tx: Transaction, product: catalog.Product, proposal: Proposal) -> Product:
    revision = await proposed_revision(tx, product.id, proposal.revision)
    columns = await columns_of(tx, revision.id)
    dictionary = [
        {"name": column.name, "type": column.type, "zh": column.meaning_zh, "en": column.meaning_en}
        for column in columns
    ]
    fixed = proposal.revision is not None
    digest = commitment_digest(revision, [column.name for column in columns])
    return Product(
        product_id=product.id,
        title_zh=product.title_zh,
        title_en=product.title_en,
        revision_policy=RevisionPolicy.FIXED if fixed else RevisionPolicy.LATEST,
        dictionary_digest=bytes_digest(canonical_bytes(dictionary)),
        grade=Grade(product.grade.value),
        revision=proposal.revision,
        revision_digest=digest if fixed else None,
    )


async def proposed_revision(
    reading: Reading, product_id: str, number: int | None
) -> catalog.Revision:
    """The released revision that terms name, or the newest for None; raises TermsInvalid."""
    if number is None:
        return await latest_released_revision(reading, product_id)
    revision = await released_revision(reading, product_id, number)
    if revision is None:
        raise TermsInvalid(field="revision", reason=f"revision {number} is not released")
    return revision


def _party(role: Role, organisation: Organisation, key: SigningKey) -> Party:
    return Party(
        role=role,
        organisation_id=organisation.id,
        name=organisation.name_zh or organisation.name_en,
        identifier=Identifier(
            organisation.identifier_scheme, organisation.identifier, organisation.country
        ),
        kid=key.kid,
        custody=Custody.EXCHANGE,
    )
