"""The country that a CRM record names: as a code, or as a name in French or English (offline, from `phonenumbers`)."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.geodata.locale import LOCALE_DATA

# Names in use that the data lacks or spells otherwise.
_OTHER_NAMES: Final = {
    "UK": "GB",
    "Great Britain": "GB",
    "Grande-Bretagne": "GB",
    "England": "GB",
    "Angleterre": "GB",
    "Scotland": "GB",
    "Écosse": "GB",
    "Wales": "GB",
    "Pays de Galles": "GB",
    "Northern Ireland": "GB",
    "Irlande du Nord": "GB",
    "USA": "US",
    "U.S.A.": "US",
    "États-Unis d’Amérique": "US",
    "United States of America": "US",
    "Hollande": "NL",
    "Holland": "NL",
    "The Netherlands": "NL",
    "Czech Republic": "CZ",
    "République tchèque": "CZ",
    "Tchéquie": "CZ",
    "Russia": "RU",
    "South Korea": "KR",
    "Corée du Sud": "KR",
    "Ivory Coast": "CI",
    "Turkey": "TR",
    "Réunion": "RE",
    "Saint-Barthélemy": "BL",
    "Saint-Martin": "MF",
    "Vatican": "VA",
    "Kosovo": "XK",
    "Macedonia": "MK",
    "Macédoine": "MK",
    "Emirats arabes unis": "AE",
    "UAE": "AE",
    "Hong Kong": "HK",
    "Taiwan": "TW",
    "Taïwan": "TW",
    "Viet Nam": "VN",
    "Viêt Nam": "VN",
    "Vietnam": "VN",
}
_ARTICLE: Final = re.compile(r"(?:the|la|le|les|l) ")


def country_of(written: str | None) -> str | None:
    """The ISO 3166 code ("CH") of a country as a record has it; None if it is empty or unknown. Never raises."""
    return _known().get(_plain(written)) if written and len(written) <= 100 else None


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Codes by plain name and by plain code."""
    known: dict[str, str] = {}
    for code in LOCALE_DATA:
        known.update({_plain(name): code for name in _names(code)})
    known.update({_plain(name): code for name, code in _OTHER_NAMES.items()})
    known.update({_plain(code): code for code in SUPPORTED_REGIONS | LOCALE_DATA.keys()})
    known.pop("", None)
    return known


def _names(code: str) -> list[str]:
    """The country's French and English names; "*fr" in the data means "as in French"."""
    names = LOCALE_DATA[code]
    written = (names.get(language, "") for language in ("fr", "en"))
    return [str(names.get(name[1:], "") if name.startswith("*") else name) for name in written]


def _plain(name: str) -> str:
    """A name without accents, case, punctuation and article."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^a-z]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words.replace("u s a", "usa")
