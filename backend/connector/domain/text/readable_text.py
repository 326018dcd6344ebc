"""The text of an SMS for those who read it in the CRM, where the gateway's tags mean nothing.

The gateway makes the short addresses, one for each recipient, and words the STOP mention. Who reads a record wants to
know where a link leads, so its target stands in its place, and a mark that reads alike in French and English stands
for the mention.
"""

import re
from collections.abc import Sequence
from typing import Final

from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, adds_stop_mention
from connector.domain.vocabulary import PushType

STOP_MARK: Final = "[STOP]"

_TAG: Final = re.compile(f"{SHORT_URL_TAG}|{STOP_TAG}")


def readable_text(text: str, links: Sequence[str], *, push_type: PushType, sender: str | None) -> str:
    """A text as it was sent, with the targets of its links in their order and a mark for the STOP mention.

    Also for the mention that the gateway adds by itself. Only our own tags are met: those of values and of arrived
    texts were broken when the message was made.
    """
    if adds_stop_mention(push_type, sender) and STOP_TAG not in text:
        text = f"{text.rstrip()} {STOP_TAG}"
    targets = iter(links)
    return _TAG.sub(
        lambda tag: STOP_MARK if tag.group() == STOP_TAG else next(targets, SHORT_URL_TAG),
        text,
    )
