"""Plugin: what one clause of an introduction says: a place, an occupation, a wish, an offer, a liking."""

from __future__ import annotations

import re

from plugins.introduction.job import is_job
from plugins.introduction.name import is_boss, is_titled, looks_like_name
from plugins.introduction.pattern import one_of
from plugins.introduction.region import PLACE, is_place, leading_place

_VERB = one_of(
    "留学 求学 是做 做 从事 开 经营 搞 卖 种 养 教 跑 当 读 学 上班 工作 打工 任 拍 干 送 写 画 修 生活 定居 创业 备考"
    " 带娃"
)
_WHERE = one_of(
    r"""
    家住 坐标(?:在|是)? [Bb][Aa][Ss][Ee](?:在)? 现居住?(?:在|于)? 现住 常驻 定居 来自于? 老家 家乡(?:在|是)?
    (?:就职|任职|供职|工作|生活)于 (?:目前|现在?)(?:定居|常驻|住|居住)(?:在|于)? [^，他她它]{0,5}在 现在? 目前
    从.{2,6}搬到 从
    """
)
_AT = re.compile(rf"^(?:我|本人)?(?:是|的)?{_WHERE}\s*[:：]?\s*({PLACE})(.*)$")
_FROM = re.compile(rf"^(?:我|本人)?(?:是)?({PLACE})(?:人|妹子|姑娘|小伙子?|土著|本地人|的)?(.*)$")
_DETAIL = re.compile(rf"^((?:(?!{_VERB})[\u4e00-\u9fff]){{0,5}}?)(?:的|人)?({_VERB}.*)?$")
_ORIGIN = re.compile("(?:我|本人)?(?:是)?(?:老家|家乡|来自)")
_NO_QUARTER = re.compile(one_of("医院 公司 银行 学校 大学 厂 站 机场 富士康 [上了这那漂待出]"))
_YEARS = r"(?:已经|有)?(?:[\d一二三四五六七八九十两]+多?年|多年|\d+\s?载)(?:了|多)?"
_TAIL = re.compile(rf"(?:{_YEARS}|生意的|行业的?|(?<=.)工作的?|方面的?|相关的?|一枚|一个|一名|一位|的|哈+|了)+$")
_COUNT = r"(?:一名|一个|一位|一家|两家|三家|几家|一间|[一两名位个家])?"
_SHOP = one_of("店 馆 厂 公司 工作室 坊 院 场 所 房 班 浴室 家乐 档口 客栈 民宿 餐厅 饭馆 网店 店铺")
_WORK = one_of("从事 职业是? 主业是? 主营 主攻 主做 经营着? 专做 专注 工作是 专业是?")
_NOW = r"(?:平时|一直|现在|家里)?(?:是|在)?"
_JOBS = [
    re.compile(rf"{_WORK}(?:的是|于|着|了)?{_COUNT}[:：]?(?P<job>.{{2,14}})$"),
    re.compile(rf"(?:开了?|有){_COUNT}(?P<job>[^，]{{1,8}}{_SHOP})(?:的|老板娘?)?$"),
    re.compile(
        r"^(?P<job>开(?:滴滴|网约车|出租车?|大?货车|挖机|卡车)|送(?:外卖|快递|货)|跑(?:运输|长途|业务|外卖|滴滴))"
    ),
    re.compile(r"^(?:我)?(?:学|读)的?是(?P<job>[^，]{2,8})$"),
    re.compile(r"在(?P<place>[^，]{0,10}?)(?:做|当|任)(?P<job>[^，]{1,14})$"),
    re.compile(r"在(?P<job>[^，]{2,10}?)(?:上班|工作|任职|打工)的?$"),
    re.compile(r"^(?:(?!不|没|别)[^，]){0,6}?(?:做|搞)(?![的得过完])(?P<job>[^，]{1,14})$"),
    re.compile(rf"^{_NOW}干(?![的得过完活啥嘛])(?P<job>[^，]{{2,8}}?)的?$"),
    re.compile(rf"^{_NOW}(?P<job>[卖种养教跑开拍学][^，]{{1,10}})的$"),
    re.compile(rf"^{_NOW}(?P<job>[卖种养][^，]{{1,8}})$"),
    re.compile(r"^(?P<job>[\u4e00-\u9fff]{2,6}生意)$"),
    re.compile(r"(?P<job>读(?:大学|大[一二三四]|研究生|研|博))"),
]
_NO_JOB_START = one_of(
    r"""
    [饭梦人法主客菜车家对错事点个做活嘛啥]$ 完 好 什么 啥 嘛 到 过 得 不 这 那 一下 核酸 了 作业 准备 自己 大家 朋友
    起来 出来 贡献 减法 公益
    """
)
_NO_JOB = re.compile(rf"^{_NO_JOB_START}|我|你|怎么|朋友可以")
_STATUS = re.compile(r"^(?:刚?退休(?=[了的]?$)|全职(?:带娃|宝妈|妈妈)|待业|应届生|大[一二三四]学生|自由职业)")
_LEAD = one_of("我 也 还 另外 正在 最近 进群 来群里 主要 同时 特别 就 现在 想着 所以 现 业余 夏天")
_WISH = one_of(
    r"""
    需要 急需 想(?:要|找|求)?(?=.) 希望(?:能|可以|在群里|通过群)? 期待(?:能)? 盼望 求购? 寻求 寻找 找 来群里 诚求
    """
)
_AGE = re.compile(r"^(?:\d{2}后|\d{2}年)的?")
_KIND = one_of("青年 老兵 姑娘 小伙子? 妹子 女生 男生 新人 小白 爱好者 宝妈 宝爸 奶爸 老乡 吃货 创客")
_PERSON = re.compile(rf"(?:{PLACE})?[\u4e00-\u9fff]{{0,4}}{_KIND}")
_CONTACT = r"(?:找|联系|喊|问|私|加|叫)(?:下|到)?我"
_NEED = re.compile(rf"^{_LEAD}*{_WISH}(?P<what>.{{1,40}})$")
_NOT_NEED = re.compile(rf"{_CONTACT}|有.{{1,8}}需要|需要的|求(?:关照|轻|放过|问)|想(?:必|来|念|说|问|当年)")
_OFFER = re.compile(r"^(?:我|也|还|并|同时|全国|团队.{1,4})*(?:可以|可|能够|能|愿意|愿|擅长|提供|有)(?P<what>.{1,40})$")
_OWNED = one_of("货源 资源 提供 分享 工厂 车 场地")
_NOT_OFFER = re.compile(rf"{_CONTACT}|吃苦|可以聊$|可爱|能力|可是|能不能|可能|^有自己|有(?!.*{_OWNED})")
_OFTEN = one_of("我 平时 平常 业余 业余时间 周末 闲时 也 还 特别 很 非常 最 就 我的")
_LIKE = one_of("爱好(?:是|有|广泛)? 兴趣(?:爱好)?(?:是|有)? 喜欢 喜 热爱 酷爱 爱")
_HOBBY = re.compile(rf"^{_OFTEN}*{_LIKE}[:：]?(?P<what>.{{1,24}})$")


def place_in(clause: str) -> tuple[str, bool, str]:
    """(place, whether they live there now, what follows it); an empty place when the clause names none."""
    if found := _AT.match(clause):
        detail = _DETAIL.match(found[2])
        if detail:
            return found[1] + _quarter(detail[1]), not _ORIGIN.match(clause), detail[2] or detail[1]
        return found[1], True, found[2]
    if found := _FROM.match(clause):
        rest = found[2]
        if not rest or rest in ("的", "人"):
            return found[1], False, ""
        if rest.startswith(("在", "目前", "现")):
            place, lives, tail = place_in(rest)
            return (place, lives, tail) if place else (found[1], False, rest)
        if job_in(rest):
            return found[1], False, rest
        if len(rest) <= 4 and not re.search(_VERB, rest):
            return found[1] + _quarter(rest.rstrip("的人")), False, ""
    return "", False, ""


def _quarter(text: str) -> str:
    """What follows a city and still is a place, such as 老门东; not a house or an employer."""
    return "" if _NO_QUARTER.search(text) or is_job(text) else text


def job_in(clause: str) -> str:
    """The occupation the clause names, else an empty string."""
    text = re.sub(r"^(?:我|本人|目前|现在|现|主要|平时|也|是|就是|，)+", "", clause)
    text = re.sub(r"^(?:一名|一个|一位|位|个|名)", "", text)
    if found := _STATUS.match(text):
        return found[0]
    bare = _TAIL.sub("", text)
    for pattern in _JOBS:
        if found := pattern.search(text):
            job = _TAIL.sub("", re.sub(r"^(?:点|些|一点)(?=.{2})", "", found["job"])).strip()
            verb = text[max(0, found.start("job") - 1) : found.start("job")]
            if job and not _NO_JOB.search(job) and not is_place(job):
                return f"{verb}{job}" if len(job) == 1 else job
    rest = bare[len(leading_place(bare)) :]
    for words in (bare, rest, rest.rpartition("的")[2]):
        if words and is_job(words) and not is_boss(words):
            return words
    return ""


def job_and_name(text: str) -> tuple[str, str]:
    """`摄影师老五` → (摄影师, 老五), `退伍老兵武国强` → ("", 武国强); two empty strings for anything else."""
    for length in (2, 3, 4):
        before, name = text[:-length], text[-length:]
        plain = _AGE.sub("", before)
        if plain and looks_like_name(name) and (is_titled(name) or not is_job(name)):
            if is_job(plain):
                return plain, name
            if _PERSON.fullmatch(plain):
                return "", name
    return "", ""


def need_in(clause: str) -> str:
    found = None if _NOT_NEED.search(clause) else _NEED.match(clause)
    if not found:
        return ""
    return f"找{found['what']}" if "正在找" in clause else found["what"]


def offer_in(clause: str) -> str:
    found = None if _NOT_OFFER.search(clause) else _OFFER.match(clause)
    return re.sub(r"^(?:以|够)?(?:提供|分享)?", "", found["what"]) if found else ""


def hobby_in(clause: str) -> str:
    found = _HOBBY.match(clause)
    return found["what"] if found else ""
