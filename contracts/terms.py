"""The machine-readable terms of a usage contract: what is agreed, before anybody signs.

Bilingual text, ODRL policy and run-time checks are all generated from these values, so they cannot
say different things. Dates are calendar days in the contract's IANA zone and periods are half-open;
money is integer micro-units.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.canonical import MAX_INTEGER, JsonObject
from contracts.errors import InvalidTerms, UnknownZone
from contracts.keys import Custody

MAX_IDENTIFIER_LENGTH = 64
MAX_ACCEPTANCE_DAYS = 90
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9._:-]{0,63}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
# Names whose meaning depends on the machine, or that count leap seconds.
_MACHINE_ZONE = re.compile(r"(?:localtime|posixrules|Factory)\Z|(?:posix|right)/")
_CURRENCY = re.compile(r"[A-Z]{3}")
_USCC = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}")


class Role(StrEnum):
    """In which capacity an organisation takes part in a contract."""

    PROVIDER = "provider"
    BUYER = "buyer"
    EXCHANGE = "exchange"


class Operation(StrEnum):
    """Ways of delivery: pages of rows, or whole files."""

    ROWS = "rows"
    FILE = "file"


class RevisionPolicy(StrEnum):
    """Which revisions a contract covers.

    One for ever, or each newest one published during the period.
    """

    FIXED = "fixed"
    LATEST = "latest"


class Grade(StrEnum):
    """Grade of the data (GB/T 43697-2024); core data cannot be traded, so no contract names it."""

    GENERAL = "general"
    IMPORTANT = "important"


class Language(StrEnum):
    """Languages of the contract's text."""

    ZH = "zh"
    EN = "en"


class DisputeMethod(StrEnum):
    """What follows when the parties and the exchange's mediation do not settle a dispute."""

    ARBITRATION = "arbitration"
    LITIGATION = "litigation"


class ProhibitedUse(StrEnum):
    """Uses a contract can forbid by code.

    Each has a text in both languages and an ODRL prohibition.
    """

    DISTRIBUTE = "distribute"
    SELL = "sell"
    DERIVE = "derive"
    REIDENTIFY = "reidentify"
    LINK = "link"
    TRAIN = "train"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A registered identifier.

    Scheme ``uscc`` (GB 32100) for China, else another register and its country.
    """

    scheme: str
    value: str
    country: str

    def __post_init__(self) -> None:
        _require(_CODE.fullmatch(self.scheme) is not None, "the identifier scheme is a short code")
        _require(
            re.fullmatch("[A-Z]{2}", self.country) is not None,
            "a country is two capital letters (ISO 3166-1)",
        )
        _require(
            0 < len(self.value) <= MAX_IDENTIFIER_LENGTH, "an identifier has 1 to 64 characters"
        )
        if self.scheme == "uscc":
            _require(
                _USCC.fullmatch(self.value) is not None,
                "a unified social credit code has 18 characters",
            )


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation of a contract with the key that signs for it and who holds that key."""

    role: Role
    organisation_id: str
    name: str
    identifier: Identifier
    kid: str
    custody: Custody

    def __post_init__(self) -> None:
        _require(
            all((self.organisation_id, self.name, self.kid)), "a party has an id, a name and a key"
        )


@dataclass(frozen=True, slots=True)
class Product:
    """What is delivered.

    A fixed revision is named by number and by the digest of its commitment.
    """

    product_id: str
    title_zh: str
    title_en: str
    revision_policy: RevisionPolicy
    dictionary_digest: str
    grade: Grade
    revision: int | None = None
    revision_digest: str | None = None

    def __post_init__(self) -> None:
        _require(
            all((self.product_id, self.title_zh, self.title_en)),
            "a product has an id and two titles",
        )
        _require_digest(self.dictionary_digest, "dictionary_digest")
        fixed = self.revision_policy is RevisionPolicy.FIXED
        _require(
            not fixed or self.revision is not None, "a fixed revision policy names its revision"
        )
        _require(self.revision is None or self.revision >= 1, "revisions are numbered from 1")
        if self.revision_digest is not None:
            _require_digest(self.revision_digest, "revision_digest")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the buyer may use the data for: codes for machines and one statement for people."""

    codes: tuple[str, ...]
    statement: str

    def __post_init__(self) -> None:
        _require(
            bool(self.codes) and bool(self.statement.strip()),
            "a purpose has a code and a statement",
        )
        _require(
            all(_CODE.fullmatch(code) for code in self.codes),
            "a purpose code is like market_research",
        )
        _require_distinct(self.codes, "purpose codes")


@dataclass(frozen=True, slots=True)
class Period:
    """Contract days ``starts_on <= day < ends_on`` in ``zone``."""

    starts_on: date
    ends_on: date
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        # Whether the zone exists is asked only when its instants are needed: a verifier without
        # time zone data must still be able to read a contract, whose document carries both
        # instants.
        _require(self.starts_on < self.ends_on, "the period ends after it starts")
        _require(
            _ZONE.fullmatch(self.zone) is not None and _MACHINE_ZONE.match(self.zone) is None,
            "a time zone has an IANA name like Asia/Shanghai",
        )

    @property
    def starts_at(self) -> datetime:
        """First instant of the period in UTC.

        A zone that is not installed raises ``UnknownZone``.
        """
        return _midnight(self.starts_on, self.zone)

    @property
    def ends_at(self) -> datetime:
        """First instant after the period in UTC."""
        return _midnight(self.ends_on, self.zone)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be fetched.

    Operations, columns, and hard quotas over the whole period (None: not limited).
    """

    operations: tuple[Operation, ...]
    columns: tuple[str, ...]
    max_rows: int | None = None
    max_bytes: int | None = None
    max_calls: int | None = None

    def __post_init__(self) -> None:
        _require(bool(self.operations) and bool(self.columns), "limits name operations and columns")
        _require(all(self.columns), "a column has a name")
        _require_distinct(self.operations, "operations")
        _require_distinct(self.columns, "columns")
        quotas = (self.max_rows, self.max_bytes, self.max_calls)
        _require(
            all(quota is None or 1 <= quota <= MAX_INTEGER for quota in quotas),
            "a quota is at least 1",
        )


@dataclass(frozen=True, slots=True)
class Price:
    """The price agreed.

    A snapshot of the plan as pricing wrote it, and amounts in micro-units of the currency.
    """

    currency: str
    total_micro: int
    prepaid_micro: int
    plan: JsonObject

    def __post_init__(self) -> None:
        _require(
            _CURRENCY.fullmatch(self.currency) is not None,
            "a currency is three capital letters (ISO 4217)",
        )
        _require(0 <= self.prepaid_micro <= MAX_INTEGER, "the prepaid amount is not negative")
        _require(0 <= self.total_micro <= MAX_INTEGER, "the total amount is not negative")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the provider has the data from, and on what lawful basis it supplies them."""

    statement: str
    lawful_basis: str

    def __post_init__(self) -> None:
        _require(
            bool(self.statement.strip()) and bool(self.lawful_basis.strip()),
            "a source is stated with its basis",
        )


@dataclass(frozen=True, slots=True)
class ResponsiblePerson:
    """A named person who answers for one side."""

    role: Role
    name: str
    contact: str

    def __post_init__(self) -> None:
        _require(
            bool(self.name) and bool(self.contact), "a responsible person has a name and a contact"
        )


@dataclass(frozen=True, slots=True)
class Dispute:
    """Where a dispute goes after mediation.

    A named arbitration institution or court, and the law that governs.
    """

    method: DisputeMethod
    institution: str
    governing_law: str = "CN"

    def __post_init__(self) -> None:
        _require(
            bool(self.institution) and bool(self.governing_law),
            "a dispute clause names institution and law",
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything the parties agree on, apart from who they are."""

    product: Product
    purpose: Purpose
    period: Period
    limits: Limits
    price: Price
    source: Source
    prohibited_uses: tuple[ProhibitedUse, ...]
    responsible: tuple[ResponsiblePerson, ...]
    dispute: Dispute
    prevailing_language: Language = Language.ZH
    acceptance_days: int = 7
    purchase_order: str | None = None
    supersedes: str | None = None

    def __post_init__(self) -> None:
        _require(
            1 <= self.acceptance_days <= MAX_ACCEPTANCE_DAYS,
            "the acceptance period has 1 to 90 days",
        )
        _require_distinct(self.prohibited_uses, "prohibited uses")
        _require(bool(self.responsible), "at least one responsible person is named")
        if self.supersedes is not None:
            _require_digest(self.supersedes, "supersedes")


def _midnight(day: date, zone: str) -> datetime:
    try:
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(f"the time zone {zone[:64]!r} is unknown here") from error


def _require_digest(text: str, name: str) -> None:
    _require(_DIGEST.fullmatch(text) is not None, f"{name} is sha256: and 64 hexadecimal digits")


def _require_distinct(values: tuple[str, ...], name: str) -> None:
    _require(len(set(values)) == len(values), f"the {name} are distinct")


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise InvalidTerms(rule)
