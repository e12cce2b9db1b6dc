"""Access tokens: short JWTs (RFC 7519) that only say which session is meant.

What the session is worth is read from the database at every request, so nothing in the token can
be out of date. The header type is that of RFC 9068; the algorithm is pinned to EdDSA, whatever a
token's header claims (RFC 8725, section 3.1).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from exchange_market.accounts.errors import AccessTokenRefused
from exchange_market.trust.keyring import SESSIONS, Keyring

_ALGORITHM = "EdDSA"
_TYPE = "at+jwt"
_REQUIRED = ("iss", "aud", "sub", "sid", "iat", "exp")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Whose session a token stands for."""

    user_id: str
    session_id: str


class AccessTokens:
    """Issues and verifies the access tokens of one exchange."""

    def __init__(self, keyring: Keyring, issuer: str, lifetime: timedelta) -> None:
        self._keyring = keyring
        self._issuer = issuer
        self._audience = f"{issuer}/v1"
        self._lifetime = lifetime

    async def issue(self, claims: AccessClaims, now: datetime) -> str:
        """A signed token. Opens a transaction to find the key: call it outside one."""
        key = await self._keyring.signing_key(SESSIONS)
        body = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + self._lifetime).timestamp()),
        }
        headers = {"kid": key.kid, "typ": _TYPE}
        return jwt.encode(body, key.private_key, algorithm=_ALGORITHM, headers=headers)

    async def verify(self, token: str, now: datetime) -> AccessClaims:
        """What a token says, when it is ours and in time; raises AccessTokenRefused."""
        key = await self._keyring.signing_key(SESSIONS)
        try:
            header = jwt.get_unverified_header(token)
            if header.get("kid") != key.kid or header.get("typ") != _TYPE:
                raise AccessTokenRefused
            body: dict[str, Any] = jwt.decode(
                token,
                key.private_key.public_key(),
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # Times are compared below, by the clock of the exchange.
                options={
                    "require": list(_REQUIRED),
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            raise AccessTokenRefused from None
        subject, session, expires = body["sub"], body["sid"], body["exp"]
        if not isinstance(session, str) or not isinstance(expires, int):
            raise AccessTokenRefused
        if now.timestamp() >= expires:
            raise AccessTokenRefused
        return AccessClaims(subject, session)
