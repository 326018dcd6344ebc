"""Composes a phone's text from the text of the call: merge fields, short links, STOP mention, encoding.

Facts: `<-short->` once per link, in order; `<-stop->` is replaced in alerts too; marketing with a custom
sender always gets the mention (SMSFactor docs). The wording of the mention is unconfirmed, and so is the single
mention when both rules apply. White space at the end is trimmed before the mention is appended, as seen in production,
so a mention can touch a URL at the end of the text.
"""

import re
from collections.abc import Mapping

from sandbox.control import Settings
from sandbox.smsfactor_sim.sending.encoding import Encoded, encode
from sandbox.smsfactor_sim.sending.orders import SendOrder
from sandbox.smsfactor_sim.world import SHORT_LINK_BASE

SHORT_TAG, STOP_TAG = "<-short->", "<-stop->"
# Stands for a short link's code while counting; all codes have this length.
SAMPLE_CODE = "00000"
_INFO = re.compile(r"\[(info[1-4])\]")


def compose(order: SendOrder, infos: Mapping[str, str], codes: list[str], settings: Settings) -> Encoded:
    """The text for one recipient, with these short-link codes (one per link) and, for a stored contact, its
    infos."""
    text = order.text
    if infos:
        text = _INFO.sub(lambda match: infos.get(match[1], ""), text)
    for code in codes:
        text = text.replace(SHORT_TAG, SHORT_LINK_BASE + code, 1)
    mention = str(settings["stop_mention"])
    if STOP_TAG in text:
        text = text.replace(STOP_TAG, mention.strip())
    elif order.push_type == "marketing" and order.sender is not None:
        text = text.rstrip() + mention
    return encode(
        text,
        unicode_on=order.unicode_on,
        policy=str(settings["non_gsm_policy"]),
        part_size=int(settings["unicode_part_size"]),
    )
