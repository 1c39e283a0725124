"""Plugin: ad_guard: `/回放 7天 act_at=0.7`: what a draft would have done to the stored week, before it bites."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.actions import Action, Compute, NotifyAdmins, Purpose, SendImage, SendText
from bot.commands import Call
from bot.context import ArchivedMessage, Case
from bot.duration import format_duration, parse_duration
from bot.errors import CommandError
from bot.events import ErrandDone
from bot.model import Capability, Member, Role
from bot.text import clip
from plugins.ad_guard import store
from plugins.ad_guard.again import WINDOW, replay
from plugins.ad_guard.guard import Settings, plugin
from plugins.ad_guard.memory import Ctx

NAME = "replay"
BUSY = "replaying"
CONSOLE = "console:"
"""How the ids of those begin who order from the console and have no chat to be answered in."""
PATIENCE = timedelta(seconds=40)
MOST = 20_000
"""Messages judged again, the newest."""
WEEK = timedelta(days=7)
REMOVALS_SHOWN, REMINDERS_SHOWN, CASES_SHOWN = 3, 3, 6
DRAFTABLE = (
    "warn_at", "act_at", "act_needs_context", "newcomer_days", "newcomer_messages", "ordinary_messages",
    "join_within", "copies_within",
)  # fmt: skip
_WORDS = {"开": "true", "是": "true", "关": "false", "否": "false"}
_OVER = frozenset({"undone", "dropped", "withdrawn"})


@plugin.command(
    "回放",
    "replay",
    usage="[7天] [键=值 …]",
    example="/回放 7天 act_at=0.7",
    help="试一试：按草案重判最近的消息，会提醒谁、移出谁",
    role=Role.ADMIN,
)
async def try_out(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Reads the stored messages here and has them judged beside; nothing comes of it but an answer."""
    span, draft, said = _read(call, ctx)
    if await ctx.notes.get(BUSY) is not None:
        raise CommandError(ctx.text("replay_busy"))
    lines = await ctx.archive.between(ctx.now - span, ctx.now, limit=MOST)
    if not lines:
        raise CommandError(ctx.text("replay_nothing", 时长=format_duration(span)))
    await ctx.notes.set(BUSY, "1", lasts=PATIENCE)
    payload = {
        "group": call.event.group,
        "to": "" if call.event.group else call.asker.id,
        "asker": call.asker.id,
        "name": call.asker.name,
        "span": format_duration(span),
        "since": (ctx.now - span).isoformat(),
        "draft": said,
        "count": str(len(lines)),
    }
    argument = json.dumps(await _material(lines, draft, ctx), ensure_ascii=False)
    yield Compute(group=ctx.group.id, name=NAME, argument=argument, payload=tuple(payload.items()))
    yield ctx.reply(call.event, ctx.text("replay_begun", 条数=len(lines)))


def _read(call: Call, ctx: Ctx) -> tuple[timedelta, Settings, str]:
    """How far back, the draft, and the draft as it was written. Raises CommandError."""
    span, drafted = WEEK, {}
    for word in call.words:
        key, is_pair, value = word.partition("=")
        if is_pair and key in DRAFTABLE:
            drafted[key] = _WORDS.get(value, value)
        elif is_pair:
            raise CommandError(ctx.text("replay_key", 键=clip(key, 30), 可用="、".join(DRAFTABLE)))
        else:
            try:
                span = parse_duration(word)
            except ValueError:
                raise CommandError(ctx.text("replay_usage")) from None
    if not timedelta(0) < span <= WINDOW:
        raise CommandError(ctx.text("replay_span", 天数=WINDOW.days))
    try:
        draft = Settings.model_validate({**ctx.settings.model_dump(), **drafted})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            # Each fits by itself, but not with the other.
            raise CommandError(str(first["ctx"]["error"]).partition(": ")[2]) from None
        key = str(first["loc"][0])
        raise CommandError(ctx.text("replay_value", 键=key, 值=clip(drafted.get(key, ""), 30))) from None
    return span, draft, " ".join(f"{key}={value}" for key, value in drafted.items())


async def _material(lines: Sequence[ArchivedMessage], draft: Settings, ctx: Ctx) -> dict[str, Any]:
    """All that the judging needs, as plain data: nothing of the chat is within reach of its thread."""
    said: dict[str, int] = {}
    for line in lines:
        said[line.sender_id] = said.get(line.sender_id, 0) + (line.kind != "red_packet")
    people = {}
    for who, count in said.items():
        profile = await ctx.members.get(who) if who else None
        if profile is not None and not await ctx.members.is_exempt(who):
            joined = profile.joined_at.timestamp() if profile.joined_at else None
            people[who] = (profile.name, joined, max(0, profile.message_count - count))
    policies = [ctx.settings.model_dump_json()]
    if draft != ctx.settings:
        policies.append(draft.model_dump_json())
    moderation = ctx.sections.get("moderation")
    grace = moderation.grace if moderation is not None else None
    lessons = await store.listed(ctx.db, ctx.group.id)
    return {
        "lines": [(m.id, m.sender_id, m.at.timestamp(), m.kind, m.text[:4000]) for m in lines if m.sender_id in people],
        "people": people,
        "policies": policies,
        "grace": grace.total_seconds() if grace else 0.0,
        "lessons": [(each.no, each.is_ad, each.sketch.bits, each.sketch.text) for each in lessons if each.sketch.text],
    }


@plugin.compute(NAME)
def judge_again(argument: str) -> str:
    """See `plugins.ad_guard.again`."""
    return json.dumps(replay(json.loads(argument)), ensure_ascii=False)


@plugin.on(ErrandDone)
async def tell(event: ErrandDone, ctx: Ctx) -> AsyncIterator[Action]:
    """The answer, where it was asked; all of it as a file when there is more than fits."""
    if event.name != NAME:
        return
    await ctx.notes.delete(BUSY)
    asked = event.payload
    if event.error:
        yield _say(ctx.text("replay_failed", 原因=clip(event.error, 60)), asked, ctx)
        return
    runs: list[list[dict[str, Any]]] = json.loads(event.text)
    cases = await _cases(datetime.fromisoformat(asked["since"]), ctx)
    whole = len(runs[-1]) > REMOVALS_SHOWN + REMINDERS_SHOWN and Capability.IMAGE in ctx.capabilities
    yield _say("\n".join(_answer(runs, cases, asked, ctx)), asked, ctx)
    if whole and not asked["to"].startswith(CONSOLE):
        lines = "\n".join(_line(found, ctx, 200) for found in runs[-1])
        name = ctx.text("replay_file")
        yield SendImage(group=ctx.group.id, to=asked["to"], name=name, text=lines, purpose=Purpose.REPLY)


async def _cases(since: datetime, ctx: Ctx) -> list[Case]:
    """Ours of that time, the newest 200."""
    return [case for case in await ctx.cases.recent(200) if case.plugin == ctx.plugin and case.opened_at >= since]


def _answer(
    runs: Sequence[Sequence[Mapping[str, Any]]], cases: Sequence[Case], asked: Mapping[str, str], ctx: Ctx
) -> list[str]:
    found = runs[-1]
    key = "replay_head_draft" if len(runs) > 1 else "replay_head"
    lines = [ctx.text(key, 时长=asked["span"], 条数=asked["count"], 草案=clip(asked["draft"], 60))]
    if len(runs) > 1:
        lines.append(ctx.text("replay_now", **_counts(runs[0])))
    lines.append(ctx.text("replay_then", **_counts(found)))
    removed = [each for each in found if each["remove"]]
    others = [each for each in found if not each["remove"]]
    shown = [*removed[:REMOVALS_SHOWN], *others[:REMINDERS_SHOWN]]
    lines += [_line(each, ctx, 24) for each in shown]
    if len(found) > len(shown):
        lines.append(ctx.text("replay_more", 数量=len(found) - len(shown)))
    caught = {each["id"] for each in found}
    repeated = [case for case in cases if case.state == "undone" and case.message_id in caught]
    missed = [case for case in cases if case.state not in _OVER and case.message_id and case.message_id not in caught]
    lines.append(_named("replay_repeats", repeated, ctx) if repeated else ctx.text("replay_no_repeat"))
    if missed:
        lines.append(_named("replay_misses", missed, ctx))
    return lines


def _counts(found: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    removed = sum(bool(each["remove"]) for each in found)
    return {"移出": removed, "提醒": len(found) - removed}


def _named(key: str, cases: Sequence[Case], ctx: Ctx) -> str:
    names = [f"W{case.no} {clip(case.member.name, 10)}" for case in cases[:CASES_SHOWN]]
    return ctx.text(key, 数量=len(cases), 名单="、".join(names))


def _line(found: Mapping[str, Any], ctx: Ctx, width: int) -> str:
    local = datetime.fromtimestamp(found["at"], UTC).astimezone(ctx.group.zone)
    what = "remove" if found["remove"] else "paid" if found["paid"] else "watch" if found["watched"] else "remind"
    return ctx.text(
        "replay_line",
        什么=ctx.text(f"replay_{what}"),
        昵称=clip(found["name"], 12),
        时间=f"{local.month}-{local.day} {local:%H:%M}",
        分数=f"{found['score']:.2f}",
        原文=clip(found["text"], width),
    )


def _say(text: str, asked: Mapping[str, str], ctx: Ctx) -> Action:
    if asked["to"].startswith(CONSOLE):
        return NotifyAdmins(group=ctx.group.id, text=text)
    if asked["to"]:
        return SendText(group=ctx.group.id, to=asked["to"], text=text, purpose=Purpose.REPLY)
    asker = Member(asked["asker"], asked["name"])
    return SendText(group=ctx.group.id, text=f"@{asker.name} {text}", mentions=(asker,), purpose=Purpose.REPLY)
