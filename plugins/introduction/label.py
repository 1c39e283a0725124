"""Plugin: introductions written as a list with labels: `姓名：李娜 / 坐标：郑州 / 职业：餐饮`."""

from __future__ import annotations

import re

_LABELS = {
    "name": "姓名 名字 昵称 称呼 网名 花名 大名 叫什么 我叫 我是谁",
    "region": """
        坐标 城市 地区 所在地 所在城市 所在地区 位置 家乡 籍贯 现居 现居地 居住地 常驻 常住地 哪里人 来自 地域 base
    """,
    "job": """
        职业 行业 从事行业 所在行业 从事职业 从事 工作 做什么 做什么的 干啥的 干什么的 身份 主业 主营 主营业务 业务
        职务 专业
    """,
    "needs": """
        希望得到 希望获得 希望收获 希望认识 希望找到 希望在群里 找什么 我要 我想要 求什么
        需要 需求 我需要 我的需求 需要什么 需要资源 所需资源 想要 想要啥 想要什么 寻求 想找 想认识 期望 期待 希望
        诉求 求
    """,
    "offers": """
        能给大家提供 可以给大家提供 能为大家提供 可以为大家提供 能给大家带来 可以给大家带来 能给群友带来 可以提供
        可以提供的 能提供的 我能提供的 我可以提供的 可以提供什么 能带来 能带来什么 我能带来 我有 能帮大家 可以帮大家
        能提供 提供 我能提供 可提供 我可以提供 能提供什么 可提供资源 提供资源 资源 我的资源 能给啥 能给什么 优势 擅长
        特长 价值
    """,
    "hobbies": "爱好 兴趣 兴趣爱好 喜好 喜欢 业余爱好",
    "": """
        年龄 性别 生日 星座 属相 微信 微信号 学历 学校 公司 单位 副业 邮箱 电话 手机 婚姻 性格 口头禅 座右铭 标签
        进群目的 年份 真名 本名
    """,
    "!": """
        地址 收件人 薪资 待遇 工资 岗位 价格 规格 产地 时间 地点 商品 品名 订单 联系人 活动 组名 组长 口号 队名 要求
        费用 名额 面积 户型
    """,
}
"""Labels by field; under `""` those that may stand beside them, under `!` those of another kind of form."""
_SLOT = {word: slot for slot, words in _LABELS.items() for word in words.split()}
_WORDS = "|".join(sorted(map(re.escape, _SLOT), key=len, reverse=True))
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,，;；。、【\[(（]))(?:我的|您的|你的)?({_WORDS})(?:[/、&](?:{_WORDS}))?(?:\([^()]{{1,12}}\))?(?:[】\]]\s*[:：]?|\s*[:：｜|/—–]+|\s*-)\s*",
    re.IGNORECASE | re.MULTILINE,
)
_SPACED = re.compile(rf"(?:^|(?<=[\s,，;；。:：]))({_WORDS})\s+(?=\S)", re.IGNORECASE | re.MULTILINE)
_BULLET = re.compile(
    r"^[\s\d①-⑩.、．)）(（*•·▪️■●◆★☆🌟➤▶>\-]+|[^\w\s【】\[\](（,，。;；:：、｜|—–\-+/&·'.@（）()!！?？~～%]",
    re.MULTILINE,
)
_EMPTY = {"无", "没有", "暂无", "无。", "保密", "-", "/", "…"}


def read_labels(text: str) -> dict[str, str] | None:
    """Field → value of a labelled list; empty when it has no labels, None when they are those of another form."""
    plain = _BULLET.sub(" ", text)
    found = list(_LABEL.finditer(plain))
    if len(found) < 3:
        # `姓名 胡月；城市 西安；职业 古筝老师`: a space alone counts when several labels have one.
        spaced = list(_SPACED.finditer(plain))
        found = spaced if len(spaced) >= 3 else found
    values: dict[str, str] = {}
    for here, following in zip(found, [*found[1:], None], strict=False):
        slot = _SLOT.get(here[1], _SLOT.get(here[1].lower(), ""))
        if slot == "!":
            return None
        end = following.start() if following else len(plain)
        value = _tidy(plain[here.end() : end])
        if slot and value and value not in _EMPTY:
            values.setdefault(slot, value)
    return values


def _tidy(value: str) -> str:
    line = value.strip().split("\n")[0]
    return line.strip(" \t　,，;；。、【[（(|｜—–-!！~～")
