"""Makes phones and HubSpot quicker than real ones, because the journeys wait for them."""

from sandbox.driver.portal import Portal


def hurry(portal: Portal) -> None:
    """Receipts, replies and HubSpot's notice of a BLOCK come at once; their order stays."""
    portal.gateway.set(dlr_delay_s=0.2, reply_delay_s=0.2)
    portal.set(workflow_block_delay_s=0)
