"""Plugin: what a clause says its writer is called: `我叫李娜`, `叫我老马就行`, `我是郑州做烘焙的小林`."""

from __future__ import annotations

import re

from plugins.introduction.clause import job_and_name
from plugins.introduction.draft import Draft
from plugins.introduction.job import is_job
from plugins.introduction.name import is_titled, looks_like_name, may_be_name
from plugins.introduction.pattern import one_of
from plugins.introduction.region import is_place, leading_place, trailing_place

_END = r"(?:就行|就好|就可以|都可以|都行|即可|就成|吧|哈+|哦|呀|啦)*$"
_SELF_WORDS = "^(?=叫) [我俺] 本人 小弟 在下 鄙人 敝人 大名 名字 外号 网名 大家 可以 都"
_CALLED = re.compile(rf"{one_of(_SELF_WORDS)}(?:就)?叫(?:做|我)?(?P<name>[^，叫]{{1,20}}?){_END}")
_SURNAMED = re.compile(r"^(?:我|本人|小弟|敝人|鄙人|免贵|在下)?[敝免]?贵?姓(?P<name>[\u4e00-\u9fff]{1,2})$")
_GIVEN = re.compile(r"^(?:单)?名(?:一个|叫)?(?P<name>[\u4e00-\u9fff]{1,2}?)字?$")
_IAM = re.compile(r"^(?:我|俺|本人|鄙人|敝人|在下)(?:就)?是(?P<rest>.+)$")
_SELF_NAME = (
    "鄙人 敝人 大名 本人 在下 俗名 小弟 小妹 (?:本人|我的)?(?:姓名|名字|昵称|网名|本名|真名|微信名|群昵称)(?:是|叫)?"
)
_NO_NAME_START = "(?![是在有喜已要想做住来去会能可很不没从声遗求急])"
_SELF = re.compile(rf"^{one_of(_SELF_NAME)}{_NO_NAME_START}(?P<name>[\u4e00-\u9fff]{{2,4}}|[A-Za-z]{{2,12}})$")
_REPORTS = re.compile(r"^(?P<name>[\u4e00-\u9fffA-Za-z]{2,6}?)(?:前来|来|也来)?(?:报个?[到道]|冒个?泡)$")
_MEASURE = re.compile(r"^(?:一名|一个|一位|位|个|名|新来的|新进群的|新人|，)+")
_NICKNAMED = re.compile(r"^[\u4e00-\u9fff]{3,8}(?P<name>[小老阿](?![师板乡人家公婆])[\u4e00-\u9fff])$")
_KNOWN_AS = re.compile(r"^(?:朋友|老乡|同学|粉丝|学员|会员|邻居|弟弟|妹妹|哥哥|姐姐|儿子|女儿|同事|闺蜜|徒弟)(?=.{2})")


def surname_in(clause: str) -> str:
    return found["name"] if (found := _SURNAMED.match(clause)) else ""


def full_name_in(clause: str, surname: str) -> str:
    """What follows 我姓岳: 单名一个鹏字, 叫岳鹏."""
    if found := _GIVEN.match(clause):
        return surname + found["name"]
    return clause[1:] if clause.startswith(f"叫{surname}") and may_be_name(clause[1:]) else ""


def name_in(draft: Draft, clause: str) -> bool:
    """Write down the name the clause gives, and what stands before it; whether it gives one."""
    if (found := _CALLED.search(clause)) and may_be_name(found["name"]):
        # 叫 alone may speak of anybody; one character is more often a joke than a name.
        sure = 2.0 if not found[0].startswith("叫") else 1.6 if looks_like_name(found["name"]) else 1.0
        draft.name(found["name"], sure if len(found["name"]) > 1 else 1.0)
        return True
    if (found := _SELF.match(clause)) and may_be_name(found["name"]):
        draft.name(found["name"], 1.5)
        return True
    if (found := _REPORTS.match(clause)) and looks_like_name(found["name"]) and not is_job(found["name"]):
        draft.name(found["name"], 1.0)
        return True
    if found := _IAM.match(clause):
        return _i_am(draft, _MEASURE.sub("", found["rest"]))
    return False


def _i_am(draft: Draft, rest: str) -> bool:
    before, _, last = rest.rpartition("的")
    if not before and not last.endswith("的"):
        return _is_simply(draft, last)
    if not before or not last:
        return False
    last = _KNOWN_AS.sub("", last)
    draft.about(f"{before}的")
    if place := trailing_place(before):
        draft.place(place, lives=False)
    job, name = job_and_name(last)
    if name:
        draft.put("job", job)
        last = name
    if looks_like_name(last):
        draft.name(last, 1.5)
    elif is_job(last):
        draft.put("job", last)
    elif (draft.values["region"] or draft.values["job"]) and may_be_name(last):
        draft.name(last, 1.0)
    return True


def _is_simply(draft: Draft, words: str) -> bool:
    """我是李娜, 我是宋师傅, 我是健身教练阿豪, 我是郑州小林; a mere place or occupation gives no name."""
    if is_place(words) or (is_job(words) and not is_titled(words)):
        return False
    job, name = job_and_name(words)
    if name:
        draft.put("job", job)
        words = name
    place = leading_place(words)
    if place and looks_like_name(words[len(place) :]):
        draft.place(place, lives=False)
        words = words[len(place) :]
    if found := _NICKNAMED.match(words):
        draft.name(found["name"], 1.0)
        return True
    if not may_be_name(words):
        return False
    draft.name(words, 1.5 if looks_like_name(words) else 1.0)
    return True
