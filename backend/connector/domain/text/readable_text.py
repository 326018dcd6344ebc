"""The text of an SMS for readers in the CRM, where the gateway's tags mean nothing.

The gateway creates a short address for each recipient and writes the STOP mention. Readers of a record need a link's
target, so the target replaces the tag. A mark that is equal in French and English replaces the mention.
"""

import re
from collections.abc import Sequence
from typing import Final

from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, adds_stop_mention
from connector.domain.vocabulary import PushType

STOP_MARK: Final = "[STOP]"

_TAG: Final = re.compile(f"{SHORT_URL_TAG}|{STOP_TAG}")


def readable_text(text: str, links: Sequence[str], *, push_type: PushType, sender: str | None) -> str:
    """The sent text, with the targets of its links in order and a mark for the STOP mention.

    The mark also replaces the mention that the gateway adds by itself. Only our own tags occur: tags in values and in
    arrived texts were broken when the message was built.
    """
    if adds_stop_mention(push_type, sender) and STOP_TAG not in text:
        text = f"{text.rstrip()} {STOP_TAG}"
    targets = iter(links)
    return _TAG.sub(
        lambda tag: STOP_MARK if tag.group() == STOP_TAG else next(targets, SHORT_URL_TAG),
        text,
    )
