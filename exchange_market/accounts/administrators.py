"""The first administrator of an exchange, made from the command line of its operator."""

from exchange_market.accounts import store
from exchange_market.accounts.identifiers import OPERATOR_IDENTIFIER
from exchange_market.accounts.organisation import Organisation, OrganisationState
from exchange_market.accounts.passwords import Passwords
from exchange_market.accounts.second_factor import Enrolment, SecondFactor
from exchange_market.accounts.user import FIRST_ADMINISTRATOR_ROLES, User, UserState
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Service
from exchange_market.kernel.secrets import open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.kernel.text import single_line
from exchange_market.persistence.transaction import Database, Transaction
from exchange_market.trust import audit

_COMMAND_LINE = Service("command-line")


async def create_administrator(
    database: Database, settings: Settings, email: str, display_name: str, password: str
) -> Enrolment:
    """An administrator in the operator's organisation, which is made when missing.

    The one-time secret is in force at once: every sign-in takes a code of it. Whoever may run this
    has the master key; further administrators are invited over HTTP. Raises PasswordRefused or
    EmailTaken.
    """
    password_hash = await Passwords().hash(password)
    name = single_line(display_name, "display_name")
    factor = SecondFactor(open_secrets(settings), settings.operator_name)
    async with database.write() as tx:
        operator = await _operator(tx, settings, name, email)
        user = User(
            id=new_id("usr"),
            organisation_id=operator.id,
            email=email,
            display_name=name,
            roles=FIRST_ADMINISTRATOR_ROLES,
            state=UserState.ACTIVE,
            has_second_factor=True,
            created_at=tx.now(),
        )
        await store.insert_user(tx, user, password_hash)
        enrolment = await factor.impose(tx, user.id, user.email)
        audit.record(
            tx,
            _COMMAND_LINE,
            "accounts.administrator_created",
            audit.Subject("user", user.id),
            {"organisation_id": operator.id},
        )
    return enrolment


async def _operator(
    tx: Transaction, settings: Settings, contact_name: str, contact_email: str
) -> Organisation:
    identifier = OPERATOR_IDENTIFIER
    found = await store.find_by_identifier(
        tx, identifier.scheme.value, identifier.country, identifier.value
    )
    if found is not None:
        return found
    operator = Organisation(
        id=new_id("org"),
        name_zh=settings.operator_name,
        name_en=settings.operator_name,
        identifier_scheme=identifier.scheme.value,
        identifier=identifier.value,
        country=identifier.country,
        may_provide=False,
        may_buy=False,
        is_operator=True,
        state=OrganisationState.VERIFIED,
        contact_name=contact_name,
        contact_email=contact_email,
        created_at=tx.now(),
    )
    await store.insert_organisation(tx, operator)
    audit.record(
        tx,
        _COMMAND_LINE,
        "accounts.operator_created",
        audit.Subject("organisation", operator.id),
    )
    return operator
