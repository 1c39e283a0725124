"""Plugin: lotteries under a name, to be started again with one word or by themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins
from bot.context import Context
from bot.errors import CommandError
from bot.events import TimerDue
from bot.model import Role
from bot.plugin import Call
from plugins.lottery import opening, shelf
from plugins.lottery.admin import published
from plugins.lottery.repeat import Repeat, read_repeat
from plugins.lottery.settings import Settings, plugin
from plugins.lottery.shelf import Template

Ctx = Context[Settings]
MOST = 20
_NAME = re.compile(r"[^\s、,;。/@]{1,16}")


def repeat_timer(name: str) -> str:
    return f"repeat:{name}"


@plugin.command(
    "抽奖模板",
    "lotterytemplate",
    role=Role.ADMIN,
    usage="[存 名 <抽奖内容>|用 名|删 名|每周五 18:00 名|停 名]",
    example="/抽奖模板 存 周五福利 咖啡券 x2 2小时",
    help="把抽奖存成模板，一句话再办，或到点自动办",
)
async def template(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    verb, _, rest = call.text.partition(" ")
    kept = {one.name: one for one in await shelf.templates_of(ctx.db, ctx.group.id)}
    if not call.text:
        lines = [_line(ctx, one) for one in kept.values()] or [ctx.text("no_templates")]
        yield ctx.reply(call.event, "\n".join(lines), mention=False)
    elif verb == "存":
        yield ctx.reply(call.event, await _keep(call, ctx, rest.strip(), kept))
    elif verb == "用":
        for action in published(call, ctx, await opening.start(ctx, _of(ctx, kept, rest).line, call.asker.id)):
            yield action
    elif verb == "删":
        one = _of(ctx, kept, rest)
        await shelf.forget_template(ctx.db, ctx.group.id, one.name)
        await ctx.timers.cancel(repeat_timer(one.name))
        yield ctx.reply(call.event, ctx.text("template_gone", 名称=one.name))
    elif verb == "停":
        one = _of(ctx, kept, rest)
        await _put(ctx, Template(one.name, one.line, "", call.asker.id))
        yield ctx.reply(call.event, ctx.text("template_stopped", 名称=one.name))
    else:
        yield ctx.reply(call.event, await _repeat(call, ctx, kept))


def _line(ctx: Ctx, one: Template) -> str:
    return ctx.text(
        "template_line_repeats" if one.rule else "template_line", 名称=one.name, 内容=one.line, 规则=one.rule
    )


def _of(ctx: Ctx, kept: dict[str, Template], name: str) -> Template:
    found = kept.get(name.strip())
    if found is None:
        raise CommandError(ctx.text("no_such_template", 名称=name.strip()[:16] or "…"))
    return found


async def _keep(call: Call, ctx: Ctx, rest: str, kept: dict[str, Template]) -> str:
    name, _, line = rest.partition(" ")
    if not _NAME.fullmatch(name) or not line.strip():
        raise CommandError(ctx.text("template_how"))
    if name not in kept and len(kept) >= MOST:
        raise CommandError(ctx.text("many_templates", 个数=MOST))
    await opening.understood(ctx, line.strip(), call.asker.id)
    rule = kept[name].rule if name in kept else ""
    await _put(ctx, Template(name, line.strip(), rule, call.asker.id))
    return ctx.text("template_kept", 名称=name)


async def _repeat(call: Call, ctx: Ctx, kept: dict[str, Template]) -> str:
    try:
        found = read_repeat(call.text)
    except ValueError as error:
        raise CommandError(ctx.text("template_how")) from error
    if found is None:
        raise CommandError(ctx.text("template_how"))
    rule, name = found
    one = _of(ctx, kept, name)
    await _put(ctx, Template(one.name, one.line, str(rule), call.asker.id))
    return ctx.text("template_repeats", 名称=one.name, 规则=str(rule))


async def _put(ctx: Ctx, one: Template) -> None:
    """Keep the template and have its timer in step."""
    await shelf.keep_template(ctx.db, ctx.group.id, one, ctx.now)
    await ctx.timers.cancel(repeat_timer(one.name))
    if found := read_repeat(one.rule):
        await _next(ctx, one.name, found[0])


async def _next(ctx: Ctx, name: str, rule: Repeat) -> None:
    at = rule.next_after(ctx.now, ctx.group.zone)
    await ctx.timers.start(repeat_timer(name), at=at, payload={"template": name})


@plugin.on(TimerDue, when=lambda event: "template" in event.payload)
async def begin(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    kept = {one.name: one for one in await shelf.templates_of(ctx.db, ctx.group.id)}
    one = kept.get(event.payload["template"])
    found = read_repeat(one.rule) if one else None
    if one is None or found is None:
        return
    await _next(ctx, one.name, found[0])
    try:
        actions = await opening.start(ctx, one.line, one.by)
    except CommandError as error:
        actions = [NotifyAdmins(group=ctx.group.id, text=ctx.text("template_failed", 名称=one.name, 原因=error))]
    for action in actions:
        yield action
