"""A person at the other end of the HTTP API: signs in, keeps the token, says what went wrong."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
from pyotp.totp import TOTP

from exchange_market.kernel.clock import SystemClock
from exchange_market.kernel.ids import new_id

_TIMEOUT = httpx.Timeout(60.0)
_STEP_SECONDS = 30
Json = dict[str, Any]


class Refused(Exception):
    """The exchange refused a request; `code` is the problem's code."""

    def __init__(self, response: httpx.Response) -> None:
        problem = _json_or_empty(response)
        self.status = response.status_code
        self.code = str(problem.get("code", "http"))
        self.detail = str(problem.get("detail", ""))
        where = f"{response.request.method} {response.request.url.path}"
        super().__init__(f"{where}: {self.status} {self.code}: {self.detail} {problem}")


class Person:
    """Somebody with an account, or nobody yet."""

    def __init__(self, base_url: str, email: str, language: str = "en") -> None:
        self.email = email
        self.password = secrets.token_urlsafe(18)
        self.organisation_id = ""
        self._totp: TOTP | None = None
        self._used_step = 0
        self._http = httpx.Client(
            base_url=base_url, timeout=_TIMEOUT, headers={"Accept-Language": language}
        )

    def get(self, path: str, **params: Any) -> Json:
        """GET and the JSON of the answer; raises Refused."""
        chosen = {name: value for name, value in params.items() if value is not None}
        return self._checked(self._http.get(path, params=chosen)).json()

    def post(self, path: str, body: Json | None = None) -> Json:
        """POST with a fresh idempotency key."""
        headers = {"Idempotency-Key": new_id("cmd")}
        answer = self._checked(self._http.post(path, json=body, headers=headers))
        return answer.json() if answer.content else {}

    def put(self, path: str, body: Json) -> Json:
        """PUT with a fresh idempotency key."""
        headers = {"Idempotency-Key": new_id("cmd")}
        return self._checked(self._http.put(path, json=body, headers=headers)).json()

    def upload(self, path: str, body: Any, **params: str) -> Json:
        """POST a file as the raw body."""
        answer = self._http.post(
            path, content=body, params=params, headers={"Content-Type": "application/octet-stream"}
        )
        return self._checked(answer).json()

    def download(self, path: str) -> bytes:
        """GET the bytes of a small document."""
        return self._checked(self._http.get(path)).content

    def sign_in(self) -> None:
        """Open a session, with a one-time code if there is a second factor."""
        body: Json = {"email": self.email, "password": self.password}
        if self._totp is not None:
            body["code"] = self.code()
        session = self.post("/v1/sessions", body)
        self.organisation_id = session["organisation_id"]
        self._http.headers["Authorization"] = f"Bearer {session['access_token']}"

    def enrol_second_factor(self) -> None:
        """Set up one-time codes, as an authenticator app would."""
        enrolment = self.post("/v1/me/second-factor", {"password": self.password})
        self.use_second_factor(enrolment["secret"])
        self.post("/v1/me/second-factor/confirmation", {"code": self.code()})

    def use_second_factor(self, secret: str) -> None:
        """Take one-time codes from this shared secret."""
        self._totp = TOTP(secret)

    @property
    def totp_secret(self) -> str:
        """The secret of the one-time codes, for an authenticator app."""
        return "" if self._totp is None else self._totp.secret

    def code(self) -> str:
        """A one-time code that was not used before; each is good once, so this may have to wait."""
        if self._totp is None:
            raise RuntimeError(f"{self.email} has no second factor")
        # The exchange accepts the codes of the step before, of now and of the step after, each once
        # and in order: a person with an authenticator waits for the next one instead.
        step = max(_present_step() - 1, self._used_step + 1)
        while step > _present_step() + 1:
            time.sleep(0.5)
        self._used_step = step
        return self._totp.at(step * _STEP_SECONDS)

    def expect_refusal(self, code: str, attempt: Callable[[], object]) -> str:
        """Run something that must be refused with this code; raises AssertionError otherwise."""
        try:
            attempt()
        except Refused as refusal:
            if refusal.code != code:
                raise AssertionError(f"refused with {refusal.code}, not {code}") from refusal
            return refusal.code
        raise AssertionError(f"not refused, although {code} was expected")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @staticmethod
    def _checked(response: httpx.Response) -> httpx.Response:
        if response.is_error:
            raise Refused(response)
        return response


def wait_for(what: str, look: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Look again and again until the answer is truthy; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.15)
    raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")


def _present_step() -> int:
    return int(SystemClock().now().timestamp()) // _STEP_SECONDS


def _json_or_empty(response: httpx.Response) -> Json:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
