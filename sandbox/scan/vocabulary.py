"""What column names mean, in Chinese and English: the dictionary of the scan.

Direct and quasi-identifiers follow the vocabulary of GB/T 37964-2019 and GB/T 42460-2023.
"""

import re
import unicodedata
from dataclasses import dataclass

from sandbox.roles import Role


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for.

    `points_to_person` says that the meaning alone tells that rows are about persons; a direct
    identifier without it (an address, a name of something) counts only beside other evidence.
    """

    concept: str
    role: Role
    points_to_person: bool
    english: tuple[str, ...]
    chinese: tuple[str, ...]


def _meaning(
    concept: str, role: Role, english: str, chinese: str, *, points_to_person: bool
) -> Meaning:
    """Read the terms, which are separated by bars."""
    terms = (tuple(one for one in listed.split("|") if one) for listed in (english, chinese))
    return Meaning(concept, role, points_to_person, *terms)


_DIRECT, _QUASI, _SENSITIVE = Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER, Role.SENSITIVE

# The first match wins, so special meanings stand before general ones.
MEANINGS = (
    _meaning(
        "organisation",
        _QUASI,
        "uscc|social credit code|company|company name|employer|organisation|organization|"
        "org name|firm",
        "统一社会信用代码|信用代码|企业名称|公司|单位名称|机构名称|工作单位|企业",
        points_to_person=False,
    ),
    _meaning(
        "national_id",
        _DIRECT,
        "id card|id number|id no|identity number|national id|citizen id|ssn|"
        "social security number|resident id|passport|passport no|sfzh|driver licence|"
        "driver license",
        "身份证|证件号|证件编号|公民身份|护照|驾驶证|军官证|社保号|社保卡号|医保号|医保卡号|"
        "社会保障号",
        points_to_person=True,
    ),
    _meaning(
        "person_name",
        _DIRECT,
        "full name|first name|last name|surname|given name|family name|person name|user name|"
        "username|customer name|patient name|real name|contact name|legal representative|"
        "nickname|xingming",
        "姓名|名字|法定代表人|法人代表|联系人|户主|昵称|曾用名|持卡人|经办人",
        points_to_person=True,
    ),
    _meaning(
        "phone",
        _DIRECT,
        "mobile|mobile phone|mobile no|cell phone|cellphone|phone number|msisdn|imei|imsi|shouji",
        "手机|移动电话|联系方式",
        points_to_person=True,
    ),
    _meaning(
        "telephone",
        _DIRECT,
        "phone|telephone|tel|fax",
        "电话|传真",
        points_to_person=False,
    ),
    _meaning(
        "online_account",
        _DIRECT,
        "email|e mail|mail address|wechat|weixin|qq|openid|unionid|ip|ip address|ipaddr|"
        "mac address|device id|cookie id",
        "邮箱|电子邮件|微信|qq号|ip地址|mac地址|设备号",
        points_to_person=True,
    ),
    _meaning(
        "bank_account",
        _DIRECT,
        "bank card|card number|card no|bank account|account number|account no|iban",
        "银行卡|卡号|银行账号|银行账户|账号",
        points_to_person=True,
    ),
    _meaning(
        "person_number",
        _DIRECT,
        "user id|customer id|client id|patient id|member id|person id|student id|employee id|"
        "subscriber id|household id|medical record number",
        "用户id|用户编号|客户号|客户编号|患者id|患者编号|病历号|住院号|门诊号|学号|工号|"
        "会员号|会员编号|户号",
        points_to_person=True,
    ),
    _meaning(
        "vehicle_plate",
        _DIRECT,
        "license plate|licence plate|plate number|plate no|vin",
        "车牌|号牌|车架号",
        points_to_person=True,
    ),
    _meaning(
        "address",
        _DIRECT,
        "address|home address|street address|street|addr",
        "住址|地址|门牌|居住地",
        points_to_person=False,
    ),
    _meaning(
        "unspecific_name",
        _DIRECT,
        "name",
        "",
        points_to_person=False,
    ),
    _meaning(
        "birth",
        _QUASI,
        "birth|birthday|birthdate|date of birth|dob|birth date|birth year|year of birth|yob",
        "出生|生日",
        points_to_person=True,
    ),
    _meaning(
        "age",
        _QUASI,
        "age|age group|age band",
        "年龄|周岁",
        points_to_person=True,
    ),
    _meaning(
        "sex",
        _QUASI,
        "sex|gender",
        "性别",
        points_to_person=True,
    ),
    _meaning(
        "marital_status",
        _QUASI,
        "marital|marital status|married|marriage|spouse",
        "婚姻|婚否|配偶",
        points_to_person=True,
    ),
    _meaning(
        "ethnicity",
        _QUASI,
        "ethnicity|ethnic|race|ethnic group",
        "民族|种族|族别",
        points_to_person=True,
    ),
    _meaning(
        "nationality",
        _QUASI,
        "nationality|citizenship|native country|birthplace|place of birth|hukou",
        "国籍|籍贯|户籍|户口|出生地",
        points_to_person=True,
    ),
    _meaning(
        "education",
        _QUASI,
        "education|education level|educ|schooling|degree|school|diploma",
        "学历|文化程度|教育程度|学位|毕业院校",
        points_to_person=True,
    ),
    _meaning(
        "occupation",
        _QUASI,
        "occupation|profession|job|job title|workclass|employment|employment status|employed|"
        "self employed|selfemp|self emp|position held",
        "职业|职务|职称|岗位|工种|就业状态",
        points_to_person=True,
    ),
    _meaning(
        "household",
        _QUASI,
        "family|family size|household size|children|number of children|kids|relationship",
        "家庭人口|子女|家庭成员|与户主关系",
        points_to_person=True,
    ),
    _meaning(
        "body",
        _QUASI,
        "height|height cm|body weight|weight kg",
        "身高|体重",
        points_to_person=True,
    ),
    _meaning(
        "place",
        _QUASI,
        "region|province|city|county|district|town|village|state|country|zip|zip code|"
        "zipcode|postcode|postal code|latitude|longitude|lat|lon|lng|location",
        "省份|省|城市|地市|区县|区划|地区|乡镇|街道|社区|邮编|邮政编码|经度|纬度|坐标|位置",
        points_to_person=False,
    ),
    _meaning(
        "income",
        _SENSITIVE,
        "income|salary|wage|wages|earnings|pay|bonus|pension|net worth",
        "收入|工资|薪|奖金|养老金|补贴金额",
        points_to_person=False,
    ),
    _meaning(
        "finance",
        _SENSITIVE,
        "debt|loan|loan amount|credit score|balance|account balance|deposit|mortgage|default|"
        "bankruptcy",
        "贷款|负债|存款|余额|征信|信用评分|欠款|房产|资产",
        points_to_person=False,
    ),
    _meaning(
        "health",
        _SENSITIVE,
        "health|health status|disease|diagnosis|icd|icd10|symptom|treatment|medication|drug|"
        "disability|hiv|blood type|pregnancy|allergy|smoker",
        "健康|疾病|病史|病种|诊断|症状|治疗|用药|残疾|血型|过敏|怀孕|生育|手术",
        points_to_person=False,
    ),
    _meaning(
        "insurance",
        _SENSITIVE,
        "insurance|insured|insurance claim",
        "保险|医保|社保|参保|理赔",
        points_to_person=False,
    ),
    _meaning(
        "belief_and_record",
        _SENSITIVE,
        "religion|political|political status|party member|union member|crime|criminal record|"
        "conviction|sexual orientation",
        "宗教|信仰|政治面貌|党派|犯罪|违法|前科|处罚",
        points_to_person=False,
    ),
    _meaning(
        "remarks",
        Role.FREE_TEXT,
        "comment|comments|remark|remarks|note|notes|description|free text|review|message|"
        "feedback|memo",
        "备注|描述|说明|意见|评论|留言|内容|正文|主诉",
        points_to_person=False,
    ),
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAK = re.compile(r"[\W_]+")


def meaning_of(name: str) -> Meaning | None:
    """Return what a column name means, None if the dictionary does not know it."""
    folded = unicodedata.normalize("NFKC", name)
    words = [word for word in _BREAK.split(_CAMEL.sub(" ", folded).lower()) if word]
    spaced, joined = f" {' '.join(words)} ", "".join(words)
    for meaning in MEANINGS:
        if any(term in joined for term in meaning.chinese):
            return meaning
        if any(_names(term, spaced, joined) for term in meaning.english):
            return meaning
    return None


def _names(term: str, spaced: str, joined: str) -> bool:
    """Say whether the term is the whole name or, as whole words, a part of it."""
    if term == "name":
        # "product_name" is not a person; "name" alone may be one.
        return joined == "name"
    return joined == term.replace(" ", "") or f" {term} " in spaced
