"""SQL over an approved sample through HTTP: exact answers, refusals, history and rate."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from exchange_market.trials.asking import QUERIES_MAX
from exchange_market.trust.audit import AuditFilter
from tests.support.catalogue import ADMINISTRATOR, OPERATOR_ORG, PEOPLE, PROVIDER, STRANGER, person
from tests.support.sandbox_statements import HOSTILE
from tests.support.trial_tables import write_health_insurance, write_weather
from tests.support.trials import Trials

pytestmark = pytest.mark.anyio


def files_of(trials: Trials) -> dict[str, int]:
    folder = trials.settings.data_dir / "objects"
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


async def test_answers_are_those_of_the_whole_table_when_the_sample_holds_it(
    local_trials: Trials, tmp_path: Path
) -> None:
    source = write_weather(tmp_path / "weather.parquet")
    product_id = await local_trials.published(source)
    table = pq.read_table(source)

    status, answer = await local_trials.ask(
        STRANGER,
        product_id,
        'SELECT station, count(*) AS n, sum(temperature) AS t, max("rain mm") AS r FROM sample'
        " GROUP BY station ORDER BY station",
    )

    grouped = table.group_by("station").aggregate(
        [("temperature", "count"), ("temperature", "sum"), ("rain mm", "max")]
    )
    assert status == 200
    # DuckDB's sums of integers are 128 bits wide, hence numbers within 2^53 stay numbers.
    assert [[*row[:2], int(row[2]), row[3]] for row in answer["rows"]] == sorted(
        [list(row) for row in zip(*(c.to_pylist() for c in grouped.columns), strict=True)]
    )
    assert [column["name"] for column in answer["columns"]] == ["station", "n", "t", "r"]
    assert answer["sample"] == {"revision": 1, "rows": 600, "k": None, "l": None}
    assert answer["truncated"] is False
    assert answer["elapsed_ms"] > 0


async def test_answers_on_persons_are_those_of_the_anonymised_rows(
    local_trials: Trials, tmp_path: Path
) -> None:
    product_id = await local_trials.published(
        write_health_insurance(tmp_path / "health.parquet"),
        holds_persons=True,
        impact_assessment="Assessed.",
    )
    [path] = (local_trials.settings.data_dir / "objects" / "samples").rglob("*.parquet")
    released = pq.read_table(path)

    _, answer = await local_trials.ask(
        STRANGER, product_id, "SELECT count(*), min(age_min), max(age_max), avg(age) FROM sample"
    )
    ages = released["age"].to_pylist()

    [[rows, least, greatest, mean]] = answer["rows"]
    assert rows == len(released) == answer["sample"]["rows"]
    assert least == min(released["age_min"].to_pylist())
    assert greatest == max(released["age_max"].to_pylist())
    assert mean == pytest.approx(sum(ages) / len(ages))
    assert answer["sample"]["k"] >= 5


async def test_hostile_statements_are_refused_in_the_words_of_the_gate(
    local_trials: Trials, tmp_path: Path
) -> None:
    product_id = await local_trials.published(write_weather(tmp_path / "weather.parquet"))
    before = files_of(local_trials)
    hostile = dict(list(HOSTILE.items())[:: len(HOSTILE) // 25])

    for sql, reason in hostile.items():
        status, problem = await local_trials.ask(STRANGER, product_id, sql)
        assert (status, problem["code"]) == (400, "trials.statement_refused"), sql
        assert problem["params"]["reason"] == reason, sql
        assert problem["detail"] == problem["params"]["en"]
        assert problem["errors"][0]["field"] == "sql"

    chinese = await local_trials.send(
        STRANGER,
        "POST",
        f"/products/{product_id}/sandbox/queries",
        json={"sql": "DROP TABLE sample"},
        headers={"Accept-Language": "zh"},
    )
    assert chinese.json()["detail"] == chinese.json()["params"]["zh"]
    assert "只读" in chinese.json()["detail"]
    assert files_of(local_trials) == before
    status, answer = await local_trials.ask(STRANGER, product_id, "SELECT count(*) FROM sample")
    assert (status, answer["rows"]) == (200, [[600]])


async def test_every_example_runs_as_it_is(local_trials: Trials, tmp_path: Path) -> None:
    product_id = await local_trials.published(write_weather(tmp_path / "weather.parquet"))

    status, sandbox = await local_trials.call(None, "GET", f"/products/{product_id}/sandbox")

    assert status == 200
    [table] = sandbox["tables"]
    assert (table["name"], table["rows"], len(table["columns"])) == ("sample", 600, 6)
    assert {column["type"] for column in table["columns"]} == {
        *("VARCHAR", "INTEGER", "DOUBLE", "SMALLINT", "BOOLEAN", "TIMESTAMP")
    }
    assert table["columns"][0]["meaning_zh"] == "含义"
    assert len(sandbox["examples"]) == 5
    answers = [await local_trials.ask(STRANGER, product_id, e["sql"]) for e in sandbox["examples"]]
    assert [status for status, _ in answers] == [200] * 5
    assert answers[0][1]["rows"] == [[600]]
    assert answers[1][1]["rows"][0][1] == 100


async def test_an_organisation_sees_its_own_queries_only(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))
    secret = "SELECT count(*) FROM sample WHERE station = '站1'"
    await trials.ask(STRANGER, product_id, secret)
    await trials.ask(STRANGER, product_id, "SELECT nothing FROM sample")
    await trials.ask(PROVIDER, product_id, "SELECT 1 FROM sample", max_rows=3)
    path = f"/products/{product_id}/sandbox/queries"

    _, own = await trials.call(STRANGER, "GET", path)
    _, first = await trials.call(STRANGER, "GET", f"{path}?limit=1")
    _, second = await trials.call(STRANGER, "GET", f"{path}?cursor={first['next_cursor']}")
    _, provider = await trials.call(PROVIDER, "GET", path)
    _, administrator = await trials.call(ADMINISTRATOR, "GET", path)

    assert [(q["sql"], q["outcome"], q["rows"]) for q in own["items"]] == [
        ("SELECT nothing FROM sample", "unknown_column", None),
        (secret, "answered", 1),
    ]
    assert first["items"] + second["items"] == own["items"]
    assert [q["rows"] for q in provider["items"]] == [3]
    assert administrator["items"] == []
    leaves = await trials.leaves(AuditFilter(action="trials.sample_queried"))
    assert [leaf.details["outcome"] for leaf in leaves] == [
        "answered",
        "unknown_column",
        "answered",
    ]
    assert len({leaf.details["statement_digest"] for leaf in leaves}) == 3
    assert "站1" not in str([leaf.details for leaf in leaves])


async def test_an_organisation_that_asks_too_often_waits(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))
    for _ in range(QUERIES_MAX):
        assert (await trials.ask(STRANGER, product_id, "SELECT 1"))[0] == 200

    answer = await trials.send(
        STRANGER,
        "POST",
        f"/products/{product_id}/sandbox/queries",
        json={"sql": "SELECT 1"},
    )
    other, _ = await trials.ask(PROVIDER, product_id, "SELECT 1")
    trials.clock.forward(seconds=61)
    later, _ = await trials.ask(STRANGER, product_id, "SELECT 1")

    assert (answer.status_code, answer.json()["code"]) == (429, "trials.too_many_queries")
    assert answer.headers["Retry-After"] == "60"
    assert (other, later) == (200, 200)


async def test_a_query_that_takes_too_long_is_the_askers_to_mend(
    local_trials: Trials, tmp_path: Path
) -> None:
    product_id = await local_trials.published(
        write_weather(tmp_path / "weather.parquet", rows=5_000)
    )

    status, problem = await local_trials.ask(
        STRANGER,
        product_id,
        "SELECT sum(sqrt(a.temperature + b.month + c.month)) FROM sample a, sample b, sample c",
    )

    assert (status, problem["code"]) == (400, "trials.query_too_expensive")
    assert problem["params"]["reason"] == "query_timeout"
    assert (await local_trials.ask(STRANGER, product_id, "SELECT 1"))[0] == 200


async def test_a_faulty_query_says_what_is_wrong(local_trials: Trials, tmp_path: Path) -> None:
    product_id = await local_trials.published(write_weather(tmp_path / "weather.parquet"))

    status, problem = await local_trials.ask(
        STRANGER, product_id, "SELECT cast(station AS INTEGER) FROM sample"
    )

    assert (status, problem["code"]) == (400, "trials.query_failed")
    assert (await local_trials.ask(STRANGER, product_id, "SELECT 1", max_rows=0))[0] == 400
    assert (await local_trials.ask(STRANGER, product_id, "SELECT 1", max_rows=1_001))[0] == 400
    assert (await local_trials.ask(None, product_id, "SELECT 1"))[0] == 401


async def test_only_verified_buyers_insiders_and_administrators_may_ask(
    local_trials: Trials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product_id = await local_trials.published(write_weather(tmp_path / "weather.parquet"))
    outsider = person("outsider", OPERATOR_ORG)
    unverified = replace(outsider, user_id="usr_unverified", is_verified=False)
    seller = replace(outsider, user_id="usr_seller", may_buy=False)
    for who in (unverified, seller):
        monkeypatch.setitem(PEOPLE, who.user_id, who)

    codes = [(await local_trials.ask(who, product_id, "SELECT 1")) for who in (unverified, seller)]

    assert [(status, body["code"]) for status, body in codes] == [
        (403, "access.organisation_not_verified"),
        (403, "access.wrong_role"),
    ]
    assert (await local_trials.ask(ADMINISTRATOR, product_id, "SELECT 1"))[0] == 200


async def test_a_sandbox_that_is_down_says_when_to_try_again(
    trials_without_broker: Trials, tmp_path: Path
) -> None:
    trials = trials_without_broker
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))

    answer = await trials.send(
        STRANGER, "POST", f"/products/{product_id}/sandbox/queries", json={"sql": "SELECT 1"}
    )

    assert answer.status_code == 503
    assert answer.json()["code"] == "trials.sandbox_unavailable"
    assert answer.headers["Retry-After"] == "3"
