"""Engine room: telling the deployer by another way than WeChat: a webhook of 企业微信, 钉钉, 飞书 or any other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from bot.clock import Clock
from bot.download import Web
from bot.obstacle import NotAllowed
from bot.settings import WatchSection

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=10)
"""The same news is not told twice within this time."""
LONGEST = 1000

Form = Callable[[WatchSection, str, datetime], tuple[str, dict[str, Any]]]
"""Address and body of one message."""


@dataclass(slots=True)
class Alerts:
    """What is wrong for longer than `[watch] after` is told, once and then every `repeat`; and when it is over."""

    settings: WatchSection
    web: Web
    clock: Clock
    name: str
    sent: int = 0
    failed: int = 0
    _since: dict[str, datetime] = field(default_factory=dict)
    _told: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _news: dict[str, datetime] = field(default_factory=dict)

    @property
    def on(self) -> bool:
        return bool(self.settings.webhook.get_secret_value())

    async def look(self, reasons: Sequence[str]) -> None:
        """Compare what is wrong now with what was told; a message that does not get out is tried at the next look."""
        if not self.on:
            return
        now = self.clock.now()
        present = {_key(reason): reason for reason in reasons}
        self._since = {key: self._since.get(key, now) for key in present}
        due = [key for key in present if self._is_due(key, now)]
        over = [key for key in self._told if key not in present]
        if due and await self._send("⚠️ " + "；".join(present[key] for key in due)):
            self._told |= {key: (now, present[key]) for key in due}
        if over and await self._send("✅ 恢复了：" + "；".join(self._told[key][1] for key in over)):
            for key in over:
                del self._told[key]

    async def tell(self, news: str) -> None:
        """Something that happened, rather than lasts."""
        now = self.clock.now()
        self._news = {text: at for text, at in self._news.items() if now - at < AGAIN}
        if not self.on or news in self._news:
            return
        self._news[news] = now
        await self._send(f"ℹ️ {news}")

    def _is_due(self, key: str, now: datetime) -> bool:
        if key in self._told:
            return now - self._told[key][0] >= self.settings.repeat
        return now - self._since[key] >= self.settings.after

    async def _send(self, text: str) -> bool:
        said = f"【{self.name}】{text}"[:LONGEST]
        url, body = FORMS[self.settings.kind](self.settings, said, self.clock.now())
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = await self.web.ask(url, body=json.dumps(body, ensure_ascii=False), headers=headers)
            error = _complaint(answer.status, answer.text)
        except TimeoutError:
            error = "timed out"
        except (NotAllowed, OSError) as trouble:
            error = str(trouble)
        self.failed += bool(error)
        self.sent += not error
        if error:
            log.error("the webhook did not take an alert: %s", error)
        return not error


def _key(reason: str) -> str:
    """The same trouble with another number is the same trouble."""
    return re.sub(r"\d+", "#", reason)


def _complaint(status: int, text: str) -> str:
    """Why the far side did not take it: these services answer 200 with an error code in the body."""
    if not 200 <= status < 300:
        return f"HTTP {status}"
    try:
        said = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(said, dict):
        return ""
    code = said.get("errcode", said.get("code", said.get("StatusCode", 0)))
    return "" if code in (0, None, 200) else f"{code}: {said.get('errmsg') or said.get('msg') or ''}"[:200]


def _wecom(settings: WatchSection, text: str, _now: datetime) -> tuple[str, dict[str, Any]]:
    """https://developer.work.weixin.qq.com/document/path/91770"""
    return settings.webhook.get_secret_value(), {"msgtype": "text", "text": {"content": text}}


def _dingtalk(settings: WatchSection, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """https://open.dingtalk.com/document/robots/custom-robot-access"""
    url, secret = settings.webhook.get_secret_value(), settings.secret.get_secret_value()
    if secret:
        stamp = str(round(now.timestamp() * 1000))
        signed = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        joint = "&" if "?" in url else "?"
        url += f"{joint}timestamp={stamp}&sign={quote_plus(base64.b64encode(signed))}"
    return url, {"msgtype": "text", "text": {"content": text}}


def _feishu(settings: WatchSection, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret := settings.secret.get_secret_value():
        stamp = str(int(now.timestamp()))
        signed = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
    return settings.webhook.get_secret_value(), body


def _generic(settings: WatchSection, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    return settings.webhook.get_secret_value(), {"text": text, "at": now.isoformat()}


FORMS: dict[str, Form] = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu, "generic": _generic}
