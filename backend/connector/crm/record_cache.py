"""Records as they were a moment ago, for previews: HubSpot is not asked at each pause of somebody who types.

They hold people's data, so they stay in this process's memory, few of them and not for long. Nothing that is decided
rests on them: opening a card and sending read anew, other processes read for themselves, and what would be refused
because of a kept record is looked at in HubSpot first.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import current_app

from connector.crm.records import TextableRecord, read_record
from connector.store.portals.portals import Portal
from connector.wiring import Wiring

KEPT_S: Final = 20.0
#: Records of one process, whoever's they are: some hundred people who compose at the same time.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: a portal that changes its phone properties asks something else."""

    portal_id: int
    object_type_id: str
    object_id: str
    properties: tuple[str, ...]
    phone_properties: tuple[str, ...]
    company_phone_properties: tuple[str, ...]
    default_country: str


class KeptRecords:
    """The kept records of one process, for all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Question, tuple[float, TextableRecord]] = OrderedDict()  # oldest first

    def find(self, question: Question) -> TextableRecord | None:
        with self._lock:
            self._drop_old()
            _, record = self._kept.get(question, (0.0, None))
            return record

    def keep(self, question: Question, record: TextableRecord) -> None:
        with self._lock:
            self._drop_old()
            self._kept.pop(question, None)
            self._kept[question] = (time.monotonic() + KEPT_S, record)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def forget(self, portal_id: int, object_type_id: str, object_id: str) -> None:
        """Whatever was asked about this record."""
        about = (portal_id, object_type_id, object_id)
        with self._lock:
            for question in list(self._kept):
                if (question.portal_id, question.object_type_id, question.object_id) == about:
                    del self._kept[question]

    def _drop_old(self) -> None:
        now = time.monotonic()
        while self._kept and next(iter(self._kept.values()))[0] <= now:
            self._kept.popitem(last=False)


def kept_records() -> KeptRecords:
    found: KeptRecords = current_app.extensions["kept_records"]
    return found


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A record for a preview: kept, or read and kept."""

    record: TextableRecord
    is_fresh: bool


def read_for_preview(
    wiring: Wiring,
    portal: Portal,
    object_type_id: str,
    object_id: str,
    properties: Sequence[str],
    *,
    deadline: float,
    anew: bool = False,
) -> KeptReading:
    """As `read_record`; `anew`: what is kept will not do."""
    question = Question(
        portal.portal_id,
        object_type_id,
        object_id,
        tuple(properties),
        tuple(portal.phone_properties),
        tuple(portal.company_phone_properties),
        portal.default_country,
    )
    kept = None if anew else kept_records().find(question)
    if kept is not None:
        return KeptReading(kept, is_fresh=False)
    record = read_record(wiring, portal, object_type_id, object_id, properties, deadline=deadline)
    kept_records().keep(question, record)
    return KeptReading(record, is_fresh=True)
