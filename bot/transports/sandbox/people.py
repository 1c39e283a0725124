"""Transport: people of the sandbox come, go, change their names and rights; in WeChat's own words."""

from __future__ import annotations

import itertools
from itertools import chain, islice

from bot.events import FriendRequested, MemberJoined, MemberLeft, MemberRenamed, TopicChanged
from bot.model import Member, Role
from bot.text import clean_name
from bot.transports.sandbox.defaults import NEWCOMERS
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import BOT, PRIVATE, NotPossible, Seat
from bot.transports.transcript.names import escape, quote

MOST = 500


def newcomers(stage: Stage, group: str, count: int) -> list[str]:
    """Names that nobody has had yet."""
    taken = set(stage.world.people()) | {seat.name for seat in stage.world.group(group).seats.values()}
    names = chain(NEWCOMERS, (f"新朋友{number}" for number in itertools.count(1)))
    return list(islice((name for name in names if name not in taken), count))


def join(stage: Stage, group: str, names: list[str], by: str = "", *, by_code: bool = False) -> list[str]:
    """People come in, invited by `by` (or through a code that `by` shared); returns their ids.

    Who was here before is known again.
    """
    place = stage.world.group(group)
    inviter = stage.world.seat(group, by) if by else None
    fresh = list(dict.fromkeys(name for raw in names if (name := _plain(raw))))
    if not fresh:
        raise NotPossible("给新人起个名字吧")
    here = {seat.name for seat in place.seats.values()} | set(place.seats)
    if present := [name for name in fresh if name in here]:
        raise NotPossible(f"{present[0]} 已经在群里了")
    if len(place.seats) + len(fresh) > MOST:
        raise NotPossible(f"群最多 {MOST} 人，已经满了")
    ids = {name: person for person, name in stage.world.people().items() if person not in place.seats}
    persons = [ids.get(name, name) for name in fresh]
    line = stage.write(f"{','.join(map(quote, persons))} joins" + (f" by {quote(by)}" if by else ""), group)
    take_in(stage, group, persons, inviter, line, by_code=by_code)
    return persons


def take_in(stage: Stage, group: str, persons: list[str], by: Seat | None, line: str, *, by_code: bool = False) -> None:
    """Give them seats and tell everybody. line: the id of the line in the script that says so."""
    place = stage.world.group(group)
    for person in persons:
        place.seats[person] = Seat(person, stage.world.name_of(person))
        stage.world.remember(person, place.seats[person].name)
    _say_joined(stage, group, [place.seats[person].name for person in persons], by, by_code)
    stage.world.save(place)
    for number, person in enumerate(persons):
        stage.emit(
            MemberJoined(
                id=f"{line}.{number}",
                at=stage.world.now(),
                group=group,
                member=place.seats[person].member,
                inviter=by.member if by else None,
            )
        )


def ask_to_be_friend(stage: Stage, name: str, hello: str = "") -> None:
    """Somebody, perhaps of no group, asks the bot's account to be friends."""
    person = _plain(name)
    if not person or person == BOT:
        raise NotPossible("先写是谁要加好友")
    hello = clean_name(hello, 100)
    stage.world.remember(person, stage.world.name_of(person))
    line = stage.write(f"{quote(person)} asks to be friend" + (f": {escape(hello)}" if hello else ""))
    stage.world.grey(f"{PRIVATE}{person}", f"“{person}”请求添加机器人为好友{f'：{hello}' if hello else ''}")
    contact = Member(person, stage.world.name_of(person))
    stage.emit(FriendRequested(id=line, at=stage.world.now(), contact=contact, hello=hello, request=line))


def leave(stage: Stage, group: str, who: str, by: str = "") -> None:
    """Somebody leaves, or is removed by somebody with a higher role."""
    seat = stage.world.seat(group, who)
    remover = stage.world.seat(group, by) if by else None
    if who == BOT:
        raise NotPossible("机器人要留在群里；想看它没有权限时怎么办，用「无踢人权限」")
    if remover and remover.role <= seat.role:
        raise NotPossible(f"{remover.name} 没有权限移出 {seat.name}")
    if not remover and seat.role == Role.OWNER:
        raise NotPossible("群主要先转让群，才能退群")
    line = stage.write(f"{quote(who)} is removed by {quote(by)}" if by else f"{quote(who)} leaves", group)
    take_out(stage, group, seat, remover, f"{line}.0")


def take_out(stage: Stage, group: str, seat: Seat, by: Seat | None, event_id: str) -> None:
    """Empty a seat and tell everybody; without a word in the script."""
    place = stage.world.group(group)
    stage.world.remember(seat.person, seat.name)
    del place.seats[seat.person]
    if by:
        stage.world.grey(group, f"“{by.name}”将“{seat.name}”移出了群聊", by=by, mine=f"你将“{seat.name}”移出了群聊")
    else:
        stage.world.grey(group, f"“{seat.name}”退出了群聊")
    stage.world.save(place)
    stage.emit(
        MemberLeft(
            id=event_id,
            at=stage.world.now(),
            group=group,
            member=seat.member,
            by=by.member if by else None,
        )
    )


def rename(stage: Stage, group: str, who: str, name: str) -> None:
    """Somebody changes their own group nickname."""
    seat = stage.world.seat(group, who)
    new, old = _plain(name), seat.name
    if who == BOT:
        raise NotPossible("机器人的名字在配置里改（[bot] name）")
    if not new:
        raise NotPossible("群昵称不能为空")
    if new == old:
        return
    place = stage.world.group(group)
    seat.name = new
    stage.world.remember(who, new)
    stage.world.tell(group, f"“{old}”把群昵称改成了“{new}”")
    stage.world.save(place)
    line = stage.write(f"{quote(who)} renames {quote(new)}", group)
    stage.emit(MemberRenamed(id=line, at=stage.world.now(), group=group, member=seat.member, old_name=old))


def set_admin(stage: Stage, group: str, who: str, admin: bool) -> None:
    """The owner names an admin or takes it back. WeChat announces nothing; the bot sees it in the member list."""
    seat = stage.world.seat(group, who)
    role = Role.ADMIN if admin else Role.MEMBER
    if who == BOT:
        stage.let_remove(stage.world.group(group), admin)
        return
    if seat.role == Role.OWNER or seat.role == role:
        return
    place = stage.world.group(group)
    seat.role = role
    word = f"“{seat.name}”成为管理员" if admin else f"“{seat.name}”不再是管理员"
    stage.world.tell(group, word)
    stage.world.save(place)
    stage.world.journal.remark(f"# {word}（脚本没有这种写法，此后涉及其权限的行为不能重放）")
    stage.emit(stage.roster(place))


def set_topic(stage: Stage, group: str, who: str, topic: str) -> None:
    """Somebody renames the group."""
    seat = stage.world.seat(group, who)
    topic = clean_name(topic, 60)
    if not topic:
        raise NotPossible("群名不能为空")
    place = stage.world.group(group)
    if seat.role < Role.ADMIN:
        raise NotPossible("只有群主和管理员能改群名")
    if topic == place.topic:
        return
    change_topic(stage, group, seat, topic, stage.write(f"{quote(who)} topic {quote(topic)}", group))


def change_topic(stage: Stage, group: str, seat: Seat, topic: str, event_id: str) -> None:
    """The new name stands; without a word in the script."""
    place = stage.world.group(group)
    place.topic = topic
    stage.world.grey(group, f"“{seat.name}”修改群名为“{topic}”", by=seat, mine=f"你修改群名为“{topic}”")
    stage.world.save(place)
    stage.emit(TopicChanged(id=event_id, at=stage.world.now(), group=group, topic=topic, by=seat.member))


def _plain(name: str) -> str:
    """A name as it may stand in a script, too."""
    return clean_name(name).strip('"\\@ ').replace('"', "”").replace("\\", "")


def _say_joined(stage: Stage, group: str, names: list[str], by: Seat | None, by_code: bool) -> None:
    who = "、".join(names)
    if by is None:
        stage.world.grey(group, f"“{who}”加入了群聊")
    elif by_code:
        how = "通过扫描{}分享的二维码加入群聊"
        stage.world.grey(group, f"“{who}”{how.format(f'“{by.name}”')}", by=by, mine=f"“{who}”{how.format('你')}")
    else:
        stage.world.grey(group, f"“{by.name}”邀请“{who}”加入了群聊", by=by, mine=f"你邀请“{who}”加入了群聊")
