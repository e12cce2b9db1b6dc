"""Refusals around contracts and API keys."""

from exchange_market.kernel.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated


class ContractNotFound(Missing):
    """No such contract, or the asker is not a party to it."""

    code = "agreements.contract_not_found"
    en = "There is no contract {contract_id} of your organisation."
    zh = "贵机构没有编号为 {contract_id} 的合同。"


class MoveNotAllowed(Conflict):
    """It is not this side's turn, or the state does not allow it."""

    code = "agreements.move_not_allowed"
    en = "The {side} cannot '{event}' while the contract is {state}; possible now: {possible}."
    zh = "合同处于“{state}”状态时，{side} 不能执行“{event}”；目前可执行：{possible}。"


class OwnProduct(Conflict):
    """An organisation cannot buy from itself."""

    code = "agreements.own_product"
    en = "Your organisation provides this product; it cannot buy it from itself."
    zh = "该产品由贵机构提供，不能向自己购买。"


class OwnContract(Forbidden):
    """An administrator of a party may not decide for the exchange."""

    code = "agreements.own_contract"
    en = "Your organisation is a party to this contract; another organisation has to decide."
    zh = "贵机构是该合同的当事方；须由其他机构作出决定。"


class PartyNotVerified(Conflict):
    """One of the two organisations is not verified, or was suspended."""

    code = "agreements.party_not_verified"
    en = "The {side} is not a verified organisation now, so nothing can be agreed."
    zh = "{side} 目前不是已核验机构，无法达成协议。"


class NegotiationOver(Conflict):
    """The deadline of the negotiation or the proposed period has passed."""

    code = "agreements.negotiation_over"
    en = "The negotiation's deadline or the proposed period has passed; start a new negotiation."
    zh = "协商期限或拟定的合同期间已过；请重新发起协商。"


class TooManyOffers(Conflict):
    """The two sides do not come to terms."""

    code = "agreements.too_many_offers"
    en = "{count} offers were made already; accept, withdraw, or start a new negotiation."
    zh = "已提出 {count} 次报价；请接受、退出或重新协商。"


class ProductNotOnOffer(Conflict):
    """The product is not published, has no ready revision or no certified price."""

    code = "agreements.product_not_on_offer"
    en = "The product is not on offer: {reason}."
    zh = "该产品目前不可订购：{reason}。"


class TermsInvalid(Invalid):
    """The proposed terms contradict themselves or the product."""

    code = "agreements.terms_invalid"
    en = "The proposed terms do not hold: {reason}."
    zh = "所提条款不成立：{reason}。"


class UnboundedCharge(Invalid):
    """A usage price without a quota would have no upper limit."""

    code = "agreements.charge_unbounded"
    en = "The price depends on {meter}, so the terms need a quota of {meter} (or a maximum price)."
    zh = "价格按 {meter} 计量，条款须规定 {meter} 配额（或封顶价格）。"


class PlanNotCertified(Invalid):
    """A privately offered price plan can be gamed."""

    code = "agreements.plan_not_certified"
    en = "The offered price plan was refused: {reason}"
    zh = "所报价格方案未通过认证：{reason}"


class AllowanceUsed(Conflict):
    """The legal entity has had the free allowance of this product under another contract."""

    code = "agreements.allowance_used"
    en = (
        "Your legal entity had the free allowance of this product under contract {contract_id}; "
        "negotiate anew: new offers leave it out."
    )
    zh = "贵法人主体已在合同 {contract_id} 下享用该产品的免费额度；请重新协商，新报价不含免费额度。"


class OfferOutdated(Conflict):
    """Another offer was made meanwhile."""

    code = "agreements.offer_outdated"
    en = "Offer {number} is not the latest one ({latest}); look at the latest before you accept."
    zh = "第 {number} 号报价不是最新报价（{latest}）；请查看最新报价后再接受。"


class DocumentDiffers(Conflict):
    """The signer saw another document."""

    code = "agreements.document_differs"
    en = "The document to be signed is {document_digest}; fetch and read it before you sign."
    zh = "待签文件为 {document_digest}；签署前请获取并阅读。"


class SignatoryRequired(Forbidden):
    """Only a signatory with a second factor signs."""

    code = "agreements.signatory_required"
    en = "Only a signatory in a session with a one-time code may sign for the organisation."
    zh = "只有使用动态口令登录的授权签字人可以代表机构签署。"


class ContractNotDeliverable(Conflict):
    """Keys need an active and paid contract."""

    code = "agreements.contract_not_deliverable"
    en = "A key needs an active and paid contract; this one is {state}, paid: {is_paid}."
    zh = "发放密钥要求合同生效且已付款；当前状态 {state}，已付款：{is_paid}。"


class TooManyKeys(Conflict):
    """Two active keys are enough for a rotation."""

    code = "agreements.too_many_keys"
    en = "The contract has {count} active keys already; revoke one first."
    zh = "该合同已有 {count} 个有效密钥；请先吊销一个。"


class KeyNotFound(Missing):
    """No such key, or not the asker's."""

    code = "agreements.key_not_found"
    en = "There is no such key of your organisation."
    zh = "贵机构没有该密钥。"


class KeyRefused(Unauthenticated):
    """The API key is malformed, unknown, revoked or expired."""

    code = "agreements.key_refused"
    en = "The API key is not valid: {reason}."
    zh = "API 密钥无效：{reason}。"


class ExportNotAssessed(Forbidden):
    """Important or personal data would leave the country without a recorded export assessment."""

    code = "agreements.export_not_assessed"
    en = (
        "A buyer registered in {country} cannot contract important or personal data: no export "
        "assessment is on record."
    )
    zh = "注册地为 {country} 的购买方不能就重要数据或个人信息签约：没有数据出境安全评估记录。"
