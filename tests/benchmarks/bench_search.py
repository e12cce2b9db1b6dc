"""How long a search takes over 100,000 listings: the inverted index against SQLite's FTS5.

Run: `python -m tests.benchmarks.bench_search [listings]`. Both indexes hold the same tokens of the
same made-up listings; both answer the same queries: the first page by rank, the total and the facet
counts. Words are drawn by Zipf's law, so that a few are in most listings, as in real ones.
"""

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange_market.catalog.indexing import token_weights
from exchange_market.catalog.product import Grade, ListingState, Openness, Product, Subject
from exchange_market.catalog.search_query import SearchFilter
from exchange_market.catalog.search_store import count_facets, matching_listings, rarest_first
from exchange_market.catalog.tokens import query_tokens
from exchange_market.persistence.migrations import upgrade
from exchange_market.persistence.transaction import Database
from tests.support.database import open_database

START = datetime(2026, 1, 1, tzinfo=UTC)
TEMPLATES = 5_000
REPEATS = 5
DICE = random.Random(7)  # noqa: S311 - made-up data
WORDS_ZH = [
    chr(DICE.randint(0x4E00, 0x5E00)) + chr(DICE.randint(0x4E00, 0x5E00)) for _ in range(2_000)
]
WORDS_EN = [f"word{number}" for number in range(2_000)]
ZIPF = [1 / rank for rank in range(1, 2_001)]
QUERIES = {
    "in nearly all": "数据",
    "the commonest word": WORDS_ZH[0],
    "the tenth word": WORDS_ZH[9],
    "the hundredth word": WORDS_ZH[99],
    "two common words": f"{WORDS_ZH[0]} {WORDS_ZH[1]}",
    "common and rare": f"数据 {WORDS_ZH[500]}",
    "three words, two languages": f"{WORDS_ZH[5]} word3 {WORDS_ZH[20]}",
    "one character": WORDS_ZH[30][0],
    "an English word": "word50",
}


def made_up_product(number: int) -> Product:
    """A listing of about 110 tokens."""
    return Product(
        id=f"prd_{number:026d}",
        organisation_id=f"org_{number % 500:026d}",
        state=ListingState.PUBLISHED,
        subject=DICE.choice(list(Subject)),
        created_at=START,
        updated_at=START,
        title_zh=f"{''.join(DICE.choices(WORDS_ZH, ZIPF, k=4))}数据",
        title_en=f"{' '.join(DICE.choices(WORDS_EN, ZIPF, k=5))} data",
        description_zh=f"{''.join(DICE.choices(WORDS_ZH, ZIPF, k=30))}。",
        description_en=f"{' '.join(DICE.choices(WORDS_EN, ZIPF, k=30))}.",
        keywords=tuple(DICE.choices(WORDS_ZH, ZIPF, k=3)),
        grade=Grade.GENERAL if number % 7 else Grade.IMPORTANT,
        openness=DICE.choice(list(Openness)),
    )


def fill(path: Path, listings: int) -> None:
    """Write both indexes: some thousand templates, then copies of them under other numbers."""
    connection = sqlite3.connect(path)
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -800000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE VIRTUAL TABLE fts USING fts5(title, rest, tokenize = 'unicode61')")
    for number in range(1, TEMPLATES + 1):
        write_template(connection, number)
    for shift in range(TEMPLATES, listings, TEMPLATES):
        copy_templates(connection, shift)
    connection.commit()
    connection.close()


def write_template(connection: sqlite3.Connection, number: int) -> None:
    """One listing in both indexes."""
    product = made_up_product(number)
    weights = token_weights(product, "")
    published_at = (START + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S.%f")
    connection.execute(
        "INSERT INTO indexed_listing (number, product_id, organisation_id, subject, grade,"
        " openness, price_mode, published_at) VALUES (?,?,?,?,?,?,?,?)",
        (
            number,
            product.id,
            product.organisation_id,
            product.subject.value,
            product.grade.value,
            product.openness.value,
            DICE.choice(("free", "per_row", "subscription")),
            published_at,
        ),
    )
    connection.executemany(
        "INSERT INTO listing_token (token, listing, weight) VALUES (?,?,?)",
        [(token, number, weight) for token, weight in weights.items()],
    )
    title = " ".join(token for token, weight in weights.items() if weight >= 100)
    rest = " ".join(token for token, weight in weights.items() if weight < 100)
    entry = (number, title, rest)
    connection.execute("INSERT INTO fts (rowid, title, rest) VALUES (?,?,?)", entry)


def copy_templates(connection: sqlite3.Connection, shift: int) -> None:
    """All templates again, `shift` numbers on."""
    connection.execute(
        "INSERT INTO indexed_listing SELECT number + ?1, product_id || ?1, organisation_id,"
        " subject, grade, openness, price_mode, published_at FROM indexed_listing"
        " WHERE number <= ?2",
        (shift, TEMPLATES),
    )
    connection.execute(
        "INSERT INTO listing_token SELECT token, listing + ?, weight FROM listing_token"
        " WHERE listing <= ? ORDER BY token, listing",
        (shift, TEMPLATES),
    )
    connection.execute(
        "INSERT INTO fts (rowid, title, rest) SELECT rowid + ?, title, rest FROM fts"
        " WHERE rowid <= ?",
        (shift, TEMPLATES),
    )


async def inverted(database: Database, words: str) -> int:
    """The search as the catalogue runs it; returns the total."""
    async with database.read() as reading:
        tokens = await rarest_first(reading, query_tokens(words))
        wanted = SearchFilter(tokens=tokens)
        await matching_listings(reading, wanted, after=None, limit=50)
        total, _ = await count_facets(reading, wanted)
    return total


def fts5(connection: sqlite3.Connection, words: str) -> int:
    """The same answer from FTS5; returns the total."""
    match = " AND ".join(f'"{token}"' for token in query_tokens(words))
    source = "FROM fts JOIN indexed_listing ON number = fts.rowid WHERE fts MATCH ?"
    connection.execute(
        f"SELECT product_id {source} ORDER BY bm25(fts, 10.0, 1.0), published_at DESC LIMIT 50",
        (match,),
    ).fetchall()
    cube = f"SELECT subject, grade, openness, price_mode, count(*) {source} GROUP BY 1, 2, 3, 4"
    counts = connection.execute(cube, (match,)).fetchall()
    providers = f"SELECT organisation_id, count(*) {source} GROUP BY 1 ORDER BY 2 DESC LIMIT 50"
    connection.execute(providers, (match,)).fetchall()
    return sum(row[-1] for row in counts)


async def main(listings: int) -> None:
    """Fill, search, print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite"
        url = f"sqlite+aiosqlite:///{path}"
        await asyncio.to_thread(upgrade, url)
        async with open_database(url) as database:
            begun = time.monotonic()
            await asyncio.to_thread(fill, path, listings)
            print(f"{listings} listings indexed twice in {time.monotonic() - begun:.0f} s")
            connection = sqlite3.connect(path)
            pages = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?"
            for table in ("%listing_token%", "fts_%"):
                size = connection.execute(pages, (table,)).fetchone()[0]
                print(f"{table}: {size / 2**20:.0f} MiB")
            for kind, words in QUERIES.items():
                await compare(database, connection, kind, words)


async def compare(
    database: Database, connection: sqlite3.Connection, kind: str, words: str
) -> None:
    """Time one query on both."""
    ours: list[float] = []
    theirs: list[float] = []
    total = 0
    for _ in range(REPEATS):
        begun = time.monotonic()
        total = await inverted(database, words)
        ours.append(time.monotonic() - begun)
        begun = time.monotonic()
        assert fts5(connection, words) == total
        theirs.append(time.monotonic() - begun)
    print(
        f"{kind}: {total} found,"
        f" inverted {statistics.median(ours) * 1000:.0f} ms (best {min(ours) * 1000:.0f}),"
        f" FTS5 {statistics.median(theirs) * 1000:.0f} ms (best {min(theirs) * 1000:.0f})"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
