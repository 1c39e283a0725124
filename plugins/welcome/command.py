"""Plugin: the admins' command for the welcome: look at it, change its parts, switch it on and off."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from bot.actions import Action, Purpose, SendImage, SendText
from bot.commands import OFF, ON, Call
from bot.context import Context
from bot.errors import CommandError
from bot.model import Capability, Role
from bot.text import clean_name
from plugins.welcome.compose import at_name, rules_text, whole_text
from plugins.welcome.plugin import Settings, plugin

_PREVIEW, _SET = {"预览", "看看", "preview"}, {"设置", "修改", "改", "set"}
_PART = re.compile(r"\s*(?:设置|修改|改|set)\s*(?P<part>[^\s:：]*)[\s:：]*(?P<text>.*)", re.DOTALL | re.IGNORECASE)
_KEYS = {
    "开头": "greeting", "欢迎语": "greeting", "主题": "topic", "服务": "services", "禁止": "forbidden",
    "请勿": "forbidden", "鼓励": "encouraged", "激励": "encouraged", "介绍": "introduction", "回来": "back",
    "图片": "picture", "链接": "link", "网址": "link", "公告": "link", "私信": "private_rules",
    "rules": "private_rules",
}  # fmt: skip
_NOTHING, _DEFAULT = {"无", "空", "none"}, {"默认", "default"}
_SWITCH: dict[str, bool] = dict.fromkeys(ON, True) | dict.fromkeys((*OFF, *_NOTHING, "false", ""), False)
SCREEN = 300
"""Characters that a phone shows at once, two letters counting as one; more is allowed, but the admin is told."""
_NARROW = 0x2E7F
"""Up to here letters take half the room of a Chinese character."""


@plugin.command(
    "欢迎",
    "welcome",
    usage="预览 | 开 | 关 | 设置 主题|服务|禁止|鼓励|开头|介绍|回来|图片|链接|私信 内容",
    example="/欢迎 设置 主题 我们一起读书，每月一本",
    help="新人欢迎语：预览、修改、开关",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    word = (call.words or [""])[0].lower()
    if (glued := _PART.match(word)) and glued["part"] in _KEYS:
        word = "set"
    if word in _PREVIEW:
        for action in _preview(call, ctx):
            yield action
    elif word in _SET:
        yield ctx.reply(call.event, await _change(call, ctx))
    elif word in ON | OFF:
        on = word in ON
        await ctx.group_settings.set("welcome.enabled", on, by=call.asker.id)
        yield ctx.reply(call.event, ctx.text("turned_on" if on else "turned_off"))
    elif not word:
        yield ctx.reply(call.event, ctx.text("state_on" if ctx.settings.enabled else "state_off"))
    else:
        raise CommandError(ctx.text("wrong_word", 词=word[:10]))


def _preview(call: Call, ctx: Context[Settings]) -> Iterator[Action]:
    """Exactly what the asker would read on joining, to them alone where the transport can."""
    settings = ctx.settings
    text = whole_text(ctx, settings, at_name(ctx, call.asker), ())
    private = Capability.PRIVATE in ctx.capabilities
    to = call.asker.id if private or not call.event.group else ""
    yield SendText(group=ctx.group.id, to=to, text=text, purpose=Purpose.REPLY)
    if path := ctx.picture(settings.picture):
        yield SendImage(group=ctx.group.id, to=to, path=path, purpose=Purpose.REPLY)
    elif settings.picture:
        yield ctx.reply(call.event, ctx.text("picture_lost", 文件=settings.picture))
    if settings.private_rules and private and (copy := rules_text(ctx, settings, clean_name(call.asker.name))):
        yield SendText(group=ctx.group.id, to=to, text=copy, purpose=Purpose.REPLY)


async def _change(call: Call, ctx: Context[Settings]) -> str:
    found = _PART.match(call.raw)
    name, text = (found["part"], found["text"].strip()) if found else ("", "")
    key = _KEYS.get(name) or (name if name in _KEYS.values() else "")
    if not key:
        raise CommandError(ctx.text("wrong_part", 部分=name[:10]))
    if not text:
        raise CommandError(ctx.text("no_text", 部分=name))
    if text in _NOTHING:
        text = ""
    elif text in _DEFAULT:
        text = str(Settings.model_fields[key].default)
    if not text and key in ("greeting", "back"):
        raise CommandError(ctx.text("must_say", 部分=name))
    value: object = _SWITCH.get(text.lower(), text) if key == "private_rules" else text
    try:
        await ctx.group_settings.set(f"welcome.{key}", value, by=call.asker.id)
    except CommandError as error:
        # The key is the file's word; in the chat the part has a name.
        raise CommandError(str(error).replace(key, f"“{name}”", 1)) from None
    changed = whole_text(ctx, ctx.settings.model_copy(update={key: value}), at_name(ctx, call.asker), ())
    said = ctx.text("changed" if value else "left_out", 部分=name)
    length = sum(1 if ord(character) > _NARROW else 0.5 for character in changed)
    return f"{said}\n{ctx.text('too_long', 字数=round(length), 合适=SCREEN)}" if length > SCREEN else said
