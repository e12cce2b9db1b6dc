"""How many failures are allowed, and how long everything is refused after too many.

Each lock lasts twice as long as the one before, until a day has passed without one. The counters
live in the database, so all web processes share them; subjects are keyed digests, so that the table
names nobody.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_LOCK_MEMORY = timedelta(hours=24)
_LOCK_MAX = timedelta(hours=24)
KEPT = timedelta(hours=72)
"""Counters untouched for longer than this mean nothing any more."""


@dataclass(frozen=True, slots=True)
class AttemptPolicy:
    """`failures_max` failures within `window` lock the subject, first for `first_lock`."""

    failures_max: int
    window: timedelta
    first_lock: timedelta


ACCOUNT_POLICY = AttemptPolicy(5, timedelta(hours=24), timedelta(minutes=15))
ADDRESS_POLICY = AttemptPolicy(30, timedelta(minutes=15), timedelta(minutes=15))
"""Wider than that of an account: a whole office may share one address."""
REGISTRATION_POLICY = AttemptPolicy(30, timedelta(minutes=15), timedelta(minutes=15))
"""Accounts asked for by one network address, whether or not they were opened."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The failures counted for one subject since `counted_since`."""

    failures: int
    locks: int
    counted_since: datetime
    locked_until: datetime | None

    def seconds_locked(self, now: datetime) -> int:
        """Whole seconds, rounded up, until the lock ends; 0 when there is none."""
        if self.locked_until is None or self.locked_until <= now:
            return 0
        return -int((now - self.locked_until) // timedelta(seconds=1))


def after_failure(before: Attempts | None, policy: AttemptPolicy, now: datetime) -> Attempts:
    """The counter after one more failure."""
    if before is None:
        before = Attempts(0, 0, now, None)
    elif now >= before.counted_since + policy.window:
        before = replace(before, failures=0, counted_since=now)
    if before.failures + 1 < policy.failures_max:
        return replace(before, failures=before.failures + 1)
    locks = before.locks if _is_remembered(before.locked_until, now) else 0
    # Beyond 2^10 the longest lock is reached whatever the policy; the cap keeps the power small.
    lasting = min(policy.first_lock * 2 ** min(locks, 10), _LOCK_MAX)
    return Attempts(0, locks + 1, now, now + lasting)


class Subjects:
    """Names of counters, under a secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def account(self, email_key: str) -> str:
        """The counter of one e-mail address, whether or not it has an account."""
        return self._digest(f"account:{email_key}")

    def code(self, user_id: str) -> str:
        """The counter of wrong one-time codes inside the sessions of one person."""
        return self._digest(f"code:{user_id}")

    def address(self, client: str) -> str:
        """The counter of one client address; an IPv6 customer is given a whole /64."""
        return self._digest(f"address:{_network_of(client)}")

    def registrations(self, client: str) -> str:
        """The counter of accounts asked for from one client address."""
        return self._digest(f"registrations:{_network_of(client)}")

    def _digest(self, name: str) -> str:
        return hmac.new(self._secret, name.encode(), hashlib.sha256).hexdigest()


def _is_remembered(locked_until: datetime | None, now: datetime) -> bool:
    return locked_until is not None and now < locked_until + _LOCK_MEMORY


def _network_of(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
