"""Landlock: a Linux process gives up its own access to files and TCP, for good.

Source: Linux kernel documentation, "Landlock: unprivileged access control" (userspace API),
sections "Defining and enforcing a security policy" and "Kernel interface".
"""

import ctypes
import os
import struct
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_READ_FILE = 1 << 2
_FILE_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
"""Number of file rights that each version of the interface knows; they fill the low bits."""
_FILE_RIGHTS_NEWEST = 16
_TCP_RIGHTS = 0b11
_SCOPES = 0b11
_FIRST_WITH_TCP, _FIRST_WITH_SCOPES = 4, 6


def restrict_files(libc: ctypes.CDLL, readable: Path) -> bool:
    """Forbid this thread and its children every file but reading `readable`; forbid TCP as well.

    Requires no_new_privs. Returns False where the kernel has no Landlock.
    """
    version: int = libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    if version < 1:
        return False
    attributes = _ruleset_attributes(version)
    ruleset: int = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        file = os.open(readable, os.O_RDONLY | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", _READ_FILE, file)
            added: int = libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(file)
        return added == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _ruleset_attributes(version: int) -> bytes:
    """Return struct landlock_ruleset_attr with every right that this version can take away."""
    rights = (1 << _FILE_RIGHTS_BY_VERSION.get(version, _FILE_RIGHTS_NEWEST)) - 1
    attributes = struct.pack("=Q", rights)
    if version >= _FIRST_WITH_TCP:
        attributes += struct.pack("=Q", _TCP_RIGHTS)
    if version >= _FIRST_WITH_SCOPES:
        attributes += struct.pack("=Q", _SCOPES)
    return attributes
