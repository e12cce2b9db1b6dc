"""The child's side: one job in, one PDF out, in a process that can reach nothing else.

typst reads files below its root and fetches packages of the name `@preview/…` by itself. The root
is an empty folder, the package folders do not exist, and the process gives up network and files
before it starts (sandbox.worker). A PDF is PDF/A-2b (ISO 19005-2), dated as told, so that the same
job gives the same bytes.
"""

import ctypes
import json
import resource
import sys
from pathlib import Path
from typing import Final

import typst

from exchange_market.documents.job import TypesettingJob
from sandbox.worker.confinement import confine_process
from sandbox.worker.landlock import restrict_files

PDF_STANDARD: Final = "a-2b"
MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
_NO_PACKAGES: Final = "no-packages"


def confine(job: TypesettingJob) -> list[str]:
    """Give up network, privileges, files and growth; returns the protections now active."""
    active = confine_process(job.parent_pid)
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_DATA, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, job.seconds_max),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))
    if sys.platform == "linux" and restrict_files(
        ctypes.CDLL(None, use_errno=True), Path(job.font_file)
    ):
        active.append("landlock")
    return active


def load_fonts(job: TypesettingJob) -> typst.Fonts:
    """The one font of the job and those inside typst; no others of the system."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[job.folder]
    )


def typeset(job: TypesettingJob, fonts: typst.Fonts) -> bytes:
    """Lay out a job; raises typst.TypstError."""
    missing = str(Path(job.folder, _NO_PACKAGES))
    compiler = typst.Compiler(
        job.template.encode(),
        root=job.folder,
        font_paths=fonts,
        sys_inputs={"values": json.dumps(job.values, ensure_ascii=False)},
        package_path=missing,
        package_cache_path=missing,
    )
    pdf = compiler.compile(format="pdf", pdf_standards=[PDF_STANDARD], timestamp=job.issued_at)
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned no PDF")
    return pdf
