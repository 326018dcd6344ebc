"""The text written to the CRM: it shows the targets of links and the STOP offer, never the gateway's tags."""

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text.readable_text import STOP_MARK, readable_text
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG
from connector.domain.vocabulary import PushType

SALE, SHOP = "https://lumen.example/soldes?de=sms", "https://lumen.example/adresse"
PIECES = st.lists(st.sampled_from([SHORT_URL_TAG, STOP_TAG, "<-", "->", "Bonjour", " ", "\n"]), max_size=12)


def read(text: str, *links: str, push_type: PushType = PushType.ALERT, sender: str | None = None) -> str:
    return readable_text(text, links, push_type=push_type, sender=sender)


def test_targets_stand_where_their_links_do() -> None:
    text = "Soldes : <-short-> et <-short->\n<-stop->"
    assert read(text, SALE, SHOP) == f"Soldes : {SALE} et {SHOP}\n{STOP_MARK}"


def test_mention_that_the_gateway_adds_is_told_too() -> None:
    assert read("Soldes ", push_type=PushType.MARKETING, sender="LUMEN") == f"Soldes {STOP_MARK}"
    assert read("Soldes", push_type=PushType.MARKETING) == "Soldes"
    assert read("Soldes", push_type=PushType.ALERT, sender="LUMEN") == "Soldes"


def test_mention_is_told_once() -> None:
    assert read("<-stop-> Soldes", push_type=PushType.MARKETING, sender="LUMEN") == f"{STOP_MARK} Soldes"


def test_everything_else_is_left_as_it_was_written() -> None:
    for text in ("Bonjour", "  2 < 3 -> vrai\n", "<stop> <short>", "<-STOP->", ""):
        assert read(text) == text


@given(
    pieces=PIECES, push_type=st.sampled_from(["alert", "marketing"]), sender=st.sampled_from([None, "LUMEN"])
)
def test_no_tag_is_left_in_a_text_that_was_sent(
    pieces: list[str], push_type: PushType, sender: str | None
) -> None:
    text = "".join(pieces)
    links = [f"https://lumen.example/{n}" for n in range(text.count(SHORT_URL_TAG))]
    shown = read(text, *links, push_type=push_type, sender=sender)
    assert SHORT_URL_TAG not in shown
    assert STOP_TAG not in shown
    assert [shown.count(link) for link in links] == [1] * len(links)
