"""Link a portal to an SMSFactor account with a token that the gateway has just accepted (F7.1)."""

from dataclasses import dataclass, field

from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import BalanceMode, LaneKind, ProblemCode
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals import account_webhooks, accounts, balances, portals, problems
from connector.store.vault import Vault
from connector.use_cases.portals.note_balance import note_balance


@dataclass(frozen=True, slots=True)
class LinkAccount:
    """The account as the gateway described it to the bearer of `api_token`."""

    portal_id: int
    user_id: int | None
    client_id: str
    email: str
    first_name: str
    last_name: str
    company: str
    balance_mode: BalanceMode | None  # None: the balance could not be read; linking does not depend on it
    balance_credits: int | None
    api_token: str = field(repr=False)


def link_account(conn: Conn, vault: Vault, command: LinkAccount) -> None:
    """Link the account and open the lanes.

    The `webhooks` lane registers webhooks, the `lists` lane reads the lists, and waiting messages may leave.

    The former link is stored for the attempts it made (protocol P7).
    """
    kinds = (LaneKind.SETUP, *DELIVERY_LANES, LaneKind.LISTS, LaneKind.BALANCE, LaneKind.WEBHOOKS)
    entered = lanes.enter(conn, command.portal_id, *kinds)
    accounts.save_account(
        conn,
        vault,
        client_id=command.client_id,
        email=command.email,
        first_name=command.first_name,
        last_name=command.last_name,
        company=command.company,
    )
    accounts.save_link(
        conn,
        vault,
        portal_id=command.portal_id,
        client_id=command.client_id,
        api_token=command.api_token,
        user_id=command.user_id,
    )
    accounts.unpause(conn, command.client_id)
    account_webhooks.want_check(conn, command.client_id)
    if command.balance_mode:
        note_balance(
            conn, command.client_id, mode=command.balance_mode, balance_credits=command.balance_credits
        )
    for code in (ProblemCode.GATEWAY_AUTH, ProblemCode.GATEWAY_NO_CREDITS):
        problems.close_problem(conn, command.portal_id, code)
    portals.want_setup(entered)
    if not command.balance_mode:
        balances.want(entered, command.client_id, apart_s=0)
    for kind in kinds:
        lanes.wake(entered, kind, ends_back_off=True)
