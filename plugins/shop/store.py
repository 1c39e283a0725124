"""Plugin: what the shop keeps, as functions over the event's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, desc, func, insert, select, update

from bot.context import Database
from plugins.shop.model import Goods, Kind, Order, State
from plugins.shop.tables import codes, goods, orders

_FREE = (
    select(func.count()).where(codes.c.goods == goods.c.no, codes.c.order.is_(None)).correlate(goods).scalar_subquery()
)
_GOODS = select(goods, case((goods.c.kind == Kind.CODE, _FREE), else_=goods.c.stock).label("left"))
_ORDERS = (
    select(orders, goods.c.name.label("goods_name"), goods.c.kind, func.coalesce(codes.c.code, "").label("code"))
    .join(goods, goods.c.no == orders.c.goods)
    .outerjoin(codes, codes.c.order == orders.c.no)
)


def _goods(row: Any) -> Goods:
    return Goods(
        row.no,
        row.group,
        row.name,
        row.price,
        row.left,
        row.per_person,
        row.opens_at,
        Kind(row.kind),
        row.state == "on",
    )


def _order(row: Any) -> Order:
    return Order(
        row.no,
        row.goods,
        row.goods_name,
        Kind(row.kind),
        row.group,
        row.member,
        row.name,
        row.price,
        State(row.state),
        row.at,
        row.code,
    )


async def add(db: Database, row: dict[str, Any]) -> int:
    return int((await db.execute(insert(goods).values(row).returning(goods.c.no))).scalar_one())


async def change(db: Database, no: int, **values: Any) -> None:
    await db.execute(update(goods).where(goods.c.no == no).values(values))


async def on_sale(db: Database, group: str) -> list[Goods]:
    found = _GOODS.where(goods.c.group == group, goods.c.state == "on").order_by(goods.c.no)
    return [_goods(row) for row in await db.execute(found)]


async def get(db: Database, group: str, no: int) -> Goods | None:
    row = (await db.execute(_GOODS.where(goods.c.group == group, goods.c.no == no))).one_or_none()
    return None if row is None else _goods(row)


async def bought(db: Database, no: int, member: str) -> int:
    """How many of these goods somebody has, without those given back."""
    mine = (orders.c.goods == no, orders.c.member == member, orders.c.state != State.REFUNDED)
    return int((await db.execute(select(func.count()).select_from(orders).where(*mine))).scalar_one())


async def take(db: Database, one: Goods) -> bool:
    """Take one out of the stock; whether there was one left. Goods without end always have one."""
    if one.stock is None or one.kind is Kind.CODE:
        return one.stock is None or one.stock > 0
    taken = update(goods).where(goods.c.no == one.no, goods.c.stock > 0).values(stock=goods.c.stock - 1)
    return (await db.execute(taken)).rowcount == 1


async def put_back(db: Database, no: int) -> None:
    await db.execute(update(goods).where(goods.c.no == no).values(stock=goods.c.stock + 1))


async def order(db: Database, one: Goods, member: str, name: str, at: datetime) -> Order:
    """Write an order down; of codes the oldest free one is given with it."""
    state = State.DONE if one.kind is Kind.CODE else State.RESERVED
    row = {"goods": one.no, "group": one.group, "member": member, "name": name, "price": one.price, "at": at}
    row |= {"state": state, "settled_at": at if state is State.DONE else None}
    no = int((await db.execute(insert(orders).values(row).returning(orders.c.no))).scalar_one())
    if one.kind is Kind.CODE:
        free = select(func.min(codes.c.id)).where(codes.c.goods == one.no, codes.c.order.is_(None)).scalar_subquery()
        await db.execute(update(codes).where(codes.c.id == free).values(order=no))
    found = await get_order(db, no)
    assert found is not None
    return found


async def get_order(db: Database, no: int) -> Order | None:
    row = (await db.execute(_ORDERS.where(orders.c.no == no))).one_or_none()
    return None if row is None else _order(row)


async def waiting(db: Database, group: str, limit: int) -> list[Order]:
    """Orders that an admin has to hand out, oldest first."""
    found = _ORDERS.where(orders.c.group == group, orders.c.state == State.RESERVED).order_by(orders.c.no).limit(limit)
    return [_order(row) for row in await db.execute(found)]


async def count_waiting(db: Database, group: str) -> int:
    found = select(func.count()).where(orders.c.group == group, orders.c.state == State.RESERVED)
    return int((await db.execute(found)).scalar_one())


async def of_member(db: Database, member: str, limit: int) -> list[Order]:
    """Somebody's orders in all groups, newest first."""
    found = _ORDERS.where(orders.c.member == member).order_by(desc(orders.c.no)).limit(limit)
    return [_order(row) for row in await db.execute(found)]


async def several(db: Database, numbers: Iterable[int]) -> list[Order]:
    found = _ORDERS.where(orders.c.no.in_(list(numbers))).order_by(orders.c.no)
    return [_order(row) for row in await db.execute(found)]


async def settle(db: Database, no: int, state: State, at: datetime, by: str) -> None:
    await db.execute(update(orders).where(orders.c.no == no).values(state=state, settled_at=at, settled_by=by))


async def known_codes(db: Database, no: int) -> set[str]:
    return {row.code for row in await db.execute(select(codes.c.code).where(codes.c.goods == no))}


async def add_codes(db: Database, no: int, fresh: Sequence[str]) -> None:
    await db.execute(insert(codes), [{"goods": no, "code": code} for code in fresh])
