"""Settings of a simulator: declared once with default and meaning, changed over HTTP, restored by a reset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = bool | int | float | str | list[Any] | dict[str, Any] | None


@dataclass(frozen=True)
class Setting:
    """One setting: its default, one line of help, and the values allowed (any of the default's type when
    None)."""

    default: Value
    help: str
    choices: tuple[Value, ...] | None = None


#: The network between the app and the service; both simulators have these.
NETWORK: dict[str, Setting] = {
    "slow_s": Setting(
        0, "slow mode: a call is processed, and its answer leaves this many real seconds later"
    ),
    "proxy_page": Setting(0, "HTTP status of a proxy's HTML page that answers every call; 0 is off"),
    "proxy_page_after": Setting(
        True, "the call behind the proxy's page was processed; False: it never arrived"
    ),
}


class SettingError(ValueError):
    """A setting that does not exist, or a value of the wrong type or outside the choices."""


class Settings:
    """Named values read by attribute or item: `settings["dlr_delay_s"]`."""

    def __init__(self, declared: Mapping[str, Setting]) -> None:
        self.declared = dict(declared)
        self._values: dict[str, Value] = {}
        self.reset()

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def values(self) -> dict[str, Value]:
        """All present values by name."""
        return dict(self._values)

    def reset(self) -> None:
        """Restore every default."""
        self._values = {name: setting.default for name, setting in self.declared.items()}

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change all the given settings or none. Raises SettingError with the setting and its allowed values."""
        checked = {name: self._checked(name, value) for name, value in changes.items()}
        self._values = {**self._values, **checked}

    def _checked(self, name: str, value: Any) -> Value:
        setting = self.declared.get(name)
        if setting is None:
            raise SettingError(f"no setting {name!r}; there are: {', '.join(sorted(self.declared))}")
        if setting.choices is not None:
            if value not in setting.choices or isinstance(value, bool) != isinstance(setting.default, bool):
                raise SettingError(f"{name} must be one of {list(setting.choices)}, not {value!r}")
            return value  # type: ignore[no-any-return]
        if not _same_kind(setting.default, value):
            kind = type(setting.default).__name__
            raise SettingError(f"{name} must be of the kind {kind}, not {value!r}")
        return value  # type: ignore[no-any-return]

    def help(self) -> str:
        """One line for each setting: name, present value, default, meaning."""
        lines = []
        for name, setting in sorted(self.declared.items()):
            allowed = f" one of {list(setting.choices)};" if setting.choices else ""
            value, default = self._values[name], setting.default
            lines.append(f"  {name} = {value!r} (default {default!r};{allowed} {setting.help})")
        return "\n".join(lines)


def _same_kind(default: Value, value: Any) -> bool:
    """True when `value` may replace `default`: numbers mix, True is no number, None is for optional settings only."""
    if default is None:
        return value is None or isinstance(value, str | int | float)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and value >= 0
    return isinstance(value, type(default))
