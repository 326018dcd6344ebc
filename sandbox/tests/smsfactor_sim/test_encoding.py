"""Parts and characters, checked by vectors of the 3GPP rules and an independent counter."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from sandbox.smsfactor_sim.sending.encoding import Encoded, encode
from sandbox.smsfactor_sim.wire import GatewayError

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0129:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€"


def count(text: str, unicode_on: bool, part_size: int = 67) -> Encoded:
    return encode(text, unicode_on=unicode_on, policy="replace", part_size=part_size)


@pytest.mark.parametrize(
    ("text", "unicode_on", "units", "parts"),
    [
        ("a" * 160, False, 160, 1),
        ("a" * 161, False, 161, 2),
        ("a" * 306, False, 306, 2),
        ("a" * 307, False, 307, 3),
        ("a" * 459, False, 459, 3),
        ("a" * 460, False, 460, 4),
        ("€" * 80, False, 160, 1),
        ("€" * 81, False, 162, 2),
        ("a" * 152 + "€" + "a" * 151, False, 305, 2),
        ("a" * 152 + "€" + "a" * 152, False, 306, 3),
        ("é" * 70, True, 70, 1),
        ("é" * 71, True, 71, 2),
        ("é" * 134, True, 134, 2),
        ("é" * 135, True, 135, 3),
        ("😀" * 35, True, 70, 1),
        ("😀" * 36, True, 72, 2),
        ("a" * 66 + "😀" + "a" * 65, True, 133, 2),
        ("a" * 66 + "😀" + "a" * 66, True, 134, 3),
        # The flag makes plain text UCS-2 as well.
        ("a" * 71, True, 71, 2),
    ],
)
def test_vectors(text: str, unicode_on: bool, units: int, parts: int) -> None:
    encoded = count(text, unicode_on)
    assert (encoded.units, encoded.parts) == (units, parts)


def test_part_size_70() -> None:
    assert count("é" * 140, True, part_size=70).parts == 2


@given(st.text(alphabet=GSM, min_size=1, max_size=700))
def test_gsm_parts_agree_with_an_independent_counter(text: str) -> None:
    assert count(text, False).text == text
    assert count(text, False).parts == max(1, len(smsutil.gsm_split(text).parts))


@given(st.text(alphabet="aé 😀ç", min_size=1, max_size=400))
def test_unicode_parts_agree_with_an_independent_counter(text: str) -> None:
    assert count(text, True).parts == max(1, len(smsutil.unicode_split(text).parts))


@pytest.mark.parametrize(
    ("policy", "shown"),
    [("replace", "?a va, l?été, ?uf ? ?"), ("transliterate", "ca va, l'été, oeuf A ?")],
)
def test_policies_for_other_characters(policy: str, shown: str) -> None:
    text = "ça va, l’été, œuf Â 😀"
    assert encode(text, unicode_on=False, policy=policy, part_size=67).text == shown


def test_policy_reject() -> None:
    with pytest.raises(GatewayError, match="ç"):
        encode("ça va", unicode_on=False, policy="reject", part_size=67)
    assert encode("Ça va", unicode_on=False, policy="reject", part_size=67).text == "Ça va"
