"""Plugin: entry: the admins' desk: one word decides, one command sets the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import OFF, Call
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Role
from bot.text import clean_name, clip
from plugins.entry import store
from plugins.entry.admit import admit, is_barred, tell
from plugins.entry.plugin import Ctx, plugin
from plugins.entry.store import Application, State
from plugins.entry.word import may_decide, read_decision

_KINDS = {
    "口令": "password",
    "密码": "password",
    "暗号": "password",
    "问题": "question",
    "任务": "task",
    "付款": "payment",
}
_FRIENDS = {"关": "off", "口令": "word", "全部": "all", "off": "off", "word": "word", "all": "all"}
LISTED = 20


@plugin.on(MessageReceived, when=lambda event: may_decide(event.text))
async def decide(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """`通过 E3`, said by an admin of the group it is about, wherever they say it; from anybody else it is talk."""
    decision = read_decision(event.text)
    one = await store.get(ctx.db, decision[1]) if decision is not None else None
    group = next((group for group in await ctx.groups() if one is not None and group.id == one.group), None)
    if decision is None or one is None or group is None:
        return
    gate = ctx.inside(group)
    role = await gate.members.role_of(event.sender.id)
    if role < Role.ADMIN:
        return
    if one.gate == "payment" and role < Role.OWNER:
        yield ctx.reply(event, gate.text("owner_only", 编号=one.no))
    elif one.state in (State.INVITED, State.JOINED):
        yield ctx.reply(event, gate.text("decided_before", 编号=one.no))
    elif not decision[0]:
        async for action in _refuse(event, one, gate, decision[2]):
            yield action
    elif await is_barred(one.member, gate):
        yield ctx.reply(event, gate.text("decide_barred", 编号=one.no, 昵称=clean_name(one.member.name)))
    else:
        async for action in admit(gate, one, by=event.sender.id):
            yield action
        yield ctx.reply(event, gate.text("passed", 编号=one.no, 昵称=clean_name(one.member.name)))


async def _refuse(event: MessageReceived, one: Application, gate: Ctx, reason: str) -> AsyncIterator[Action]:
    await store.move(gate.db, one, State.REFUSED, gate.now, by=event.sender.id, note=clip(reason, 100))
    await gate.timers.cancel(f"expire:{one.no}")
    said = gate.text("refused", 理由=clip(reason, 100)) if reason else gate.text("refused_plain")
    yield tell(gate, one.member, said)
    yield gate.reply(event, gate.text("refused_done", 编号=one.no, 昵称=clean_name(one.member.name)))


@plugin.command(
    "进群申请",
    "applications",
    usage="",
    example="/进群申请",
    help="谁在申请进群；回复 通过 E编号 或 拒绝 E编号 理由",
    role=Role.ADMIN,
)
async def listing(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = await store.waiting(ctx.db, ctx.group.id, LISTED)
    if not found:
        yield ctx.reply(call.event, ctx.text("none_waiting"))
        return
    lines = [
        ctx.text(
            f"line_{one.state}", 编号=one.no, 昵称=clip(clean_name(one.member.name), 16), 门槛=_gate_name(ctx, one.gate)
        )
        for one in found
    ]
    yield ctx.reply(call.event, "\n".join([ctx.text("waiting_head"), *lines]), mention=False)


def _gate_name(ctx: Ctx, gate: str) -> str:
    return ctx.text(f"gate_{gate}")


@plugin.command(
    "门槛",
    "gate",
    usage="关 | 口令 … | 问题 …=答案 | 任务 … | 付款 … | 好友 口令|全部|关",
    example="/门槛 口令 芝麻开门",
    help="进群的门槛：口令、问题、任务截图或付款",
    role=Role.ADMIN,
)
async def set_gate(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The text is taken as typed; what belongs together is saved together."""
    word, _, rest = call.raw.strip().partition(" ")
    rest = rest.strip()
    if not word:
        yield ctx.reply(call.event, _state(ctx))
    elif word.lower() in OFF:
        await _save(ctx, call, gate="off")
        yield ctx.reply(call.event, ctx.text("turned_off"))
    elif word == "好友" and (friends := _FRIENDS.get(rest)):
        await _save(ctx, call, friends=friends)
        yield ctx.reply(call.event, ctx.text(f"friends_{friends}"))
    elif word in _KINDS and rest:
        await _save(ctx, call, **_parts(ctx, _KINDS[word], rest))
        yield ctx.reply(call.event, ctx.text(f"set_{_KINDS[word]}", 关键词=ctx.settings.keyword))
    else:
        raise CommandError(ctx.text("usage"))


def _parts(ctx: Ctx, gate: str, text: str) -> dict[str, object]:
    """The settings that a line of `/门槛` changes, the gate itself last."""
    if gate == "password":
        return {
            "passwords": [word.strip() for word in text.replace("，", "、").split("、") if word.strip()],
            "gate": gate,
        }
    if gate != "question":
        return {gate: text, "gate": gate}
    question, sign, answers = text.replace("＝", "=").rpartition("=")
    known = [answer.strip() for answer in answers.replace("｜", "|").replace("、", "|").split("|") if answer.strip()]
    if not sign or not question.strip() or not known:
        raise CommandError(ctx.text("usage_question"))
    return {"question": question.strip(), "answers": known, "gate": gate}


async def _save(ctx: Ctx, call: Call, **values: object) -> None:
    for key, value in values.items():
        try:
            await ctx.group_settings.set(f"entry.{key}", value, by=call.asker.id)
        except CommandError as error:
            raise CommandError(str(error).removeprefix(f"{key}：")) from None


def _state(ctx: Ctx) -> str:
    gate = ctx.settings.gate
    return ctx.text(
        "state_off" if gate == "off" else "state_on", 门槛=_gate_name(ctx, gate), 关键词=ctx.settings.keyword
    )
