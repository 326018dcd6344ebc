"""Cleans external text before storage: PostgreSQL accepts no NUL, and UTF-8 no lone surrogate."""


def is_storable(text: str) -> bool:
    return storable(text) == text


def storable(text: str) -> str:
    """The text without NUL, each lone surrogate replaced by U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def id_text(value: object) -> str:
    """An id from a text or a whole number; empty for any other value."""
    if isinstance(value, str):
        return storable(value).strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
