"""Shared by both simulators: faults, barriers, call log, clock, settings, reset. All routes are under /_control/.

    control = install_control(app, name="smsfactor_sim", settings=settings, on_reset=[world.reset])
    control.clock.now()            the simulator's time, aware UTC; control.clock.on_move(scheduler.wake)
    control.settings["dlr_delay_s"]
    note_call(portal_id=145000001) adds to the entry of the current call in /_control/calls

`python -m` entry points serve the app with `sandbox.serving.serve`, which hands faults the client's socket.
"""

from sandbox.control.clock import Clock
from sandbox.control.handle import Control
from sandbox.control.install import install_control, note_call, proxy_page
from sandbox.control.settings import NETWORK, Setting, SettingError, Settings

__all__ = [
    "NETWORK",
    "Clock",
    "Control",
    "Setting",
    "SettingError",
    "Settings",
    "install_control",
    "note_call",
    "proxy_page",
]
