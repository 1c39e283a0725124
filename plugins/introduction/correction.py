"""Plugin: what somebody puts right in their own introduction: `不对，我叫李雷`, `不是设计师，是产品经理`.

Precision first: the whole message must be a correction; what may be about anything else is none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, field

from plugins.introduction.clause import job_in
from plugins.introduction.english import correct_english
from plugins.introduction.introduction import Introduction
from plugins.introduction.job import is_job
from plugins.introduction.name import looks_like_name, may_be_name
from plugins.introduction.pattern import one_of
from plugins.introduction.region import is_place

LONGEST = 40
_HINT = re.compile(
    r"不[对是叫在做]|错了|有误|更正|纠正|改[一正成为]|\b(?:correction|sorry|oops|actually)\b", re.IGNORECASE
)
_VETO = re.compile(
    one_of("""
    [?？\\n] 吗 吧 呢 么 [你您他她它谁们] 如果 要是 假如 听说 好像 大概 以前 之前 [昨前明后今]天 [上下][周次]
    """)
)
_SEP = r"[\s,:;。、!~]"
_LEAD = re.compile(rf"(?:[哎唉啊额呃哦噢呀]+|抱歉|不好意思|对不起|sorry|等等){_SEP}+", re.IGNORECASE)
_SLIP = "(?:我?刚才?|我|上面|前面|刚刚)?(?:写|说|打|发|记|填|搞|弄)"
_MARK = re.compile(
    rf"(?:(?:(?:不对)+|不是的?|错了|{_SLIP}错了|改(?:一下|正)){_SEP}+|(?:我?[更纠]正)(?:一?下)?{_SEP}*)+"
)
_OWN = re.compile(r"我?[更纠]正|改(?:一下|正)")
"""With these words one speaks of what one has said oneself."""
_LABEL = {
    "name": one_of("名字 姓名 称呼 昵称"),
    "region": one_of("城市 坐标 地区 所在地"),
    "job": one_of("职业 工作 行业"),
    "needs": one_of("需要 需求"),
    "offers": one_of("能提供 可以提供 资源"),
    "hobbies": one_of("爱好 兴趣"),
}
_WRONG = {
    slot: re.compile(rf"(?:我的?|把)?{label}(?:是|也|都|那里)?(?:{_SLIP}错了|错了|不对|有误){_SEP}+")
    for slot, label in _LABEL.items()
}
_FACTS = ("name", "region", "job")
_IS = r"(?:应该|其实)?(?:是|为|叫|在|改成|改为)?\s*[::]?\s*"
_LABELLED = {slot: re.compile(rf"(?:我的?)?{label}{_IS}(.+)") for slot, label in _LABEL.items()}
_CALLED = re.compile(r"(?:我(?:是|应该)?|应该)?(?:叫|叫做)(?!我)(.+)|叫我(.+)")
_LIVES = re.compile(r"(?:我|人|我人)?(?:现在|目前|现|其实)?(?:是在|在|住在?|base在?)(.+?)(?:这边|工作|上班|生活)?")
_IS_ONE = re.compile(r"(我)?(?:其实|应该)?(?:是做|是|做|从事)(.+?)")
_NOT_BUT = re.compile(r"(我)?(?:其实)?不(?:是|叫|在|做)(.{1,12}?)[\s,。;]+(?:而|我|其实)?(?:是|叫|在|做)+(.{1,12})")
_BUT_NOT = re.compile(r"(我)?(?:其实)?(?:是|叫|在|做)+(.{1,12}?)[\s,。;]+(?:而|我)?不(?:是|叫|在|做)(.{1,12})")
_TAIL = re.compile(r"[\s,.。!~…哈呀啊哦嘿]+$|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]+$")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is put right: fields by name, or (`wrong`, `right`) to be found among the fields.

    own: it says itself that it is about the speaker; else it counts only right after what it corrects.
    """

    values: dict[str, str] = field(default_factory=dict)
    wrong: str = ""
    right: str = ""
    own: bool = False

    def applied(self, before: Introduction) -> dict[str, str]:
        """The fields that change, with their new values; empty when it corrects nothing of this introduction."""
        values = self.values if self.values else self._found(before)
        return {slot: value for slot, value in values.items() if value != getattr(before, slot)}

    def _found(self, before: Introduction) -> dict[str, str]:
        slots = [
            slot for slot in _FACTS if _same(slot, self.wrong, str(asdict(before)[slot])) and _fits(slot, self.right)
        ]
        return {slots[0]: _tidy(slots[0], self.right)} if len(slots) == 1 else {}


def may_correct(text: str) -> bool:
    """A cheap test that lets every correction through and most other messages not."""
    return len(text) <= LONGEST and _HINT.search(text) is not None


def read_correction(text: str) -> Correction | None:
    """The correction that the whole message is, None when it is anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not may_correct(plain):
        return None
    if values := correct_english(plain):
        return Correction(values, own=True)
    if _VETO.search(plain):
        return None
    plain = _LEAD.sub("", _shorn(plain), count=1)
    for slot, pattern in _WRONG.items():
        if found := pattern.match(plain):
            return _of_slot(slot, plain[found.end() :])
    mark = _MARK.match(plain)
    rest = plain[mark.end() :] if mark else plain
    own = mark is not None and _OWN.search(mark[0]) is not None
    if swap := _swapped(rest, own):
        return swap
    return _said(rest, own) if mark and rest else None


def _shorn(text: str) -> str:
    while (shorter := _TAIL.sub("", text)) != text:
        text = shorter
    return text


def _of_slot(slot: str, rest: str) -> Correction | None:
    """`城市写错了，我在杭州`: the field is named, so the rest is its value."""
    if swap := _swapped(rest, own=True):
        return swap if _fits(slot, swap.right) else None
    value = re.sub(rf"^(?:我的?)?(?:{_LABEL[slot]})?{_IS}", "", rest)
    return Correction({slot: _tidy(slot, value)}, own=True) if _fits(slot, value) else None


def _swapped(text: str, own: bool) -> Correction | None:
    for pattern, wrong, right in ((_NOT_BUT, 2, 3), (_BUT_NOT, 3, 2)):
        if found := pattern.fullmatch(text):
            return Correction(wrong=found[wrong].strip(), right=found[right].strip(), own=own or bool(found[1]))
    return None


def _said(text: str, own: bool) -> Correction | None:
    """Every clause must be a statement about a field."""
    values: dict[str, str] = {}
    for clause in re.split(r"[,;。、]\s*", text):
        slot, value, mine = _clause(clause.strip(), own)
        if not slot or slot in values:
            return None
        values[slot], own = _tidy(slot, value), own or mine
    return Correction(values, own=own)


def _clause(clause: str, own: bool) -> tuple[str, str, bool]:
    """(field, value, whether it says that it is about the speaker); an empty field when it is no statement."""
    mine = clause.startswith("我")
    for slot, pattern in _LABELLED.items():
        # 需要加班 is no wish unless it is said to put one right.
        if (own or slot in _FACTS) and (found := pattern.fullmatch(clause)) and _fits(slot, found[1]):
            return slot, found[1], mine
    if found := _CALLED.fullmatch(clause):
        name = found[1] or found[2]
        return ("name", name, "我" in clause) if (may_be_name if own else looks_like_name)(name) else ("", "", False)
    if (found := _LIVES.fullmatch(clause)) and is_place(found[1]):
        return "region", found[1], mine
    if found := _IS_ONE.fullmatch(clause):
        slot = next((slot for slot in ("region", "job") if _fits(slot, found[2])), "")
        return slot, found[2], bool(found[1])
    if own and (bare := next((slot for slot in ("region", "job") if _fits(slot, clause)), "")):
        return bare, clause, False
    return "", "", False


def _tidy(slot: str, value: str) -> str:
    value = value.strip()
    if slot == "region":
        return value if is_place(value) else re.sub("[的人]$", "", value)
    if slot == "job" and not is_job(value):
        return job_in(value) or re.sub("的$", "", value)
    return value


def _fits(slot: str, value: str) -> bool:
    value = value.strip()
    if slot == "name":
        return may_be_name(value) and not is_place(value) and "的" not in value
    if slot == "region":
        return is_place(value) or is_place(re.sub("[的人]$", "", value))
    if slot == "job":
        return is_job(value) or is_job(re.sub("的$", "", value))
    return 2 <= len(value) <= LONGEST


def _same(slot: str, wrong: str, kept: str) -> bool:
    """Whether what was called wrong is what is kept, in other words at most: 设计师 of 设计."""
    if not kept or len(wrong) < 2 or slot == "name":
        return bool(kept) and wrong == kept
    plain = re.sub("[的人]$", "", wrong)
    return wrong in kept or kept in wrong or (len(plain) >= 2 and plain in kept)
