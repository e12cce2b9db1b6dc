"""The closed lists of words that describe a dataset product."""

from enum import StrEnum
from typing import Final


class Subject(StrEnum):
    """The domain of a dataset: the twenty domains of China's open public data list.

    Source: State Council, "Outline of Action for Promoting the Development of Big Data" (Guofa
    [2015] No. 50), chapter 3, part 1 (the domains whose public data are to be opened first).
    """

    CREDIT = "credit"
    TRANSPORT = "transport"
    MEDICAL = "medical"
    HEALTH = "health"
    EMPLOYMENT = "employment"
    SOCIAL_SECURITY = "social_security"
    GEOGRAPHY = "geography"
    CULTURE = "culture"
    EDUCATION = "education"
    TECHNOLOGY = "technology"
    RESOURCES = "resources"
    AGRICULTURE = "agriculture"
    ENVIRONMENT = "environment"
    WORK_SAFETY = "work_safety"
    FINANCE = "finance"
    QUALITY = "quality"
    STATISTICS = "statistics"
    METEOROLOGY = "meteorology"
    OCEANS = "oceans"
    ENTERPRISE_REGISTRATION = "enterprise_registration"

    @property
    def zh(self) -> str:
        """The Chinese name of the domain."""
        return _SUBJECT_NAMES[self][0]

    @property
    def en(self) -> str:
        """The English name of the domain."""
        return _SUBJECT_NAMES[self][1]


class Grade(StrEnum):
    """How much harm a leak would do (GB/T 43697-2024, "Rules for data classification and
    grading").
    """

    GENERAL = "general"
    IMPORTANT = "important"
    CORE = "core"


class Openness(StrEnum):
    """Who may have the data at all: everyone, those who meet conditions, or nobody outside."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    NOT_OPEN = "not_open"


class UpdateFrequency(StrEnum):
    """How often a new revision is to be expected."""

    REAL_TIME = "real_time"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    NEVER = "never"


class FileFormat(StrEnum):
    """The formats a revision may be uploaded in."""

    CSV = "csv"
    PARQUET = "parquet"
    NDJSON = "ndjson"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """The media type under which the original is stored and given back."""
        return _MEDIA_TYPES[self]


class FactKind(StrEnum):
    """What other parts of the exchange tell about a listing."""

    QUALITY = "quality"
    VALUATION = "valuation"
    SAMPLE = "sample"
    PRICE = "price"


_SUBJECT_NAMES: Final[dict[Subject, tuple[str, str]]] = {
    Subject.CREDIT: ("信用", "Credit"),
    Subject.TRANSPORT: ("交通", "Transport"),
    Subject.MEDICAL: ("医疗", "Medical care"),
    Subject.HEALTH: ("卫生", "Public health"),
    Subject.EMPLOYMENT: ("就业", "Employment"),
    Subject.SOCIAL_SECURITY: ("社保", "Social security"),
    Subject.GEOGRAPHY: ("地理", "Geography"),
    Subject.CULTURE: ("文化", "Culture"),
    Subject.EDUCATION: ("教育", "Education"),
    Subject.TECHNOLOGY: ("科技", "Science and technology"),
    Subject.RESOURCES: ("资源", "Natural resources"),
    Subject.AGRICULTURE: ("农业", "Agriculture"),
    Subject.ENVIRONMENT: ("环境", "Environment"),
    Subject.WORK_SAFETY: ("安监", "Work safety"),
    Subject.FINANCE: ("金融", "Finance"),
    Subject.QUALITY: ("质量", "Product quality"),
    Subject.STATISTICS: ("统计", "Statistics"),
    Subject.METEOROLOGY: ("气象", "Meteorology"),
    Subject.OCEANS: ("海洋", "Oceans"),
    Subject.ENTERPRISE_REGISTRATION: ("企业登记监管", "Enterprise registration"),
}

_MEDIA_TYPES: Final[dict[FileFormat, str]] = {
    FileFormat.CSV: "text/csv",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
    FileFormat.NDJSON: "application/x-ndjson",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
