"""All state of the simulator, in memory. A start or a reset creates a new world. One lock guards everything."""

import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sandbox.control import Clock, Settings
from sandbox.origins import Origins
from sandbox.smsfactor_sim.numbers import Mobile, read_mobile
from sandbox.smsfactor_sim.things import (
    Account,
    Campaign,
    ContactList,
    ListedNumber,
    Message,
    Reply,
    ShortLink,
    Token,
    Webhook,
)

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
SHORT_LINK_BASE = "https://smsf.st/"


@dataclass(frozen=True)
class Config:
    """The start options: the first account's token and credentials, its credits, and the origin mappings."""

    token: str
    origins: Origins
    email: str = "ops@atelier-lumen.example"
    password: str = "lumen-sandbox"
    credits: int = 1250


_PROFILE = {
    "firstname": "Ines",
    "lastname": "Moreau",
    "city": "Nantes",
    "type": "company",
    "company": "Atelier Lumen",
    "phone": "33240000000",
    "address1": "4 quai de la Fosse",
    "zip": "44000",
    "country_code": "FR",
}


class World:
    """The state, with short queries that all parts use. Hold `lock` while reading or changing anything."""

    def __init__(self, config: Config, clock: Clock, settings: Settings) -> None:
        self.config = config
        # The present instant. The scheduler replaces it by its own: a late action, after a large move of the clock,
        # still happens at the instant it was due.
        self.now: Callable[[], datetime] = clock.now
        self.settings = settings
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything and open the first account with its token."""
        with self.lock:
            self.accounts: dict[str, Account] = {}
            self.tokens: dict[int, Token] = {}
            self.campaigns: dict[str, Campaign] = {}
            self.messages: list[Message] = []
            self.replies: list[Reply] = []
            self.short_links: dict[str, ShortLink] = {}
            self.stops: dict[str, ListedNumber] = {}
            self.npais: dict[str, ListedNumber] = {}
            self.lists: dict[str, ContactList] = {}
            self.webhooks: dict[str, Webhook] = {}
            # Every SMS ever accepted, in order: the proof that each was sent once. Counted by the client's own id.
            self.accepted: list[dict[str, object]] = []
            self.accepted_of: Counter[str | None] = Counter()
            self.messages_of: dict[str, Message] = {}  # the newest of each gsmsmsid
            self.last_message_to: dict[str, Message] = {}
            # (account, number, text) -> instants accepted, for the flood filter.
            self.recent: defaultdict[tuple[str, str, str], list[datetime]] = defaultdict(list)
            self._ids = count(1)
            self._tickets = count(15_948_909)
            first = Account("204518", self.config.email, self.config.password, self.config.credits)
            first.profile = dict(_PROFILE)
            self.accounts[first.client_id] = first
            self._client_ids = count(204_519)
            token_id = int(self.next_id())
            self.tokens[token_id] = Token(
                token_id, first.client_id, "Platform", self.config.token, self.now()
            )

    def add_message(self, message: Message) -> None:
        """Store a message for the look-ups."""
        self.messages.append(message)
        if message.gsmsmsid is not None:
            self.messages_of[message.gsmsmsid] = message

    def note_accepted(self, entry: dict[str, object]) -> None:
        """Add a line to the log of accepted SMS."""
        self.accepted.append(entry)
        self.accepted_of[str(entry["gsmsmsid"]) if entry["gsmsmsid"] is not None else None] += 1

    def next_id(self) -> str:
        """A new id, unique in this world, as the API's numeric text."""
        return str(next(self._ids))

    def next_ticket(self) -> str:
        """A new campaign id."""
        return str(next(self._tickets))

    def next_client_id(self) -> str:
        """A new account id."""
        return str(next(self._client_ids))

    def new_code(self) -> str:
        """A short-link code of five characters that is not taken."""
        while True:
            code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(5))
            if code not in self.short_links:
                return code

    def mobile(self, raw: str) -> Mobile | None:
        """The mobile number in a call, as the settings have it; None when it counts as invalid."""
        return read_mobile(raw, national=self.settings["national_numbers"] == "french")

    def payer(self, account: Account) -> Account:
        """The account whose credits a send takes: the parent's for an unlimited sub-account."""
        parent = self.accounts.get(account.parent_id)
        return parent if account.unlimited and parent is not None else account

    def listed(self, lists: dict[str, ListedNumber], account_id: str) -> list[ListedNumber]:
        """The entries of one account in a STOP or NPAI list, oldest first."""
        return [entry for entry in lists.values() if entry.account_id == account_id]

    def add_to_list(
        self,
        lists: dict[str, ListedNumber],
        account_id: str,
        number: str,
        campaign_id: str | None = None,
        infos: Mapping[str, str] | None = None,
    ) -> None:
        """Put a number into the account's STOP or NPAI list, once."""
        key = f"{account_id}/{number}"
        if key not in lists:
            entry = ListedNumber(self.next_id(), account_id, number, self.now(), campaign_id)
            entry.infos = dict(infos or {})
            lists[key] = entry
