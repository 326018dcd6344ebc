"""A process that makes a simulator's outgoing calls by the thousand: workflow executions, webhooks.

In the simulator's own process these calls would slow the APIs that the product calls at the same time. `link` is the
simulator's end, `__main__` the process, `connection` its HTTP.
"""

from sandbox.courier.link import CourierLink, Delivery, Parcel

__all__ = ["CourierLink", "Delivery", "Parcel"]
