"""Puts the simulator together."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from sandbox.control import Control, Settings, install_control
from sandbox.smsfactor_sim.account.accounts import add_account_routes
from sandbox.smsfactor_sim.account.credits import add_credit_routes
from sandbox.smsfactor_sim.account.tokens import add_token_routes
from sandbox.smsfactor_sim.api import Api
from sandbox.smsfactor_sim.controls import gateway_controls
from sandbox.smsfactor_sim.handsets.carrier import Carrier
from sandbox.smsfactor_sim.lists.blacklist import add_blacklist_routes
from sandbox.smsfactor_sim.lists.contact_lists import add_list_routes
from sandbox.smsfactor_sim.pages.routes import pages
from sandbox.smsfactor_sim.scheduler import Scheduler
from sandbox.smsfactor_sim.sending.campaigns import add_campaign_routes
from sandbox.smsfactor_sim.sending.messages import add_message_routes
from sandbox.smsfactor_sim.sending.send import add_send_routes
from sandbox.smsfactor_sim.settings import DECLARED
from sandbox.smsfactor_sim.webhooks.deliveries import Deliveries
from sandbox.smsfactor_sim.webhooks.registration import add_webhook_routes
from sandbox.smsfactor_sim.world import Config, World

_HELP = Path(__file__).with_name("help.txt").read_text(encoding="utf-8")
# Pages and the files and data they load: people's calls, not calls of the app under test.
_UNLOGGED = ("/handsets", "/report/", "/s/", "/static/", "/pages/", "/favicon")


@dataclass
class Simulator:
    """A running simulator: the application and its threads."""

    app: Flask
    world: World
    control: Control
    scheduler: Scheduler
    deliveries: Deliveries

    def stop(self) -> None:
        """End the background threads."""
        self.scheduler.stop()
        self.deliveries.stop()


def create_simulator(config: Config) -> Simulator:
    """A new world with its threads started; serve `app`, and call `stop` at the end."""
    app = Flask(__name__)
    settings = Settings(DECLARED)
    control = install_control(
        app, name="smsfactor_sim", settings=settings, help_text=_HELP, unlogged=_UNLOGGED
    )
    world = World(config, control.clock, settings)
    scheduler = Scheduler(control.clock, world.lock)
    world.now = scheduler.now
    deliveries = Deliveries(world, scheduler)
    carrier = Carrier(world, scheduler, deliveries)
    api = Api(app, world)
    add_send_routes(api, carrier)
    for add_routes in (
        add_account_routes,
        add_blacklist_routes,
        add_campaign_routes,
        add_credit_routes,
        add_list_routes,
        add_message_routes,
        add_token_routes,
        add_webhook_routes,
    ):
        add_routes(api)
    app.register_blueprint(gateway_controls(world, carrier, scheduler))
    app.register_blueprint(pages(world, carrier))
    # Clear the schedule before the state: no action of the old world may run in the new one.
    control.before_reset(scheduler.clear)
    control.before_reset(deliveries.reset)
    control.on_reset(scheduler.clear)
    control.on_reset(world.reset)
    scheduler.start()
    return Simulator(app, world, control, scheduler, deliveries)
