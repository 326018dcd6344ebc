"""Balances: GET /credits, the low-balance alert, taking and giving back credits."""

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import flag, read_object, wrong
from sandbox.smsfactor_sim.things import Account
from sandbox.smsfactor_sim.webhooks.deliveries import Deliveries
from sandbox.smsfactor_sim.wire import NO_CREDITS, GatewayError, paris_text
from sandbox.smsfactor_sim.world import World


def check_funds(payer: Account, cost: int) -> None:
    """Raise -3 when a prepaid account cannot pay `cost`; then nothing is sent."""
    if not payer.postpaid and not payer.unlimited and cost > payer.balance:
        raise GatewayError(NO_CREDITS, f"{cost} credits are needed, {payer.balance} are left")


def balance_after(payer: Account, cost: int) -> int:
    """The balance in send answers: credits left, or credits consumed this month for a postpaid account."""
    return payer.balance + cost if payer.postpaid else payer.balance - cost


def charge(world: World, deliveries: Deliveries, payer: Account, cost: int) -> None:
    """Take `cost` credits; a prepaid balance that falls below its trigger fires BALANCE_ALERT."""
    before, payer.balance = payer.balance, balance_after(payer, cost)
    trigger = payer.alert_trigger
    if payer.postpaid or payer.unlimited or trigger is None or not payer.balance < trigger <= before:
        return
    payload = {"balance": str(payer.balance), "trigger": str(trigger), "date": paris_text(world.now())}
    deliveries.emit(payer.client_id, "BALANCE_ALERT", payload, about=None)


def refund(payer: Account, cost: int) -> None:
    """Give `cost` credits back (cancelled or refused campaign)."""
    payer.balance = balance_after(payer, -cost)


def add_credit_routes(api: Api) -> None:
    """GET /credits and /notification/balance."""

    @api.route("GET", "/credits")
    def read_credits(call: Call) -> Payload:
        # Any query is ignored: a published client calls /credits?null.
        payer = api.world.payer(call.account)
        return {
            "credits": str(payer.balance),
            "postpaid": "1" if payer.postpaid else "0",
            "postpaid_limit": False,
            "unlimited": call.account.unlimited,
        }

    @api.route("GET", "/notification/balance")
    def read_alert(call: Call) -> Payload:
        return {"notification": _alert(call.account)}

    @api.route("PUT", "/notification/balance")
    def change_alert(call: Call) -> Payload:
        # The docs wrap the body, a client's fixture does not: both forms are accepted.
        wanted = call.body.get("notification", call.body)
        fields = read_object(wanted, "notification", {"alert_trigger": _trigger}, {"alert_email": flag})
        call.account.alert_trigger = fields["alert_trigger"]
        return {"notification": _alert(call.account)}


def _trigger(name: str, value: object) -> int:
    if isinstance(value, bool) or not str(value).isdigit():
        raise wrong(f"The field '{name}' must be a number")
    return int(str(value))


def _alert(account: Account) -> Payload:
    trigger = account.alert_trigger
    return {
        "alert_email": "0" if trigger is None else "1",
        "alert_gsm": "0",
        "email": account.email,
        "phone_number": account.profile.get("phone", ""),
        "alert_trigger": "0" if trigger is None else str(trigger),
    }
