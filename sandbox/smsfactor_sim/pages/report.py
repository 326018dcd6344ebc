"""The figures of the platform page and of a campaign's report."""

from typing import Any

from sandbox.smsfactor_sim.sending.campaigns import campaigns_of
from sandbox.smsfactor_sim.things import Account, Campaign
from sandbox.smsfactor_sim.world import World

# The page stays quick when a load run has made thousands.
_SHOWN_CAMPAIGNS = 100
_SHOWN_MESSAGES = 500


def platform_overview(world: World) -> dict[str, Any]:
    """The first account, its oldest token, and its newest campaigns."""
    account = next(iter(world.accounts.values()))
    tokens = [token for token in world.tokens.values() if token.account_id == account.client_id]
    newest = campaigns_of(world, account.client_id)[::-1][:_SHOWN_CAMPAIGNS]
    return {
        "account": _account(account),
        "token": tokens[0].value if tokens else "",
        "campaigns": [_summary(campaign) for campaign in newest],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "id": account.client_id,
        "email": account.email,
        "company": account.profile.get("company", ""),
        "balance": account.balance,
        "postpaid": account.postpaid,
    }


def _summary(campaign: Campaign) -> dict[str, Any]:
    total = len(campaign.messages)
    delivered = sum(1 for message in campaign.messages if message.status == "delivered")
    return {
        "campaign": campaign,
        "total": total,
        "delivered": delivered,
        "rate": round(100 * delivered / total) if total else 0,
    }


def campaign_report(world: World, campaign: Campaign) -> dict[str, Any]:
    """One campaign with its counts and its first messages."""
    statuses = [message.status for message in campaign.messages]
    clicks = sum(world.short_links[code].clicks for message in campaign.messages for code in message.codes)
    replies = [reply for reply in world.replies if reply.campaign_id == campaign.id]
    tiles = {
        "total": len(statuses),
        "delivered": statuses.count("delivered"),
        "pending": sum(1 for status in statuses if status in ("sent", "waiting", "moderation")),
        "failed": sum(1 for status in statuses if status in ("undelivered", "denied", "not_sent")),
        "clicks": clicks,
        "replies": sum(1 for reply in replies if not reply.is_stop),
        "stops": sum(1 for reply in replies if reply.is_stop),
    }
    return {**_summary(campaign), "tiles": tiles, "messages": campaign.messages[:_SHOWN_MESSAGES]}
