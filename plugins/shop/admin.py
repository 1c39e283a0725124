"""Plugin: what admins offer in the shop: goods, their stock and price, coupon codes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine

from bot.actions import Action
from bot.commands import LONGEST_LINE
from bot.context import Context
from bot.errors import CommandError, Misread
from bot.fold import fold
from bot.model import Role
from bot.plugin import Call
from bot.text import clip, normalise
from plugins.shop import member, say, store
from plugins.shop.model import Goods, Kind
from plugins.shop.parse import MOST_PRICE, MOST_STOCK, number, parse_codes, parse_goods
from plugins.shop.settings import Settings, plugin

Ctx = Context[Settings]


@plugin.command(
    "商品",
    "goods",
    usage="[加 名称 价格分 xN 限N 时间开抢|下架 N|上架 N|补货 N x5|改价 N 30分]",
    example="/商品 加 咖啡券 20分 x10 限1",
    help="积分能换什么；管理员在这里上架、补货",
)
async def goods(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    verb, rest = _parted(call.text)
    if verb in ("", "列表", "list"):
        yield ctx.reply(call.event, await member.listing(ctx), mention=False)
        return
    if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("admin_only"))
    do = _VERBS.get(verb)
    if do is None:
        raise CommandError(ctx.text("bad_verb"))
    try:
        said = await do(call, ctx, rest)
    except Misread as error:
        raise CommandError(ctx.text(f"bad_{error.key}", **error.values)) from error
    yield ctx.reply(call.event, said, mention=False)


def _parted(text: str) -> tuple[str, str]:
    """The verb and what it is about, typed in one or not: `加咖啡券 20分`, `下架1`."""
    found = _VERB.match(text)
    verb, _, rest = text.partition(" ")
    return (verb, rest.strip()) if verb in _VERBS or found is None else (found[0], text[found.end() :].strip(" :,"))


async def _add(call: Call, ctx: Ctx, text: str) -> str:
    draft = parse_goods(text, ctx.now, ctx.group.zone, ctx.settings.longest)
    on_sale = await store.on_sale(ctx.db, ctx.group.id)
    if any(normalise(one.name) == draft.name for one in on_sale):
        raise Misread("same_name", 名称=draft.name)
    if len(on_sale) >= ctx.settings.most_goods:
        raise Misread("many_goods", 最多=ctx.settings.most_goods)
    row = {"group": ctx.group.id, "name": draft.name, "price": draft.price, "stock": draft.stock, "state": "on"}
    row |= {"per_person": draft.per_person, "opens_at": draft.opens_at, "kind": draft.kind}
    no = await store.add(ctx.db, {**row, "created_by": call.asker.id, "created_at": ctx.now})
    if draft.opens_at is not None:
        await ctx.timers.start(f"opens:{no}", at=draft.opens_at, payload={"no": str(no)})
    one = await _existing(ctx, str(no))
    key = "added_codes" if one.kind is Kind.CODE else "added"
    return ctx.text(key, 商品=say.goods(ctx, one), 编号=no)


async def _off(call: Call, ctx: Ctx, text: str) -> str:
    one = await _existing(ctx, text)
    await store.change(ctx.db, one.no, state="off")
    await ctx.timers.cancel(f"opens:{one.no}")
    return ctx.text("taken_off", 名称=one.name)


async def _on(call: Call, ctx: Ctx, text: str) -> str:
    one = await _existing(ctx, text)
    if any(other.name == one.name and other.no != one.no for other in await store.on_sale(ctx.db, ctx.group.id)):
        raise Misread("same_name", 名称=one.name)
    await store.change(ctx.db, one.no, state="on")
    return ctx.text("put_on", 商品=say.goods(ctx, one))


async def _restock(call: Call, ctx: Ctx, text: str) -> str:
    what, amount = _last_apart(text)
    one = await _existing(ctx, what)
    if one.kind is Kind.CODE:
        raise Misread("codes_have_no_stock")
    more = number(amount.strip().lstrip("xX×*+").rstrip("份件张个"), MOST_STOCK - (one.stock or 0), "stock_range")
    await store.change(ctx.db, one.no, stock=(one.stock or 0) + more)
    return ctx.text("changed", 商品=say.goods(ctx, await _existing(ctx, str(one.no))))


async def _price(call: Call, ctx: Ctx, text: str) -> str:
    what, amount = _last_apart(text)
    one = await _existing(ctx, what)
    price = number(re.sub(r"(?:积分|分|points?|pts)$", "", amount.strip()), MOST_PRICE, "price_range")
    await store.change(ctx.db, one.no, price=price)
    return ctx.text("changed", 商品=say.goods(ctx, await _existing(ctx, str(one.no))))


_VERBS: dict[str, Callable[[Call, Ctx, str], Coroutine[None, None, str]]] = {
    "加": _add,
    "添加": _add,
    "add": _add,
    "下架": _off,
    "off": _off,
    "上架": _on,
    "on": _on,
    "补货": _restock,
    "restock": _restock,
    "改价": _price,
    "price": _price,
}
_VERB = re.compile("添加|加|下架|上架|补货|改价")


def _last_apart(text: str) -> tuple[str, str]:
    """What is meant, and the last word: `咖啡券 大杯 x5`."""
    what, _, last = text.rpartition(" ")
    return (what, last) if what else (text, "")


async def _existing(ctx: Ctx, text: str) -> Goods:
    """The goods of this number, on sale or not, or of this name on sale."""
    plain = text.removeprefix("#").removesuffix("号").strip()
    if not plain:
        raise Misread("no_which")
    if plain.isdecimal():
        one = await store.get(ctx.db, ctx.group.id, int(plain[:9]))
    else:
        one = next((each for each in await store.on_sale(ctx.db, ctx.group.id) if fold(each.name) == fold(text)), None)
    if one is None:
        raise Misread("which", 编号=clip(plain, 12))
    return one


@plugin.command(
    "券码",
    "codes",
    role=Role.ADMIN,
    usage="商品编号（换行后一行一个券码）",
    example="/券码 1",
    help="私聊里给券码商品补券码，每个只发一次",
    group=False,
)
async def bring_codes(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    no, _, text = call.raw.strip().replace("\r\n", "\n").partition("\n")
    try:
        one = await _existing(ctx, normalise(no))
        if one.kind is not Kind.CODE:
            raise Misread("not_codes", 名称=one.name)
        if len(call.event.text) > LONGEST_LINE:
            raise Misread("codes_long", 最多=LONGEST_LINE)
        fresh = parse_codes(text) if text.strip() else []
        known = await store.known_codes(ctx.db, one.no) if fresh else set()
        if old := next((code for code in fresh if code in known), None):
            raise Misread("codes_known", 券码=old)
    except Misread as error:
        raise CommandError(ctx.text(f"bad_{error.key}", **error.values)) from error
    if fresh:
        await store.add_codes(ctx.db, one.no, fresh)
    key = "codes_added" if fresh else "codes_left"
    yield ctx.reply(call.event, ctx.text(key, 名称=one.name, 个数=len(fresh), 剩=(one.stock or 0) + len(fresh)))
