"""The HTTP API keeps to its OpenAPI document, whatever is sent to it.

Requests are generated from the document (valid ones and broken ones) by Schemathesis and sent to
the whole application with the rights that each operation needs. No answer may be a server error, a
status that the document does not declare, or a body in another format than it says.
"""

import json
import shutil
import string
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
import schemathesis
from httpx import Response
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from requests import Request
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok, Result
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exchange_market.app import create_app
from exchange_market.edge.access import Access, every_handler
from tests.support.access_cases import hidden_objects
from tests.support.accounts import register
from tests.support.exchange import Trade, open_trade

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EXAMPLES = 6
URL_CHARACTERS_MAX = 65_536
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# These change what the callers of the other operations may do; a visitor calls them.
CHANGES_THE_CALLER = {"changePassword", "confirmSecondFactor", "endSession", "enrolSecondFactor"}
CHANGES_OTHERS = {"changeUser", "decideOrganisation", "revokeKey"}


@dataclass(frozen=True, slots=True)
class Contract:
    """The application, its document, and who calls what."""

    trade: Trade
    operations: tuple[APIOperation, ...]
    levels: dict[str, Access]
    objects: dict[str, str]
    headers: dict[str, dict[str, str]]

    def headers_for(self, operation: str, number: int) -> dict[str, str]:
        """What authenticates a caller who may call the operation."""
        if operation in CHANGES_THE_CALLER:
            return self.headers["visitor"]
        match self.levels[operation]:
            case Access.SIGNED_IN:
                return self.headers["buyer" if number % 2 else "provider"]
            case Access.PUBLIC:
                return {} if number % 2 else self.headers["provider"]
            case level:
                return self.headers[level.value]


@pytest.fixture(scope="module")
async def contract(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Contract]:
    del anyio_backend
    folder = tmp_path_factory.mktemp("exchange")
    database = shutil.copy(sqlite_template, folder / "exchange.sqlite")
    async with open_trade(f"sqlite+aiosqlite:///{database}", folder) as trade:
        objects = await hidden_objects(trade)
        await trade.sign_in_again("admin", "provider", "buyer")
        visitor = await register(trade.client, 9)
        agreed = await trade.call("buyer", "GET", f"/contracts/{objects['contract_id']}")
        headers = {name: member.headers for name, member in trade.people.items()}
        headers |= {
            "administrator": headers["admin"],
            "visitor": visitor.headers,
            "api_key": {"Authorization": f"Bearer {await trade.key(agreed)}"},
        }
        app = create_app(trade.exchange)
        schema = schemathesis.openapi.from_dict(
            json.loads(json.dumps(app.openapi_schema.to_schema()))
        )
        yield Contract(
            trade,
            tuple(_well_formed(result) for result in schema.get_all_operations()),
            {str(handler.operation_id): _level(handler.opt) for _, handler in every_handler(app)},
            objects,
            headers,
        )


def _well_formed(result: Result[APIOperation, InvalidSchema]) -> APIOperation:
    assert isinstance(result, Ok), result
    return result.ok()


def _level(opt: dict[str, Any]) -> Access:
    return opt.get("access", Access.PUBLIC)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
async def test_every_answer_is_one_that_the_document_declares(
    contract: Contract, mode: schemathesis.GenerationMode
) -> None:
    broken: list[str] = []

    for number, operation in enumerate(contract.operations):
        headers = contract.headers_for(operation.definition.raw["operationId"], number)
        await anyio.to_thread.run_sync(_try_out, contract, operation, mode, headers, broken)

    assert not broken, "\n\n".join(broken)


def _try_out(
    contract: Contract,
    operation: APIOperation,
    mode: schemathesis.GenerationMode,
    headers: dict[str, str],
    broken: list[str],
) -> None:
    name = operation.definition.raw["operationId"]
    known = {} if name in CHANGES_OTHERS else _known_path(operation, contract.objects)
    if not (operation.query or operation.body):
        known = known if mode is schemathesis.GenerationMode.POSITIVE else {}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )
    @given(case=operation.as_strategy(mode, path_parameters=known or None))
    def send(case: schemathesis.Case) -> None:
        request = Request(**case.as_transport_kwargs(base_url="http://exchange.test")).prepare()
        # No client sends an address that its own library refuses for its length.
        assume(len(request.url or "") < URL_CHARACTERS_MAX)
        sent: dict[str, Any] = {"content": request.body, "headers": {**request.headers, **headers}}
        answer: Response = anyio.from_thread.run(
            lambda: contract.trade.client.request(request.method or "", request.url or "", **sent)
        )
        case.validate_response(answer, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:
        # Nothing can be wrong in a request without parameters and body.
        assert mode is schemathesis.GenerationMode.NEGATIVE, name
    except FailureGroup as found:
        broken.append(f"{name}: " + " | ".join(_told(each) for each in found.exceptions))
    except Exception as error:  # noqa: BLE001 - all operations are told of, not the first one
        broken.append(f"{name}: {type(error).__name__} {error}")


def _known_path(operation: APIOperation, objects: dict[str, str]) -> dict[str, str]:
    names = [name for _, name, _, _ in string.Formatter().parse(operation.path) if name]
    return {name: objects[name] for name in names}


def _told(failure: BaseException) -> str:
    return " ".join(str(failure).split())[:300]
