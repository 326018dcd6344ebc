"""Settings for behaviour that SMSFactor does not document. /_control/help shows their names and defaults.

"Unconfirmed" marks a behaviour that no public source states; the default is the hardest reading for a client.
"""

from sandbox.control import NETWORK, Setting

DECLARED: dict[str, Setting] = {
    # Calls
    "legacy_login": Setting(
        True, "sfusername/sfpassword headers are accepted on every endpoint (unconfirmed)"
    ),
    "max_recipients": Setting(1000, "more in one call is -7 (unconfirmed; 1000 are used in production)"),
    "gsmsmsid_max": Setting(40, "a longer gsmsmsid is -7 (unconfirmed)"),
    "delay_tolerance_s": Setting(
        300, "a delay this far in the past counts as now, older is -4 (unconfirmed)"
    ),
    "language": Setting("fr", "language of errors; recordings are in French", ("fr", "en")),
    "national_numbers": Setting(
        "invalid", "0 and nine digits; counted invalid in recordings", ("invalid", "french")
    ),
    "sender_rule": Setting(
        "strict",
        "strict: 3 to 11 letters and digits with a letter, as operators pass them, else -7; wide: up to 24 characters"
        " with blanks and commas, as recorded in 2023",
        ("strict", "wide"),
    ),
    "send_counters": Setting(
        "2025",
        "2023: answers of sends lack not_allowed, flood and country_limit, as recorded",
        ("2025", "2023"),
    ),
    "cancel_sent_s": Setting(
        60,
        "a ticket is cancelled with status 1 this long after an immediate send, in vain (official Java suite)",
    ),
    "simulate_returns_ticket": Setting(True, "a simulated send answers a throw-away ticket"),
    # Texts
    "non_gsm_policy": Setting(
        "replace", "non-GSM characters with unicode off (unconfirmed)", ("replace", "transliterate", "reject")
    ),
    "unicode_part_size": Setting(67, "UCS-2 units per part of a long text (unconfirmed)", (67, 70)),
    "stop_mention": Setting(" STOP 36035", "appended to marketing with a sender (text unconfirmed)"),
    "marketing_window": Setting(
        "hold", "marketing outside Monday-Saturday 8-20 h, Paris (unconfirmed)", ("hold", "reject", "ignore")
    ),
    # Filters
    "blacklist_applies_to_alert": Setting(True, "the STOP list also stops alerts (unconfirmed)"),
    "not_allowed_countries": Setting([], "country codes counted as not_allowed"),
    "country_limits": Setting({}, "messages per calendar month by country code, above: country_limit"),
    "country_costs": Setting({}, "credits per part by country code (1 for the others)"),
    "flood_limit": Setting(0, "identical texts per number in 24 h before flood; 0 is off"),
    # Moderation
    "moderate_first": Setting(0, "that many first campaigns of an account are held (-8)"),
    "moderation_s": Setting(60, "seconds until a held campaign is decided"),
    "moderation_outcome": Setting("accept", "how it is decided", ("accept", "refuse", "never")),
    # Carrier
    "dlr_delay_s": Setting(2, "seconds from hand-over to the delivery receipt"),
    "dlr_intermediate": Setting(False, "also push SENT (1) at hand-over (unconfirmed)"),
    "reply_delay_s": Setting(1, "seconds from delivery to the automatic reply, STOP or click"),
    "stop_words": Setting(
        ["stop"], "an answer that begins with one of these words is a STOP, the others are MO (unconfirmed)"
    ),
    "stop_also_emits_mo": Setting(False, "a STOP raises MO as well (unconfirmed)"),
    # Webhooks
    "webhook_registration": Setting(
        "accept",
        "refuse: registrations are -7; forbid: an HTML page with HTTP 403 (unconfirmed)",
        ("accept", "refuse", "forbid"),
    ),
    "webhook_pauses_after": Setting(
        0, "events in a row that a webhook fails to bring before it is paused; 0 is never (unconfirmed)"
    ),
    "webhook_signature": Setting(
        "raw", "X-SMSFactor-Signature: the secret, or hex HMAC-SHA256 of the body", ("raw", "hmac", "none")
    ),
    "webhook_content_type": Setting(
        "application/json",
        "of the raw JSON body (unconfirmed)",
        ("application/json", "application/x-www-form-urlencoded", "text/plain"),
    ),
    "webhook_date_style": Setting(
        "offset", "date of DLR, MO and STOP: with offset or bare", ("offset", "bare")
    ),
    "webhook_concurrency": Setting(4, "webhooks on their way at the same time (unconfirmed)"),
    "webhook_retries": Setting(3, "attempts after the first on anything but 2xx (unconfirmed)"),
    "webhook_backoff_s": Setting(
        [1, 5, 30], "waits before them; the last one is kept for more (unconfirmed)"
    ),
    "webhook_timeout_s": Setting(10, "seconds, real time, for one attempt (unconfirmed)"),
    "webhook_duplicates": Setting(0, "extra copies of every event"),
    "webhook_reorder": Setting(False, "events of one message are collected for 5 s and sent newest first"),
    # Look-ups
    "messages_lag_s": Setting(20, "a message shows in GET /messages this long after it was accepted"),
    "messages_partial": Setting(
        True, "every second row of a campaign shows one more lag later, so a campaign is seen in part"
    ),
    **NETWORK,
}
