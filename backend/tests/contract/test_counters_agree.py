"""The card's counter (TypeScript) and the backend's agree: what a user sees while typing is what is charged."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from connector.domain.segments import (
    SHORT_URL_TAG,
    SHORT_URL_UNITS,
    STOP_MENTION_UNITS,
    STOP_TAG,
    count,
    counted_text,
    not_gsm7,
)
from sandbox.processes import ROOT

APP = ROOT / "hubspot-project" / "src" / "app"
PROGRAM = Path(__file__).with_name("count_segments.mjs")
TEXTS = 10_000
SEED = 20_261_125

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"
COMBINING = "\u0301\u0300\u0308\u0327\u20e3\ufe0f\u200d\u0e31"
# Single, with a skin tone, joined, a flag, a keycap: one sign to a person, several code points.
EMOJI = ("😀", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "e\u0301", "가", "𝒳")
FOREIGN = "êïœŒ’“”«»…–—\u00a0\u202fłżαжд漢\u05d0\u0627\x00\x1b\ud83d\ude00"
TAGS = (STOP_TAG, SHORT_URL_TAG, "<-STOP->", "<-short", "https://x.fr/a")
SENDERS = (None, "", "LUMEN")


RICH = (*BASIC, *EXTENSION, *EMOJI, *COMBINING, *FOREIGN, *TAGS)
ALPHABETS = (tuple(BASIC), (*BASIC, *EXTENSION), (*BASIC, *EXTENSION * 9), (*BASIC, *EXTENSION, *TAGS), RICH)
EDGES = (0, 5, 67, 70, 134, 153, 160, 201, 306, 459)  # about what just fits into some parts


def a_text(chance: random.Random) -> str:
    length = max(0, chance.choice(EDGES) + chance.randint(-3, 3))
    text = "".join(chance.choices(chance.choice(ALPHABETS), k=length))
    # Two halves of a surrogate pair side by side are one character to whoever reads the text next.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def test_both_counters_agree_on_ten_thousand_texts() -> None:
    chance = random.Random(SEED)  # noqa: S311 - chosen texts, no secret
    asked = [
        (a_text(chance), chance.choice(["alert", "marketing"]), chance.choice(SENDERS)) for _ in range(TEXTS)
    ]
    limits = {"short_url_units": SHORT_URL_UNITS, "stop_mention_units": STOP_MENTION_UNITS}
    done = subprocess.run(
        ["node", str(PROGRAM), str(APP), json.dumps(limits)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    counted: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(counted) == TEXTS
    differences = [
        (text, ours, theirs)
        for (text, push_type, sender), theirs in zip(asked, counted, strict=True)
        if (ours := _ours(text, push_type, sender)) != theirs
    ]
    assert differences == []
    # The texts are worth comparing: both encodings, many lengths, lost units at part boundaries.
    assert {entry["encoding"] for entry in counted} == {"gsm7", "ucs2"}
    assert {entry["parts"] for entry in counted} >= set(range(8))


def _ours(text: str, push_type: str, sender: str | None) -> dict[str, Any]:
    billed = counted_text(text, push_type, sender)
    segments = count(billed)
    return {
        "billed": billed,
        "encoding": segments.encoding,
        "units": segments.units,
        "parts": segments.parts,
        "remaining": segments.remaining,
        "not_gsm7": not_gsm7(text),
    }
