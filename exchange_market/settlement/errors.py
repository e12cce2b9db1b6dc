"""What can be wrong with money."""

from exchange_market.kernel.errors import Conflict, Forbidden, Invalid, Missing, PaymentRequired


class PostingUnbalanced(Invalid):
    """Entries do not add up to zero, or one of them is zero."""

    code = "settlement.posting_unbalanced"
    en = "The entries of a '{kind}' posting do not add up to zero per currency."
    zh = "“{kind}”记账分录按币种借贷不平。"


class CurrencyUnknown(Invalid):
    """The currency is not an active ISO 4217 code."""

    code = "settlement.currency_unknown"
    en = "'{currency}' is not an active ISO 4217 currency code, such as CNY."
    zh = "“{currency}”不是有效的 ISO 4217 货币代码（如 CNY）。"


class BalanceTooLow(PaymentRequired):
    """An account would fall below zero."""

    code = "settlement.balance_too_low"
    en = (
        "The balance of {balance_micro} micro-{currency} does not cover {wanted_micro}; top "
        "it up first."
    )
    zh = "余额 {balance_micro}（百万分之一{currency}）不足以支付 {wanted_micro}；请先充值。"


class TopUpNotFound(Missing):
    """No such top-up, or not the asker's."""

    code = "settlement.top_up_not_found"
    en = "There is no top-up {top_up_id}."
    zh = "没有充值记录 {top_up_id}。"


class TopUpDecided(Conflict):
    """The top-up was confirmed or refused already."""

    code = "settlement.top_up_decided"
    en = "This top-up is already {state}."
    zh = "该充值记录已是“{state}”状态。"


class BankReferenceUsed(Conflict):
    """The same bank transfer was recorded before."""

    code = "settlement.bank_reference_used"
    en = (
        "The bank transfer {bank_reference} is recorded already; a transfer can be credited "
        "only once."
    )
    zh = "银行流水 {bank_reference} 已登记；同一笔转账只能入账一次。"


class SecondPersonRequired(Forbidden):
    """The same person may not do both halves of a four-eyes action."""

    code = "settlement.second_person_required"
    en = "Whoever did the first half may not do the second: another administrator has to."
    zh = "经办人不得复核：须由另一名管理员操作。"


class AffectedPartyExcluded(Forbidden):
    """An administrator of an affected organisation may not decide about its money."""

    code = "settlement.affected_party_excluded"
    en = (
        "Your organisation is affected by this; an administrator of another organisation has "
        "to do it."
    )
    zh = "贵机构与此事项有利害关系；须由其他机构的管理员操作。"


class ContractNotPayable(Conflict):
    """The contract is not signed, or is paid already, or has ended."""

    code = "settlement.contract_not_payable"
    en = "The contract cannot be paid now: it is {state}."
    zh = "合同目前不可付款：状态为“{state}”。"


class NothingToInvoice(Conflict):
    """No usage since the last invoice."""

    code = "settlement.nothing_to_invoice"
    en = "There is no delivered usage since the last invoice of this contract."
    zh = "自上一张账单以来，该合同没有新的交付用量。"


class InvoiceNotFound(Missing):
    """No such invoice, or not the asker's."""

    code = "settlement.invoice_not_found"
    en = "There is no invoice {invoice_id}."
    zh = "没有账单 {invoice_id}。"


class InvoiceSettled(Conflict):
    """The invoice was settled already."""

    code = "settlement.invoice_settled"
    en = "This invoice is settled already."
    zh = "该账单已结算。"


class NotABuyer(Conflict):
    """Prepaid balances are for buyers."""

    code = "settlement.not_a_buyer"
    en = "The organisation does not buy here, so it has no prepaid balance."
    zh = "该机构不是购买方，没有预付余额。"


class RefusalReasonRequired(Invalid):
    """A refusal tells why."""

    code = "settlement.refusal_reason_required"
    en = "Say why the transfer is refused."
    zh = "请说明拒绝该笔转账的原因。"
