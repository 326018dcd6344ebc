"""Drafts: one for each user and record, the newest of two tabs, for 24 hours, found by record and by number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.tests.factories import a_portal
from connector.store.database import Conn
from connector.store.messages import drafts
from connector.store.messages.drafts import DraftKey
from connector.store.portals.portals import Portal
from connector.store.vault import Vault

NOW = datetime.now(UTC)
NUMBER = "+33612345678"


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


@pytest.fixture
def key(portal: Portal) -> DraftKey:
    return DraftKey(portal.portal_id, 77, "0-1", "501")


def put(conn: Conn, key: DraftKey, text: str | None, written_at: datetime = NOW) -> bool:
    content = None if text is None else {"text": text}
    return drafts.put(conn, key, content, recipient=NUMBER, written_at=written_at)


def text_of(conn: Conn, key: DraftKey) -> str | None:
    found = drafts.find(conn, key)
    return found.content["text"] if found else None


def rows(conn: Conn, where: str, *values: Any) -> Iterator[dict[str, Any]]:
    yield from conn.execute(f"SELECT * FROM drafts WHERE {where}", values)  # noqa: S608


def test_the_newest_of_two_tabs_wins(conn: Conn, key: DraftKey) -> None:
    assert put(conn, key, "du second onglet")
    assert not put(conn, key, "du premier, en retard", NOW - timedelta(seconds=1))
    assert text_of(conn, key) == "du second onglet"


def test_a_late_save_does_not_bring_a_sent_text_back(conn: Conn, key: DraftKey) -> None:
    put(conn, key, "Bonjour", NOW - timedelta(seconds=2))
    assert put(conn, key, None)
    assert not put(conn, key, "Bonjour", NOW - timedelta(seconds=1))
    assert text_of(conn, key) is None
    assert not drafts.exists(conn, key)


def test_a_clock_that_is_ahead_shuts_no_other_out(conn: Conn, key: DraftKey) -> None:
    put(conn, key, "demain", NOW + timedelta(days=1))
    conn.commit()
    assert put(conn, key, "maintenant", datetime.now(UTC) + timedelta(seconds=1))
    assert text_of(conn, key) == "maintenant"


def test_a_draft_is_of_one_user_and_one_record(conn: Conn, key: DraftKey) -> None:
    put(conn, key, "à moi")
    others = (
        DraftKey(key.portal_id, 78, "0-1", "501"),
        DraftKey(key.portal_id, 77, "0-1", "502"),
        DraftKey(key.portal_id, 77, "0-2", "501"),
        DraftKey(key.portal_id + 1, 77, "0-1", "501"),
    )
    assert [text_of(conn, other) for other in others] == [None] * 4


def test_a_draft_ends_after_a_day_and_the_next_save_removes_it(conn: Conn, key: DraftKey) -> None:
    put(conn, key, "vieux")
    conn.execute("UPDATE drafts SET saved_at = now() - interval '24 hours'")
    assert text_of(conn, key) is None
    drafts.remove_expired(conn)
    assert list(rows(conn, "true")) == []


def test_a_save_keeps_a_draft_for_another_day(conn: Conn, key: DraftKey) -> None:
    put(conn, key, "hier", NOW - timedelta(seconds=1))
    conn.execute("UPDATE drafts SET saved_at = now() - interval '23 hours'")
    put(conn, key, "aujourd'hui")
    drafts.remove_expired(conn)
    [row] = rows(conn, "saved_at > now() - interval '1 minute'")
    assert row["content"] == {"text": "aujourd'hui"}


def test_a_person_is_found_by_record_and_by_number(conn: Conn, key: DraftKey) -> None:
    """For erasure: their record may be gone, and a deal's draft names them by number alone."""
    put(conn, key, "sur la fiche")
    deal = DraftKey(key.portal_id, 77, "0-3", "9001")
    put(conn, deal, "sur la transaction")
    by_number = rows(conn, "portal_id = %s AND recipient = %s", key.portal_id, NUMBER)
    assert {row["object_id"] for row in by_number} == {"501", "9001"}
    by_record = rows(conn, "portal_id = %s AND object_type_id = '0-1' AND object_id = '501'", key.portal_id)
    assert [row["content"]["text"] for row in by_record] == ["sur la fiche"]
    put(conn, deal, None)
    assert (
        len(list(rows(conn, "portal_id = %s AND recipient = %s", key.portal_id, NUMBER))) == 1
    )  # an ended draft names nobody
