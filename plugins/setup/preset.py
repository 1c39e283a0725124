"""Plugin: setup: presets for kinds of groups, and templates copied from a group of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Role
from bot.text import clip, normalise
from plugins.setup.plugin import Ctx, plugin
from plugins.setup.step import changes, fitting
from plugins.setup.tables import templates

MOST = 50
LONGEST_NAME = 12
_PERSONAL = frozenset(("bot.control",))
"""Not copied: it names people."""
_SAVE, _USE = frozenset(("存", "保存", "save")), frozenset(("用", "使用", "use"))
_DELETE, _LIST = frozenset(("删", "删除", "delete")), frozenset(("列表", "list"))


@plugin.command(
    "预设",
    "preset",
    usage="[名]",
    example="/预设 读书会",
    help="按群的类型一次设好：先看会改什么，再确认，能一起撤销",
    role=Role.ADMIN,
)
async def use_preset(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Without a name: says which there are."""
    ctx.need_group()
    known = {normalise(name).lower(): preset for name, preset in ctx.presets.items()}
    wanted = normalise(call.text).lower()
    if not wanted or wanted in _LIST:
        lines = [ctx.text("preset_line", 名=preset.name, 说明=preset.about) for preset in ctx.presets.values()]
        yield ctx.reply(call.event, "\n".join([ctx.text("preset_head"), *lines]), mention=False)
        return
    if wanted not in known:
        names = ctx.text("comma").join(ctx.presets)
        raise CommandError(ctx.text("preset_unknown", 名=clip(call.text, 20), 可选=names))
    preset = known[wanted]
    yield await _apply(call, ctx, preset.values, ctx.text("step_preset", 名=preset.name))


async def _apply(call: Call, ctx: Ctx, values: Any, step: str) -> Action:
    """Show what would change; the second time, change it."""
    good, bad = fitting(ctx, values)
    lines = changes(ctx, good)
    if not lines:
        raise CommandError(ctx.text("nothing_new", 步骤=step))
    if not call.confirmed:
        passed = [ctx.text("passed_over", 键=ctx.text("comma").join(bad[:5]))] if bad else []
        return await ctx.ask_first(call, "\n".join([ctx.text("preview", 步骤=step), *lines, *passed]))
    done = await ctx.group_settings.set_many(good, by=call.asker.id, origin=step)
    return ctx.reply(call.event, ctx.text("applied", 步骤=step, 数目=len(done)))


@dataclass(frozen=True, slots=True)
class Template:
    """Settings kept under a name; they are their author's."""

    name: str
    values: dict[str, Any]
    by: str


async def _mine(call: Call, ctx: Ctx) -> dict[str, Template]:
    everything = await ctx.members.role_of(call.asker.id) >= Role.KEEPER or call.asker.role >= Role.KEEPER
    rows = await ctx.db.execute(select(templates).order_by(templates.c.name))
    found = [Template(row.name, row._mapping["values"], row.by) for row in rows]
    return {one.name: one for one in found if everything or one.by == call.asker.id}


@plugin.command(
    "模板",
    "template",
    usage="存 名 | 用 名 | 删 名 | 列表",
    example="/模板 存 我的读书群",
    help="把这个群的设置存成模板，用到你管的别的群",
    role=Role.ADMIN,
)
async def steer_templates(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    ctx.need_group()
    doing, _, name = call.text.partition(" ")
    doing, name = doing.lower(), name.strip().strip('"')
    mine = await _mine(call, ctx)
    if not doing or doing in _LIST:
        names = ctx.text("comma").join(mine)
        yield ctx.reply(call.event, ctx.text("templates", 名单=names) if mine else ctx.text("templates_none"))
        return
    if doing not in _SAVE | _USE | _DELETE or not 0 < len(name) <= LONGEST_NAME:
        raise CommandError(ctx.text("template_wrong", 最多=LONGEST_NAME))
    if doing in _SAVE:
        yield ctx.reply(call.event, await _save(call, ctx, name, mine))
        return
    if name not in mine:
        raise CommandError(ctx.text("template_unknown", 名=name, 可选=ctx.text("comma").join(mine) or ctx.text("none")))
    if doing in _USE:
        yield await _apply(call, ctx, mine[name].values, ctx.text("step_template", 名=name))
        return
    await ctx.db.execute(delete(templates).where(templates.c.name == name))
    yield ctx.reply(call.event, ctx.text("template_deleted", 名=name))


async def _save(call: Call, ctx: Ctx, name: str, mine: dict[str, Template]) -> str:
    values = {key: value for key, value in ctx.group_settings.own().items() if key not in _PERSONAL}
    if not values:
        raise CommandError(ctx.text("template_empty"))
    taken = (await ctx.db.execute(select(templates.c.by).where(templates.c.name == name))).scalar_one_or_none()
    if taken is not None and name not in mine:
        raise CommandError(ctx.text("template_taken", 名=name))
    if len(mine) >= MOST and name not in mine:
        raise CommandError(ctx.text("template_most", 最多=MOST))
    await ctx.db.execute(delete(templates).where(templates.c.name == name))
    row = {"name": name, "values": values, "by": call.asker.id, "from_group": ctx.group.id, "at": ctx.now}
    await ctx.db.execute(insert(templates).values(row))
    return ctx.text("template_saved", 名=name, 数目=len(values))
