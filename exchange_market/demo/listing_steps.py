"""Steps of the provider and the administrators: from registration to a published listing."""

import re
from functools import partial
from typing import Any

from exchange_market.demo.datasets import Offering, chunks
from exchange_market.demo.offerings import GAMEABLE_PLAN
from exchange_market.demo.person import Json, Person, Refused, wait_for
from exchange_market.demo.server import make_first_administrator
from exchange_market.demo.trade import Trade

Figures = dict[str, Any]
_PROVIDER: Json = {
    "name_zh": "赣江交通数据有限公司",
    "name_en": "Ganjiang Transport Data Ltd",
    "uscc": "91360000MA35GJ7K85",
    "contact_name": "周敏 Zhou Min",
    "may_provide": True,
}
_BUYER: Json = {
    "name_zh": "鄱阳湖航空研究院",
    "name_en": "Poyang Aviation Research",
    "uscc": "91360000MA37PYH9TD",
    "contact_name": "李娜 Li Na",
    "may_buy": True,
}
_MISTYPED = "91360000MA35ABCDX0"
_PAGES = re.compile(rb"/Type */Pages\b[^>]*/Count (\d+)")
"""How many pages a PDF says it has (ISO 32000-1, section 7.7.3 "Page Tree")."""


def register(trade: Trade) -> Figures:
    """Two administrators, a provider and a buyer, each with one-time codes."""
    first = trade.administrator
    first.use_second_factor(make_first_administrator(trade.server, first.email, first.password))
    first.sign_in()
    _invite(trade, trade.second_administrator)
    _register(trade.provider, _PROVIDER)
    trade.buyer.expect_refusal(
        "accounts.uscc_refused", lambda: _register(trade.buyer, {**_BUYER, "uscc": _MISTYPED})
    )
    _register(trade.buyer, _BUYER)
    return {"organisations": 2, "administrators": 2}


def verify_organisations(trade: Trade) -> Figures:
    """An administrator compares the registration with evidence."""
    for person in (trade.provider, trade.buyer):
        trade.administrator.post(
            f"/v1/admin/organisations/{person.organisation_id}/decision",
            {
                "decision": "verify",
                "reason": "营业执照与统一社会信用代码一致",
                "evidence": ["营业执照副本 business licence, copy seen 2026-11-23"],
            },
        )
    return {"verified": 2}


def create_product(trade: Trade) -> Figures:
    """Two drafts."""
    for offering in trade.offerings:
        product = trade.provider.post("/v1/products", offering.description)
        trade.products[offering.name] = product["listing"]["id"]
    return {"products": len(trade.products)}


def upload(trade: Trade) -> Figures:
    """Both files, streamed; ingestion goes on in the job worker."""
    for offering in trade.offerings:
        path = f"/v1/products/{trade.products[offering.name]}/revisions"
        sent = trade.provider.upload(
            path, chunks(offering.path), format="csv", name=offering.path.name
        )
        ready = wait_for(
            f"ingestion of {offering.name}", partial(_ready, trade, path, sent["number"])
        )
        if ready["rows"] != offering.rows:
            raise AssertionError(f"{offering.name}: {ready['rows']} rows, not {offering.rows}")
        trade.revisions[offering.name] = ready
    flights = trade.revisions[trade.flights.name]
    return {
        "rows": sum(revision["rows"] for revision in trade.revisions.values()),
        "received_bytes": sum(revision["received_bytes"] for revision in trade.revisions.values()),
        "parquet_bytes": flights["parquet_bytes"],
        "root": flights["root"][:16],
    }


def profile(trade: Trade) -> Figures:
    """The column dictionary, the provider's quality rules, and the report measured by them."""
    figures: Figures = {}
    for offering in trade.offerings:
        product_id = trade.products[offering.name]
        _describe_columns(trade, offering)
        path = f"/v1/products/{product_id}/quality-rules"
        trade.provider.put(path, {"rules": offering.quality_rules})
        rules = wait_for(f"quality of {offering.name}", partial(_measured, trade, path))
        fact = wait_for(f"listing of {offering.name}", partial(_fact, trade, product_id, "quality"))
        figures[offering.name] = {
            "rules": len(rules["in_force"]),
            "of_provider": len(offering.quality_rules),
            "suggested": len(rules["suggested"]),
            "total": fact["total"],
        }
    return figures


def sample(trade: Trade) -> Figures:
    """The provider looks at rows and risk report, then lets the samples be shown."""
    figures: Figures = {}
    for offering in trade.offerings:
        path = f"/v1/products/{trade.products[offering.name]}/sample"
        found = wait_for(f"sample of {offering.name}", partial(_prepared, trade, path))
        if found["state"] != "awaiting_approval":
            raise AssertionError(f"{offering.name}: sample is {found['state']}: {found}")
        trade.provider.post(
            f"{path}/decision",
            {"decision": "approve", "reason": "已核对样本与风险报告", "sha256": found["sha256"]},
        )
        figures[offering.name] = {name: found.get(name) for name in ("rows", "k", "l")}
    return figures


def appraise(trade: Trade) -> Figures:
    """Cost and income valuation with ranges, reports for people; a price plan that can be gamed is
    refused first.
    """
    figures: Figures = {}
    flights = f"/v1/products/{trade.flights_id}/price-plan"
    refused_plan = _rejection(trade.provider, flights, GAMEABLE_PLAN)
    for offering in trade.offerings:
        base = f"/v1/products/{trade.products[offering.name]}"
        valuation = trade.provider.post(f"{base}/valuations", offering.valuation)
        trade.administrator.post(
            f"/v1/admin/valuations/{valuation['id']}/decision",
            {"decision": "approve", "reason": "参数来源与区间合理"},
        )
        trade.provider.put(f"{base}/price-plan", {"plan": offering.plan})
        figures[offering.name] = [
            valuation[name] // 1_000_000 for name in ("low_micro", "middle_micro", "high_micro")
        ]
        figures[f"{offering.name}_report"] = _report(trade, offering, valuation["id"])
    return {**figures, "refused_plan": refused_plan}


def submit(trade: Trade) -> Figures:
    """Both listings go to review."""
    for product_id in trade.products.values():
        trade.provider.post(f"/v1/products/{product_id}/submission", {"reason": "请审核"})
    return {"submitted": len(trade.products)}


def approve(trade: Trade) -> Figures:
    """An administrator approves and publishes; an illegal step is refused first."""
    refused = trade.provider.expect_refusal(
        "catalog.listing_transition_refused",
        lambda: trade.provider.post(f"/v1/products/{trade.flights_id}/publication", {}),
    )
    for product_id in trade.products.values():
        trade.administrator.post(
            f"/v1/admin/products/{product_id}/decision",
            {"decision": "approve", "reason": "材料齐全，估值有据", "publish": True},
        )
    waiting = trade.administrator.get("/v1/admin/reviews/summary")
    return {"published": len(trade.products), "refused_first": refused, "waiting": waiting}


def _report(trade: Trade, offering: Offering, valuation_id: str) -> Figures:
    """The valuation report as PDF, or as HTML where the server has no Chinese font."""
    base = f"/v1/valuations/{valuation_id}/report?language=zh"
    try:
        content, ending = trade.provider.download(f"{base}&format=pdf"), "pdf"
    except Refused as refusal:
        if refusal.code != "documents.chinese_font_missing":
            raise
        content, ending = trade.provider.download(f"{base}&format=html"), "html"
    file = trade.folder / f"valuation-{offering.name}.{ending}"
    file.write_bytes(content)
    figures: Figures = {"file": file.name, "bytes": len(content)}
    if found := _PAGES.search(content):
        figures["pages"] = int(found[1])
    return figures


def _invite(trade: Trade, person: Person) -> None:
    invitation = trade.administrator.post(
        "/v1/users", {"email": person.email, "roles": ["member", "administrator"]}
    )
    person.post(
        "/v1/invitations/acceptance",
        {
            "token": invitation["token"],
            "display_name": "郭审 Guo Shen",
            "password": person.password,
        },
    )
    person.sign_in()
    person.enrol_second_factor()


def _register(person: Person, body: Json) -> None:
    registered = person.post(
        "/v1/organisations",
        {
            **body,
            "contact_email": person.email,
            "owner": {
                "email": person.email,
                "display_name": body["contact_name"],
                "password": person.password,
            },
        },
    )
    person.organisation_id = registered["organisation"]["id"]
    person.sign_in()
    person.enrol_second_factor()


def _rejection(provider: Person, path: str, plan: Json) -> str:
    """The sentence with which a plan that can be gamed is refused."""
    try:
        provider.put(path, {"plan": plan})
    except Refused as refusal:
        if refusal.code != "appraisals.price_plan_rejected":
            raise
        return refusal.detail
    raise AssertionError("a price plan that can be gamed was taken")


def _describe_columns(trade: Trade, offering: Offering) -> None:
    trade.provider.put(
        f"/v1/products/{trade.products[offering.name]}/columns",
        {
            "columns": [
                {"name": name, "meaning_zh": zh, "meaning_en": en}
                for name, (zh, en) in offering.meanings.items()
            ]
        },
    )


def _ready(trade: Trade, path: str, number: int) -> Json | None:
    revision = trade.provider.get(f"{path}/{number}")
    if revision["state"] == "failed":
        raise AssertionError(f"ingestion failed: {revision['failure']}")
    return revision if revision["state"] == "ready" else None


def _measured(trade: Trade, path: str) -> Json | None:
    rules = trade.provider.get(path)
    return rules if rules["measured_version"] == rules["version"] else None


def _fact(trade: Trade, product_id: str, kind: str) -> Json | None:
    return trade.provider.get(f"/v1/my/products/{product_id}")["listing"]["facts"].get(kind)


def _prepared(trade: Trade, path: str) -> Json | None:
    try:
        found = trade.provider.get(path)
    except Refused as refusal:
        if refusal.code != "trials.sample_not_found":
            raise
        return None  # the scan has not begun yet
    return None if found["state"] == "preparing" else found
