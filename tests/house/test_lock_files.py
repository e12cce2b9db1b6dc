"""The lock files: complete, agreeing, verifiable, and silent about where packages come from."""

import re

import pytest

from tests.house.tree import ROOT

_LOCKS = ("build", "run", "demo", "dev")


def _requirements(lock: str) -> list[str]:
    """The entries of a lock file, each with its hashes on one line."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    return text.replace("\\\n", " ").strip().splitlines()


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    requirements = _requirements(lock)

    assert requirements != []
    assert [
        line
        for line in requirements
        if not re.fullmatch(r"[a-z0-9.-]+==\S+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", line)
    ] == []


@pytest.mark.parametrize("lock", _LOCKS)
def test_no_lock_says_where_packages_come_from(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")

    assert re.findall(r"://|--(?:index|extra-index|find-links|trusted)\S*", text) == []


@pytest.mark.parametrize(
    ("smaller", "larger"), [("build", "run"), ("run", "demo"), ("demo", "dev")]
)
def test_a_larger_lock_holds_the_same_versions(smaller: str, larger: str) -> None:
    assert set(_requirements(smaller)) - set(_requirements(larger)) == set()
