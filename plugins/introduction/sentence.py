"""Plugin: introductions in running text: `大家好，我叫李娜，坐标郑州，做餐饮的，想找供应商`."""

from __future__ import annotations

import re

from plugins.introduction.clause import hobby_in, need_in, offer_in
from plugins.introduction.draft import Draft
from plugins.introduction.job import is_job
from plugins.introduction.name import FAMOUS, looks_like_name
from plugins.introduction.naming import full_name_in, name_in, surname_in
from plugins.introduction.pattern import one_of
from plugins.introduction.region import is_place
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
_ASIDE = re.compile(r"[(（][^()（）]{0,30}[)）]")
_SPLIT = re.compile(r"[，,。.！!；;\n~～…\s?？☕🌟|｜:：]+")
_GLUE = "\ue001"
_ADDRESSED = re.compile(r"^(?:各位|大家|亲爱的)?(?:老板|老师|大佬|前辈|群友|朋友|姐妹|兄弟|宝子|家人|小伙伴)们?$")
_LONG = 16
_RUN_ON = re.compile(
    r"(?<=[^是叫在找让请帮给跟和我，])(?=我是|我叫|我来自|我做|来自|坐标|今年\d|目前|现在|现居|喜欢|爱好|从事|希望|想找|想认识|能提供|可以提供|需要)"
)
"""Where the next clause begins when somebody writes without any punctuation."""


def read_sentences(text: str) -> Draft:
    """Everything the text says of its writer, clause by clause."""
    draft = Draft(intro=_INTRO.search(text) is not None)
    plain = _clauses(text)
    surname = ""
    for clause in plain:
        rest = _greeting_off(draft, clause)
        if not rest or _INTRO_ONLY.match(rest) or _ADDRESSED.match(rest) or OTHERS.match(rest):
            continue
        if found := surname_in(rest):
            surname = found
            draft.name(surname, 1.5)
        elif surname and (full := full_name_in(rest, surname)):
            draft.name(full, 2.0)
        elif not name_in(draft, rest) and not _wish(draft, rest) and not PAST.search(rest):
            draft.about(rest)
    _bare_name(draft, plain)
    return draft


def _clauses(text: str) -> list[str]:
    # Peter Chen stays one word.
    joined = re.sub(r"(?<=[A-Za-z]) (?=[A-Z])", _GLUE, _ASIDE.sub("", text))
    plain = [clause.replace(_GLUE, " ") for clause in _SPLIT.split(joined) if clause]
    return [part for clause in plain for part in (_RUN_ON.split(clause) if len(clause) > _LONG else (clause,))]


def _greeting_off(draft: Draft, clause: str) -> str:
    found = _GREETING.match(clause)
    if found and found[0]:
        draft.greeted = True
        return clause[found.end() :].lstrip("，, ")
    return clause


def _wish(draft: Draft, clause: str) -> bool:
    for slot, read in (("hobbies", hobby_in), ("needs", need_in), ("offers", offer_in)):
        if value := read(clause):
            draft.put(slot, value)
            return True
    return False


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
