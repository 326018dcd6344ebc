"""Page objects: the visible content and the actions of each page, in the language of the test.

Locators use roles and labels; the words come from the product's and the sandbox's own dictionaries (`words.py`).
"""

from pages.card import Card
from pages.composer import Composer
from pages.consent import ConsentPage
from pages.handsets import Handsets
from pages.keyboard import Keyboard
from pages.record import KINDS, RecordPage
from pages.record_list import RecordList
from pages.sending import SendingPage
from pages.settings import SettingsPage
from pages.start import StartPage
from pages.tools import TOOLS
from pages.words import LANGUAGES, Words
from pages.workflow import WorkflowPage

__all__ = [
    "KINDS",
    "LANGUAGES",
    "TOOLS",
    "Card",
    "Composer",
    "ConsentPage",
    "Handsets",
    "Keyboard",
    "RecordList",
    "RecordPage",
    "SendingPage",
    "SettingsPage",
    "StartPage",
    "Words",
    "WorkflowPage",
]
