"""From measured facts to roles: first whether the rows are persons, then what each column is."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.roles import Role
from sandbox.scan.measure import Measured
from sandbox.scan.patterns import VALUE_RULES
from sandbox.scan.report import ColumnFinding, Evidence, ScanReport
from sandbox.scan.vocabulary import meaning_of

_PERSON_ATTRIBUTES = 2
_KEY_ROWS = 20
_KEY_RATIO = 0.99
_FREE_TEXT_LENGTH = 30
_FREE_TEXT_RATIO = 0.5


@dataclass(frozen=True, slots=True)
class _Sign:
    """One piece of evidence, the role it asks for and whether it shows that rows are persons."""

    evidence: Evidence
    role: Role
    points_to_person: bool = False


def judge(columns: Mapping[str, Measured], rows: int) -> ScanReport:
    """Give every column its role.

    Rows are persons if a column identifies a person directly or at least two columns describe one
    (age and sex, say). Without persons, quasi-identifiers, sensitive columns and keys are free:
    a flight's tail number or origin is nobody; their evidence stays in the report.
    """
    signs = {name: _signs(name, facts) for name, facts in columns.items()}
    holds_persons = _holds_persons(signs)
    findings = tuple(
        _finding(name, facts, signs[name], holds_persons) for name, facts in columns.items()
    )
    return ScanReport(findings, holds_persons, rows)


def _signs(name: str, facts: Measured) -> list[_Sign]:
    found: list[_Sign] = []
    meaning = meaning_of(name)
    if meaning is not None and _can_hold(facts, meaning.role):
        evidence = Evidence(f"name.{meaning.concept}", 1.0, "the column name says so")
        found.append(_Sign(evidence, meaning.role, meaning.points_to_person))
    for rule in VALUE_RULES:
        rate = facts.hit_rates.get(rule.code, 0.0)
        if rate >= rule.threshold:
            evidence = Evidence(f"value.{rule.code}", rate, "values have this form")
            found.append(_Sign(evidence, rule.role, rule.points_to_person))
        elif rate > 0:
            detail = f"some values have this form, fewer than {rule.threshold:.1%}"
            found.append(_Sign(Evidence(f"value.{rule.code}", rate, detail), Role.FREE))
    if facts.is_opaque:
        evidence = Evidence("type.opaque", 1.0, "bytes and nested values cannot be looked into")
        found.append(_Sign(evidence, Role.FREE_TEXT))
    if facts.mean_length >= _FREE_TEXT_LENGTH and facts.distinct_ratio >= _FREE_TEXT_RATIO:
        evidence = Evidence("shape.free_text", facts.distinct_ratio, "long and mostly different")
        found.append(_Sign(evidence, Role.FREE_TEXT))
    return found


def _can_hold(facts: Measured, role: Role) -> bool:
    """Say whether the type allows the meaning: no flag is an e-mail, no figure a remark."""
    if role is Role.DIRECT_IDENTIFIER:
        return facts.physical_type != "BOOLEAN"
    return facts.is_text or role is not Role.FREE_TEXT


def _holds_persons(signs: Mapping[str, list[_Sign]]) -> bool:
    pointing = [
        max((sign.role for sign in of_column if sign.points_to_person), key=_caution, default=None)
        for of_column in signs.values()
    ]
    if Role.DIRECT_IDENTIFIER in pointing:
        return True
    return pointing.count(Role.QUASI_IDENTIFIER) >= _PERSON_ATTRIBUTES


def _finding(name: str, facts: Measured, signs: list[_Sign], holds_persons: bool) -> ColumnFinding:
    if holds_persons:
        signs = signs + _signs_among_persons(facts, signs)
    role = max((sign.role for sign in signs), key=_caution, default=Role.FREE)
    if not holds_persons and role is not Role.FREE_TEXT:
        role = Role.FREE
    return ColumnFinding(
        name=name,
        physical_type=facts.physical_type,
        role=role,
        evidence=tuple(sign.evidence for sign in signs),
        distinct_count=facts.distinct,
        distinct_ratio=facts.distinct_ratio,
        null_ratio=facts.nulls / max(facts.rows, 1),
    )


def _signs_among_persons(facts: Measured, signs: list[_Sign]) -> list[_Sign]:
    """A column nobody named may still single persons out: a key does, an event's date helps to."""
    if any(sign.role is not Role.FREE for sign in signs):
        return []
    filled = facts.rows - facts.nulls
    is_countable = facts.is_integer or facts.is_text
    if is_countable and filled >= _KEY_ROWS and facts.distinct_ratio >= _KEY_RATIO:
        evidence = Evidence("shape.unique", facts.distinct_ratio, "almost every row has its own")
        return [_Sign(evidence, Role.DIRECT_IDENTIFIER)]
    if facts.is_temporal:
        evidence = Evidence("type.date_of_person", 1.0, "dates narrow persons down")
        return [_Sign(evidence, Role.QUASI_IDENTIFIER)]
    return []


def _caution(role: Role) -> int:
    return role.caution
