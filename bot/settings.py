"""Every setting, typed, read once from the environment by `Settings.from_env`.

Secrets have no defaults. With DEMO=1 missing ones are made up for this run's data directory,
which `daihou serve` says loudly; without it their absence stops the start, naming each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
# Variables of platforms begin so; each platform's module says which there are (docs/channels).
PLATFORMS = ("WECHAT_", "WECOM_", "WHATSAPP_", "TELEGRAM_", "QQ_", "SMS_", "EMAIL_", "IVR_", "HOOK_")
SECRETS = ("IDENTITY_SECRET", "SESSION_SECRET", "REST_TOKEN", "STAFF_SECRET")


@dataclass(frozen=True)
class Settings:
    """One field a setting; the environment variable is the name in capitals (see `docs/settings.md`)."""

    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 5005
    database_url: str = f"sqlite:///{ROOT / 'var' / 'daihou.db'}"
    var_dir: Path = ROOT / "var"
    models_dir: Path = ROOT / "models"
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")  # noqa: RUF009
    identity_secret: str = ""
    session_secret: str = ""
    rest_token: str = ""
    staff_secret: str = ""  # signs the tokens of staff
    supervisor_contact: str = ""
    identity_idle_minutes: int = 30
    notify_url: str = ""  # the lender's gateway for login codes and alerts (see bot/services/gateway.py)
    notify_token: str = ""
    redis_url: str = ""  # live events and limits of channels between processes; empty: one process
    rest_push_url: str = ""  # what a person or the system says in REST conversations is posted there
    rest_push_token: str = ""
    widget_origins: str = ""  # origins whose pages embed the widget, separated by spaces
    hotline: str = "400-000-0000"
    lender_name: str = "示例消费金融"
    log_level: str = "INFO"
    max_message_chars: int = 2000
    speech_url: str = ""  # the lender's recogniser for voice messages without words (bot/services/channels/hearing.py)
    speech_token: str = ""
    public_url: str = ""  # where borrowers reach this server from outside: links in messages begin with it
    platforms: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # the variables of channels; secrets among them
    rasa_direct: bool = True  # False: Rasa as it comes (bot/dialogue/direct_runner.py, light_rasa.py)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            ConfigError: a value cannot be read; the message names the variable.
        """
        values: dict[str, object] = {}
        values["platforms"] = {key: value for key, value in env.items() if key.startswith(PLATFORMS)}
        for name, one in cls.__dataclass_fields__.items():
            if name == "platforms":
                continue
            raw = env.get(name.upper())
            if raw is None or raw == "":
                continue
            try:
                values[name] = _read(str(one.type), raw)
            except (ValueError, KeyError, OSError) as error:
                raise ConfigError(f"{name.upper()}={raw!r} cannot be used: {error}") from error
        return cls(**values)  # type: ignore[arg-type]

    def missing_secrets(self) -> tuple[str, ...]:
        """The environment variables of secrets that are not set."""
        return tuple(name for name in SECRETS if not getattr(self, name.lower()))


def _read(kind: str, raw: str) -> object:
    if kind == "bool":
        if raw not in ("0", "1"):
            raise ValueError("write 0 or 1")
        return raw == "1"
    if kind == "int":
        return int(raw)
    if kind == "Path":
        return Path(raw)
    if kind == "ZoneInfo":
        return ZoneInfo(raw)
    return raw
