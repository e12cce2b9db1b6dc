"""Rules on values as SQL over whole columns.

`v` is the trimmed text of a distinct value and `n` the rows that hold it.
"""

from dataclasses import dataclass

from sandbox.roles import Role


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A rule: the role it gives when at least `threshold` of the values hit it.

    `points_to_person` as in the dictionary of names. `digits_only` rules also run on integers.
    `conditions` over `v` go from cheap to costly; `check`, a checksum over `v` and over `number`,
    runs only on the values that fulfil them.
    """

    code: str
    role: Role
    points_to_person: bool
    threshold: float
    conditions: tuple[str, ...]
    check: str = "true"
    number: str = "NULL"
    digits_only: bool = False

    def hits_sql(self, words: str) -> str:
        """Return the query for the rows whose value hits the rule, in a table of `v` and `n`.

        The checksum stands in a projection above the filter: in the filter itself DuckDB would
        parse the number once for each of its digits.
        """
        gate = " AND ".join(self.conditions)
        return (
            f"SELECT sum(CASE WHEN {self.check} THEN n ELSE 0 END) FROM"  # noqa: S608
            f" (SELECT v, n, {self.number} AS number FROM {words} WHERE {gate})"
        )


def _full(pattern: str, value: str = "v") -> str:
    return f"regexp_full_match({value}, '{pattern}')"


def _digit(power: int) -> str:
    """Return the SQL of a decimal digit; integer arithmetic is far cheaper than substrings."""
    return f"((number // {10**power}) % 10)"


def _resident_id_checksum() -> str:
    """GB 11643-1999, "Citizen identification number": the check character by ISO 7064 MOD 11-2."""
    total = " + ".join(f"{pow(2, power + 1, 11)} * {_digit(power)}" for power in range(17))
    return f"substr('10X98765432', (({total}) % 11 + 1)::BIGINT, 1) = upper(substr(v, 18, 1))"


def _uscc_checksum() -> str:
    """GB 32100-2015, "Unified social credit identifier for legal entities": MOD 31."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    place = f"(strpos('{alphabet}', substr(v, {{}}, 1)) - 1)"
    total = " + ".join(f"{pow(3, at - 1, 31)} * {place.format(at)}" for at in range(1, 18))
    return f"(({total}) + {place.format(18)}) % 31 = 0"


def _luhn_checksum() -> str:
    """ISO/IEC 7812-1, annex B: the Luhn formula, of numbers below 2**63."""
    plain = " + ".join(_digit(power) for power in range(0, 19, 2))
    doubled = " + ".join(
        f"(2 * {_digit(power)} - CASE WHEN {_digit(power)} > 4 THEN 9 ELSE 0 END)"
        for power in range(1, 19, 2)
    )
    return f"({plain} + {doubled}) % 10 = 0"


_DAY = "(0[1-9]|1[0-9]|2[0-9])"
_MONTH_AND_DAY = (
    f"((0[13578]|1[02])({_DAY}|30|31)|(0[469]|11)({_DAY}|30)|02{_DAY})"  # any year may be leap
)
_DATE = f"(18|19|20)[0-9]{{2}}{_MONTH_AND_DAY}"
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_PLATE_REGION = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
_DIAL = "replace(replace(v, '-', ''), ' ', '')"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋"
    "唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江"
    "尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 "
    "安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 "
    "贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
).split()
_CITIES = (
    "广州 深圳 杭州 南京 武汉 成都 西安 苏州 郑州 长沙 沈阳 "
    "青岛 宁波 东莞 无锡 佛山 合肥 大连 福州 厦门 哈尔滨 "
    "济南 温州 南宁 长春 泉州 石家庄 贵阳 南昌 金华 常州 南通 "
    "嘉兴 太原 徐州 惠州 珠海 中山 台州 烟台 兰州 绍兴 "
    "海口 扬州 汕头 昆明 呼和浩特 乌鲁木齐 银川 西宁 拉萨 洛阳 "
    "潍坊 镇江 盐城 桂林 芜湖 赣州 遵义 绵阳 包头 大同 三亚"
).split()
_PLACE_SUFFIX = "(特别行政区|自治区|自治州|地区|省|市|州|盟|县|区|旗|镇|乡|街道)"
_HAN = r"[\x{4e00}-\x{9fff}]"


def _place_conditions() -> tuple[str, ...]:
    known = ", ".join(f"'{place}'" for place in [*_PROVINCES, *_CITIES])
    return (
        "length(v) BETWEEN 2 AND 12",
        f"(v IN ({known}) OR {_full(_HAN + '{2,9}' + _PLACE_SUFFIX)})",
    )


VALUE_RULES = (
    ValueRule(
        "resident_id",
        Role.DIRECT_IDENTIFIER,
        True,
        0.01,
        (
            "length(v) = 18",
            _full("[1-9][0-9]{5}" + _DATE + "[0-9]{3}[0-9Xx]"),
        ),
        check=_resident_id_checksum(),
        number="TRY_CAST(left(v, 17) AS BIGINT)",
        digits_only=True,
    ),
    ValueRule(
        "uscc",
        Role.QUASI_IDENTIFIER,
        False,
        0.3,
        (
            "length(v) = 18",
            _full("[159AJNY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"),
        ),
        check=_uscc_checksum(),
    ),
    ValueRule(
        "mobile_number",
        Role.DIRECT_IDENTIFIER,
        True,
        0.3,
        ("length(v) BETWEEN 11 AND 18", _full(r"(\+86|0086|86)?1[3-9][0-9]{9}", _DIAL)),
        digits_only=True,
    ),
    ValueRule(
        "landline_number",
        Role.DIRECT_IDENTIFIER,
        False,
        0.3,
        (
            "length(v) BETWEEN 10 AND 18",
            _full(r"(\(?0(10|2[0-9]|[3-9][0-9]{2})\)?-?)[2-8][0-9]{6,7}(-[0-9]{1,5})?"),
        ),
    ),
    ValueRule(
        "bank_card",
        Role.DIRECT_IDENTIFIER,
        True,
        0.6,
        ("length(v) BETWEEN 15 AND 19", _full("[3-6][0-9]{14,18}")),
        check=_luhn_checksum(),
        number="TRY_CAST(v AS BIGINT)",
        digits_only=True,
    ),
    ValueRule(
        "vehicle_plate",
        Role.DIRECT_IDENTIFIER,
        True,
        0.3,
        (
            "length(v) BETWEEN 7 AND 9",
            _full(_PLATE_REGION + "[A-Z]·?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳领]"),
        ),
    ),
    ValueRule(
        "passport_number",
        Role.DIRECT_IDENTIFIER,
        True,
        0.9,
        ("length(v) = 9", _full("([EGDSPHM][0-9]{8}|E[A-HJ-NP-Z][0-9]{7})")),
    ),
    ValueRule(
        "email",
        Role.DIRECT_IDENTIFIER,
        True,
        0.05,
        (
            "contains(v, '@')",
            _full(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}"),
        ),
    ),
    ValueRule(
        "ip_address",
        Role.DIRECT_IDENTIFIER,
        True,
        0.5,
        (
            "length(v) BETWEEN 3 AND 45",
            "(contains(v, '.') OR contains(v, ':'))",
            f"({_full(f'({_OCTET}[.]){{3}}{_OCTET}')} OR "
            f"{_full('([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}')} OR "
            f"(contains(v, '::') AND {_full('[0-9A-Fa-f:]{3,39}')}))",
        ),
    ),
    ValueRule(
        "mac_address",
        Role.DIRECT_IDENTIFIER,
        True,
        0.5,
        ("length(v) = 17", _full("([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")),
    ),
    ValueRule(
        "coordinates",
        Role.QUASI_IDENTIFIER,
        False,
        0.5,
        (
            "contains(v, ',')",
            "length(v) < 60",
            _full(r"[\(\[]?-?[0-9]{1,3}[.][0-9]{2,}, ?-?[0-9]{1,3}[.][0-9]{2,}[\)\]]?"),
        ),
    ),
    ValueRule(
        "street_address",
        Role.DIRECT_IDENTIFIER,
        False,
        0.3,
        (
            "length(v) BETWEEN 8 AND 120",
            f"regexp_matches(v, '{_HAN}(省|市|区|县|镇|乡).*(路|街|道|巷|弄|村|号|栋|幢|室)')",
        ),
    ),
    ValueRule("place_name", Role.QUASI_IDENTIFIER, False, 0.5, _place_conditions()),
    ValueRule(
        "person_name",
        Role.DIRECT_IDENTIFIER,
        False,
        0.9,
        ("length(v) BETWEEN 2 AND 4", _full(f"([{_SURNAMES}]|欧阳|司马|上官|诸葛){_HAN}{{1,2}}")),
    ),
    ValueRule(
        "contact_in_text",
        Role.FREE_TEXT,
        False,
        0.001,
        (
            "length(v) > 18",
            "regexp_matches(v, '(^|[^0-9.])1[3-9][0-9]{9}($|[^0-9])"
            r"|[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+\.[A-Za-z]{2,}')",
        ),
    ),
)
