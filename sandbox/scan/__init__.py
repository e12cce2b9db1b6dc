"""Which columns identify, describe or expose persons, with the evidence for it."""

from sandbox.scan.report import ColumnFinding, Evidence, ScanReport
from sandbox.scan.scanner import ScanRefused, scan_parquet

__all__ = ["ColumnFinding", "Evidence", "ScanRefused", "ScanReport", "scan_parquet"]
