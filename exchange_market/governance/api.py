"""All routes of governance."""

from exchange_market.governance.audit_api import (
    AdminAuditController,
    EvidenceController,
    OwnAuditController,
    TraceController,
)
from exchange_market.governance.break_glass_api import (
    BreakGlassController,
    ProductBreakGlassController,
)
from exchange_market.governance.market_api import (
    PublicKeyController,
    StatisticsController,
    TransactionController,
)
from exchange_market.governance.review_api import DecisionController, ReviewController

CONTROLLERS = (
    ReviewController,
    DecisionController,
    TransactionController,
    AdminAuditController,
    OwnAuditController,
    TraceController,
    EvidenceController,
    BreakGlassController,
    ProductBreakGlassController,
    StatisticsController,
    PublicKeyController,
)
