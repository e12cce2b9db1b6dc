"""The door of the catalogue: what its own routes and other slices may call."""

from exchange_market.catalog.dictionary import columns_of, describe_columns, set_column_roles
from exchange_market.catalog.facts import (
    facts_of,
    facts_of_revision,
    put_fact,
    shown_facts,
    withdraw_fact,
)
from exchange_market.catalog.products import (
    count_products,
    create_product,
    describe_product,
    find_product,
    find_products,
    list_products_in_state,
    list_products_waiting,
    listing_history,
    own_product,
    own_products,
    product_for,
    set_holds_persons,
)
from exchange_market.catalog.release import latest_released_revision, released_revision
from exchange_market.catalog.review import (
    check_approval,
    decide_listing,
    publish_listing,
    reopen_listing,
    still_missing,
    submit_listing,
    withdraw_listing,
)
from exchange_market.catalog.revisions import (
    find_latest_ready_revision,
    find_revision,
    get_revision,
    latest_ready_revision,
    revision_for,
    revisions_for,
)
from exchange_market.catalog.search import search_listings

__all__ = [
    "check_approval",
    "columns_of",
    "count_products",
    "create_product",
    "decide_listing",
    "describe_columns",
    "describe_product",
    "facts_of",
    "facts_of_revision",
    "find_latest_ready_revision",
    "find_product",
    "find_products",
    "find_revision",
    "get_revision",
    "latest_ready_revision",
    "latest_released_revision",
    "list_products_in_state",
    "list_products_waiting",
    "listing_history",
    "own_product",
    "own_products",
    "product_for",
    "publish_listing",
    "put_fact",
    "released_revision",
    "reopen_listing",
    "revision_for",
    "revisions_for",
    "search_listings",
    "set_column_roles",
    "set_holds_persons",
    "shown_facts",
    "still_missing",
    "submit_listing",
    "withdraw_fact",
    "withdraw_listing",
]
