"""Plugin: introductions in running text: `大家好，我叫李娜，坐标郑州，做餐饮的，想找供应商`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plugins.introduction.clause import hobby_in, job_and_name, job_in, need_in, offer_in, place_in
from plugins.introduction.introduction import FIELDS, Introduction
from plugins.introduction.job import is_job
from plugins.introduction.name import FAMOUS, looks_like_name, may_be_name
from plugins.introduction.pattern import one_of
from plugins.introduction.region import is_place, leading_place
from plugins.introduction.veto import OTHERS, PAST

_HAIL = """
[Hh]ello [Hh]i HI 嗨喽? 哈喽 大家 各位 你们 群友们? 群里的? 群主 小伙伴们? 朋友们? 老师们? 老板们? 大佬们? 前辈们?
伙伴们? 同学们? 早上 晚上 下午 中午 everyone 早 好 呀 啊 哈 都 你 您 们 [~!,，\\s]
"""
_GREETING = re.compile(rf"^{one_of(_HAIL)}*(?:好(?!像)呀?|早|[Hh]ello|[Hh]i|嗨喽?|哈喽|everyone)[呀啊哈~]*")
_INTRO_WORDS = """
自我介绍 介绍一?下?自己 介绍一?下?我 新人 新成员 报[到道] 萌新 初来 初次见面 新来的 刚进群 刚.{0,6}进来 刚加入 冒泡
报个[到道] 加入这个 介绍一下 请?多多?关照 请?多多?指教 幸会
"""
_INTRO = re.compile(one_of(_INTRO_WORDS))
_PREAMBLE = """
新人 新成员 萌新 我是新人 我是新来的 请允许我 自我介绍一?下? 介绍一?下?自己 报[到道]+ 来啦 冒泡 闪亮登场 报个[到道] 一枚
刚进群 初来乍到 初来贵群
"""
_INTRO_ONLY = re.compile(rf"^{one_of(_PREAMBLE)}*$")
_END = r"(?:就行|就好|就可以|即可|就成|吧|哈+|哦|呀|啦)*$"
_SELF_WORDS = "^(?=叫) [我俺] 本人 小弟 在下 鄙人 敝人 大名 名字 外号 网名 大家 可以 都"
_CALLED = re.compile(rf"{one_of(_SELF_WORDS)}(?:就)?叫(?:做|我)?(?P<name>[^，叫]{{1,20}}?){_END}")
_SURNAMED = re.compile(r"^(?:我|本人|小弟|敝人|鄙人|免贵|在下)?[敝免]?贵?姓(?P<name>[\u4e00-\u9fff]{1,2})$")
_GIVEN = re.compile(r"^(?:单)?名(?:一个|叫)?(?P<name>[\u4e00-\u9fff]{1,2}?)字?$")
_IAM = re.compile(r"^(?:我|本人|鄙人|敝人|在下)(?:就)?是(?P<rest>.+)$")
_SELF = re.compile(r"^(?:鄙人|敝人|大名|本人|在下|俗名)(?P<name>[\u4e00-\u9fff]{2,4}|[A-Za-z]{2,12})$")
_ASIDE = re.compile(r"[(（][^()（）]{0,30}[)）]")
_SPLIT = re.compile(r"[，,。.！!；;\n~～…\s?？☕🌟|｜:：]+")
_GLUE = "\ue001"


@dataclass(slots=True)
class Draft:
    """What has been understood so far, and how sure it is that somebody speaks about themselves."""

    values: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    name_weight: float = 0.0
    lives: bool = False
    greeted: bool = False
    intro: bool = False

    def put(self, slot: str, value: str, *, first: bool = False) -> None:
        tidy = value.strip(" ，,。:：的哈～~!！")
        if tidy and tidy not in self.values[slot]:
            self.values[slot].insert(0 if first else len(self.values[slot]), tidy)

    def name(self, value: str, weight: float) -> None:
        if weight > self.name_weight:
            self.values["name"] = [value]
            self.name_weight = weight

    def place(self, value: str, lives: bool) -> None:
        """Where somebody lives counts more than where they come from; else the first place said."""
        if not self.values["region"] or (lives and not self.lives):
            self.values["region"] = [value]
            self.lives = lives

    @property
    def score(self) -> float:
        wishes = sum(bool(self.values[slot]) for slot in ("needs", "offers", "hobbies"))
        known = bool(self.values["region"]) + bool(self.values["job"]) + min(wishes, 2)
        return self.name_weight + known + 0.5 * self.greeted + 0.5 * self.intro

    def finished(self) -> Introduction:
        first = {slot: (self.values[slot] or [""])[0] for slot in ("name", "region", "job")}
        rest = {slot: "；".join(self.values[slot][:3]) for slot in ("needs", "offers", "hobbies")}
        return Introduction(**first, **rest)


def read_sentences(text: str) -> Draft:
    """Everything the text says of its writer, clause by clause."""
    draft = Draft(intro=_INTRO.search(text) is not None)
    # Peter Chen stays one word.
    joined = re.sub(r"(?<=[A-Za-z]) (?=[A-Z])", _GLUE, _ASIDE.sub("", text))
    plain = [clause.replace(_GLUE, " ") for clause in _SPLIT.split(joined) if clause]
    surname = ""
    for clause in plain:
        rest = _greeting_off(draft, clause)
        if not rest or _INTRO_ONLY.match(rest) or OTHERS.match(rest):
            continue
        if found := _SURNAMED.match(rest):
            surname = found["name"]
            draft.name(surname, 1.5)
        elif surname and (found := _GIVEN.match(rest)):
            draft.name(surname + found["name"], 2.0)
        elif surname and rest.startswith(f"叫{surname}") and may_be_name(rest[1:]):
            draft.name(rest[1:], 2.0)
        elif not _named(draft, rest) and not _wish(draft, rest) and not PAST.search(rest):
            _about(draft, rest)
    _bare_name(draft, plain)
    return draft


def _greeting_off(draft: Draft, clause: str) -> str:
    found = _GREETING.match(clause)
    if found and found[0]:
        draft.greeted = True
        return clause[found.end() :].lstrip("，, ")
    return clause


def _named(draft: Draft, clause: str) -> bool:
    """我叫 …, 叫我 …, 我是 … 的 …: a name, and what stands before it."""
    if (found := _CALLED.search(clause)) and may_be_name(found["name"]):
        # 叫 alone may speak of anybody; one character is more often a joke than a name.
        sure = 2.0 if not found[0].startswith("叫") else 1.5 if looks_like_name(found["name"]) else 1.0
        draft.name(found["name"], sure if len(found["name"]) > 1 else 1.0)
        return True
    if (found := _SELF.match(clause)) and may_be_name(found["name"]):
        draft.name(found["name"], 1.5)
        return True
    if found := _IAM.match(clause):
        return _i_am(draft, re.sub(r"^(?:一名|一个|一位|位|个|名|新来的|新人|，)+", "", found["rest"]))
    return False


def _i_am(draft: Draft, rest: str) -> bool:
    before, _, last = rest.rpartition("的")
    if not before and not last.endswith("的"):
        if is_place(last) or is_job(last):
            return False
        job, name = job_and_name(last)
        if job and looks_like_name(name):
            draft.put("job", job)
            last = name
        place = leading_place(last)
        if place and looks_like_name(last[len(place) :]):
            draft.place(place, lives=False)
            last = last[len(place) :]
        if may_be_name(last):
            draft.name(last, 1.5 if looks_like_name(last) else 1.0)
            return True
        return False
    if not before or not last:
        return False
    last = re.sub(r"^(?:朋友|老乡|同学|粉丝|学员|会员|邻居)(?=.{2})", "", last)
    _about(draft, f"{before}的")
    job, name = job_and_name(last)
    if job and looks_like_name(name):
        draft.put("job", job)
        last = name
    if looks_like_name(last):
        draft.name(last, 1.5)
    elif is_job(last):
        draft.put("job", last)
    elif draft.values["region"] and may_be_name(last):
        draft.name(last, 1.0)
    return True


def _wish(draft: Draft, clause: str) -> bool:
    for slot, read in (("hobbies", hobby_in), ("needs", need_in), ("offers", offer_in)):
        if value := read(clause):
            draft.put(slot, value)
            return True
    return False


def _about(draft: Draft, clause: str) -> None:
    """A place, an occupation, or both."""
    place, lives, rest = place_in(clause)
    if place:
        draft.place(place, lives)
    if job := job_in(rest if place else clause) or (job_in(clause) if place and rest else ""):
        draft.put("job", job, first=clause.startswith(("现", "目前", "如今")))


def _bare_name(draft: Draft, clauses: list[str]) -> None:
    """`刘洋，北京，程序员`: no verb at all, so the first words must be a name by its form."""
    if draft.name_weight or not (draft.values["region"] and draft.values["job"]):
        return
    for clause in clauses[:4]:
        rest = _GREETING.sub("", clause)
        if rest and not _INTRO_ONLY.match(rest):
            if looks_like_name(rest) and rest not in FAMOUS and not is_job(rest) and not is_place(rest):
                draft.name(rest, 1.0)
            return
