"""The rule for a custom sender (the origin that the phone shows)."""

import re

from connector.domain.refusals import Code, Refusal

# Up to 11 letters and digits (SMSFactor docs); at least 3 as other clients of it enforce. "At least one
# letter" is ours: an all-digit sender is a telephone number, and French 06/07 numbers are barred for
# application messages.
_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}")


def check_sender(sender: str | None) -> str | None:
    """Return the sender to use, or None for the account's default (absent or blank). Raises Refusal sender_invalid.

    Whether SMSFactor refuses or cuts a wrong sender is unconfirmed, so it never gets one.
    """
    chosen = (sender or "").strip()
    if not chosen:
        return None
    if not _SENDER.fullmatch(chosen):
        raise Refusal(Code.SENDER_INVALID)
    return chosen
