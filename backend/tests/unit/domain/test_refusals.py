"""Refusals as the views receive them, without internal details."""

from connector.domain.refusals import Code, Refusal


def test_as_json() -> None:
    refusal = Refusal(Code.TEXT_TOO_LONG, parts=11, max=10)
    assert refusal.as_json() == {"code": "text_too_long", "params": {"parts": 11, "max": 10}}


def test_equality_is_by_code_and_params() -> None:
    assert Refusal(Code.OPTED_OUT, number="+33612345678") == Refusal(Code.OPTED_OUT, number="+33612345678")
    assert Refusal(Code.OPTED_OUT, number="+33612345678") != Refusal(Code.OPTED_OUT, number="+33612345679")
    assert Refusal(Code.TEXT_EMPTY) != Code.TEXT_EMPTY


def test_what_ends_up_in_logs_holds_no_value() -> None:
    refusal = Refusal(Code.NUMBER_INVALID, raw="0612345678")
    assert "0612345678" not in repr(refusal)
    assert "0612345678" not in str(refusal)
