"""Plugin: nickname: what a group nickname is to look like: fields and separators, no regular expression. Pure.

`名称-地区-职业` asks for three parts, whatever stands between them and in whatever order; a part in quotes
(`"金粉"-名称-地区`) must be there to the letter; a part called 数字 must hold a digit. One walk over the name decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.fold import fold
from bot.text import normalise

LONGEST = 32
"""Characters that WeChat allows in a group nickname."""
MOST_FIELDS = 6
_FIELD = re.compile(r'"([^"]*)"|([^\W_]+)')
_PART = re.compile(r"[^\W_]+")
_NUMBERS = frozenset({"数字", "编号", "学号", "number"})
_SAMPLES = {
    "名称": "张三", "姓名": "张三", "昵称": "张三", "名字": "张三", "称呼": "张三", "地区": "上海", "城市": "上海",
    "坐标": "上海", "地址": "上海", "职业": "设计", "行业": "设计", "工作": "设计", "岗位": "设计", "公司": "金万家",
    "数字": "08", "编号": "08", "学号": "08", "name": "Tom", "city": "London", "job": "design", "number": "08",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """fields: labels in the order the admin wrote them. literals: folded words that must be in the name."""

    source: str
    fields: tuple[str, ...]
    literals: tuple[str, ...]

    def fits(self, name: str) -> bool:
        """Whether a nickname is as it should be; order and separators are free, signs and emoji are separators."""
        plain = fold(normalise(name))
        for literal in self.literals:
            before, found, after = plain.partition(literal)
            if not found:
                return False
            plain = f"{before} {after}"
        parts = _PART.findall(plain)
        numbers = sum(1 for label in self.fields if label in _NUMBERS)
        if numbers > sum(1 for part in parts if any(char.isdigit() for char in part)):
            return False
        return len(parts) >= len(self.fields)

    @property
    def example(self) -> str:
        """A nickname that fits, to show: `张三-上海-设计`."""
        return _FIELD.sub(lambda found: found[1] or _SAMPLES.get(found[2], found[2]), self.source)


def parse_pattern(text: str) -> Pattern:
    """Raises ValueError with a sentence for what no name, or any name, would fit."""
    # Whoever knows {昵称} from other texts means the part.
    source = normalise(text).replace("{", "").replace("}", "")
    fields: list[str] = []
    literals: list[str] = []
    for quoted, label in _FIELD.findall(source):
        if label:
            fields.append(label)
        else:
            literals.append(fold(quoted).strip())
    if source.count('"') % 2 or not all(literals):
        raise ValueError('引号里要写固定的字，例："金粉"-名称-地区 (quotes hold fixed words)')
    if not fields:
        raise ValueError("至少要有一项让群友填，例：名称-地区-职业 (nothing to fill in: no name but one would fit)")
    if twice := next((label for label in fields if fields.count(label) > 1), ""):
        raise ValueError(f"“{twice}”写了两次 (a field stands twice)")
    if len(fields) == 1 and not literals and fields[0] not in _NUMBERS:
        raise ValueError("只有一项的格式什么名字都符合，请写两项以上，例：名称-地区 (any name would fit)")
    if len(fields) > MOST_FIELDS or len(fields) * 2 - 1 + sum(map(len, literals)) > LONGEST:
        raise ValueError(f"没有名字放得下：最多 {MOST_FIELDS} 项，群昵称最长 {LONGEST} 个字 (no name could fit)")
    pattern = Pattern(source, tuple(fields), tuple(literals))
    if len(pattern.example) > LONGEST or not pattern.fits(pattern.example):
        raise ValueError("没有名字能符合这个格式，请写成 名称-地区-职业 这样 (no name could fit)")
    return pattern
