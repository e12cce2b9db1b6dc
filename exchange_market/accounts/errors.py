"""Refusals of the accounts slice."""

from exchange_market.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    RateLimited,
    Unauthenticated,
    Unavailable,
)


class UsccRefused(Invalid):
    """Not a unified social credit code, or its check character is wrong."""

    code = "accounts.uscc_refused"
    en = (
        "This is not a unified social credit code: 18 characters, the last of which checks the "
        "others. Copy it from the business licence; an organisation from abroad fills in 'foreign' "
        "instead."
    )
    zh = "统一社会信用代码有误（18 位，末位为校验码）。请按营业执照核对；境外机构请改填 foreign。"


class LeiRefused(Invalid):
    """Not a Legal Entity Identifier, or its check digits are wrong."""

    code = "accounts.lei_refused"
    en = "This is not a Legal Entity Identifier (20 characters, two check digits); copy it again."
    zh = "法人机构识别编码（LEI）有误（20 位，末两位为校验码），请重新核对。"


class IdentifierMalformed(Invalid):
    """Not a register number."""

    code = "accounts.identifier_malformed"
    en = (
        "A register number has letters, digits and punctuation of ASCII, at most 40; copy it again."
    )
    zh = "登记号须由 ASCII 字母、数字和标点组成，最多 40 位，请重新核对。"


class IdentifierAmbiguous(Invalid):
    """Neither or both of the two kinds of identifier were given."""

    code = "accounts.identifier_ambiguous"
    en = "Give either 'uscc' or 'foreign': exactly one of the two."
    zh = "uscc 与 foreign 必须且只能填写其一。"


class CountryUnknown(Invalid):
    """Not an ISO country code, or the one of mainland China, which has its own identifier."""

    code = "accounts.country_unknown"
    en = "'{country}' is not the ISO 3166-1 alpha-2 code of a country; for CN give 'uscc' instead."
    zh = "“{country}”不是 ISO 3166-1 两位国家代码；境内机构请填写 uscc。"


class PurposeMissing(Invalid):
    """The organisation wants neither to provide nor to buy."""

    code = "accounts.purpose_missing"
    en = "Say what the organisation is here for: set 'may_provide' or 'may_buy' to true, or both."
    zh = "请说明参与方式：may_provide 与 may_buy 至少一项为 true。"


class PasswordRefused(Invalid):
    """The password is too short or too long."""

    code = "accounts.password_refused"
    en = "A password has 12 to 200 characters; choose another."
    zh = "密码须为 12 至 200 个字符，请重新设置。"


class EvidenceMissing(Invalid):
    """An organisation is not verified on somebody's word."""

    code = "accounts.evidence_missing"
    en = "Name at least one piece of evidence, for example the business licence that you saw."
    zh = "核验机构须至少列明一项证据，例如所查验的营业执照。"


class RolesRefused(Invalid):
    """The set of roles cannot be given in this organisation, or by this person."""

    code = "accounts.roles_refused"
    en = (
        "The role '{role}' cannot be given or taken here: administrators exist only in the "
        "operator's organisation and are appointed by an administrator."
    )
    zh = "此处不能授予或撤销“{role}”角色：管理员只存在于运营机构内，并由管理员任命。"


class InvitationRefused(Invalid):
    """The invitation token is unknown, used or too old."""

    code = "accounts.invitation_refused"
    en = (
        "This invitation is unknown, used or expired; ask an owner of the organisation for another."
    )
    zh = "邀请无效、已使用或已过期；请向机构所有者索取新的邀请。"


class CodeRefused(Invalid):
    """The one-time code is wrong."""

    code = "accounts.code_refused"
    en = "The one-time code is wrong or too old; enter the one your authenticator shows now."
    zh = "动态口令错误或已过期；请输入验证器当前显示的口令。"


class CodeUsed(CodeRefused):
    """Each one-time code is good once."""

    code = "accounts.code_used"
    en = "This one-time code was already used; wait for the next one."
    zh = "该动态口令已使用；请等待下一个口令。"


class CredentialsRefused(Unauthenticated):
    """E-mail, password or code is wrong; which one is not told."""

    code = "accounts.credentials_refused"
    en = "E-mail address, password or one-time code is wrong."
    zh = "邮箱、密码或动态口令错误。"


class CodeRequired(Unauthenticated):
    """The person has a second factor, so a password alone opens no session."""

    code = "accounts.code_required"
    en = "This account has a second factor; sign in with 'code', the one-time code shown now."
    zh = "该账户已启用第二因素；登录时请在 code 中填写当前动态口令。"


class AccessTokenRefused(Unauthenticated):
    """The access token is malformed, forged, of another audience or expired."""

    code = "accounts.access_token_refused"
    en = "The access token is not valid or has expired; refresh the session or sign in again."
    zh = "访问令牌无效或已过期；请刷新会话或重新登录。"


class SessionEnded(Unauthenticated):
    """The session was ended, or the person or organisation behind it may not act any more."""

    code = "accounts.session_ended"
    en = "This session has ended; sign in again."
    zh = "会话已结束，请重新登录。"


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is unknown or expired."""

    code = "accounts.refresh_token_refused"
    en = "The refresh token is not valid; sign in again."
    zh = "刷新令牌无效，请重新登录。"


class RefreshTokenReused(Unauthenticated):
    """A refresh token came a second time: one of its two holders stole it, so the session ends."""

    code = "accounts.refresh_token_reused"
    en = "This refresh token was used before, so the session was ended for safety; sign in again."
    zh = "该刷新令牌已被使用过，为安全起见会话已结束，请重新登录。"


class UserSuspended(Forbidden):
    """The owner of the organisation suspended this person."""

    code = "accounts.user_suspended"
    en = "Your account is suspended; ask the owner of your organisation."
    zh = "您的账户已被停用，请联系所在机构的所有者。"


class OrganisationSuspended(Forbidden):
    """An administrator suspended the organisation."""

    code = "accounts.organisation_suspended"
    en = "Your organisation is suspended on this exchange; ask the operator."
    zh = "贵机构在本交易所已被暂停，请联系运营方。"


class OwnerRequired(Forbidden):
    """Only owners manage members."""

    code = "accounts.owner_required"
    en = "Only an owner of the organisation may do this."
    zh = "仅机构所有者可执行此操作。"


class OwnOrganisation(Forbidden):
    """Administrators do not decide about the organisation they belong to."""

    code = "accounts.own_organisation"
    en = "Administrators do not decide about their own organisation."
    zh = "管理员不得对本人所属机构作出决定。"


class OrganisationNotFound(Missing):
    """No such organisation, or not for this caller to see."""

    code = "accounts.organisation_not_found"
    en = "There is no such organisation."
    zh = "没有该机构。"


class UserNotFound(Missing):
    """No such person in the caller's organisation."""

    code = "accounts.user_not_found"
    en = "There is no such person in your organisation."
    zh = "贵机构中没有该人员。"


class IdentifierTaken(Conflict):
    """The organisation is registered already."""

    code = "accounts.identifier_taken"
    en = "An organisation with this identifier is registered already; ask its owner to invite you."
    zh = "该标识对应的机构已注册；请向其所有者索取邀请。"


class EmailTaken(Conflict):
    """The address belongs to an account already."""

    code = "accounts.email_taken"
    en = "This e-mail address already has an account; use another one or sign in."
    zh = "该邮箱已有账户；请更换邮箱或直接登录。"


class DecisionImpossible(Conflict):
    """The decision does not fit the organisation's state."""

    code = "accounts.decision_impossible"
    en = "'{decision}' is not possible while the organisation is {state}."
    zh = "机构处于“{state}”状态时不能执行“{decision}”。"


class LastOwner(Conflict):
    """An organisation without an owner could never be managed again."""

    code = "accounts.last_owner"
    en = "This is the only active owner; make somebody else an owner first."
    zh = "这是唯一的在任所有者；请先任命其他所有者。"


class SecondFactorEnrolled(Conflict):
    """There is a second factor already; replacing it takes a code of the present one."""

    code = "accounts.second_factor_enrolled"
    en = "A second factor is set up already; to replace it send 'code' from the present one."
    zh = "已启用第二因素；如需更换，请在 code 中填写当前动态口令。"


class SecondFactorNotEnrolled(Conflict):
    """There is no second factor to prove or to confirm."""

    code = "accounts.second_factor_not_enrolled"
    en = "Set up a second factor first: POST /v1/me/second-factor."
    zh = "请先启用第二因素：POST /v1/me/second-factor。"


class TooManyAttempts(RateLimited):
    """Too many failures; everything is refused until the lock ends."""

    code = "accounts.too_many_attempts"
    en = "Too many failed attempts; try again in {retry_after_seconds} seconds."
    zh = "失败次数过多；请在 {retry_after_seconds} 秒后重试。"


class TooManyRegistrations(RateLimited):
    """One network address opens accounts as no office does."""

    code = "accounts.too_many_registrations"
    en = (
        "Too many accounts were asked for from your network address; try again in "
        "{retry_after_seconds} seconds."
    )
    zh = "您的网络地址申请开户过于频繁；请在 {retry_after_seconds} 秒后重试。"


class RegistrationBusy(Unavailable):
    """Too many accounts are being opened at this moment."""

    code = "accounts.registration_busy"
    en = "Too many people register at this moment; try again in {retry_after_seconds} seconds."
    zh = "当前注册人数过多；请在 {retry_after_seconds} 秒后重试。"


class SignInBusy(Unavailable):
    """Too many passwords are being checked at this moment."""

    code = "accounts.sign_in_busy"
    en = "Too many people sign in at this moment; try again in {retry_after_seconds} seconds."
    zh = "当前登录人数过多；请在 {retry_after_seconds} 秒后重试。"
