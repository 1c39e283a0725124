"""Plugin: signs that a message, or a clause of it, is no introduction."""

from __future__ import annotations

import re

from plugins.introduction.pattern import one_of

AD = re.compile(
    one_of(r"""
    日结 日入 日赚 秒批 贷款 信用卡 征信 刷单 加[薇➕] 加我?微 加[vV]\b [vV]信 月薪 薪资 薪酬 包吃 诚招 诚邀
    急招 急聘 诚聘 招聘(?!经理|专员|主管|顾问) 高薪 名额 为您 代写 代办
    办理.{0,6}证 拎包入住 限时 秒杀 优惠价 https?:// 佣金 返利 月入过?万 赚了 竭诚
    刚[刚才]?[给跟与和][您你] 专柜 尊敬的 打扰 理财产品 配资 抵押 额度 利息
    """)
)
"""Somebody sells, hires or lends."""
OFFER = re.compile(
    one_of(r"""
    原价 包邮 特价 来电 惠顾 光临 捧场 欢迎.{0,4}咨询 详情 地址 优惠 \d+\s?(?:元|块|一[斤箱套月份盒])
    """)
)
"""Somebody may be selling; people also say so when they tell at length who they are."""
STORY = re.compile(
    one_of(r"""
    是一只 一只.{0,4}[猫狗犬] 领养 如果我[是在叫] 假如 要是[我能] 小时候 作文[:：] 面试官 相亲对象 梦见 梦到 的剧本杀
    课本 电影里 小说[里中开] 段子 笑死 ^听说 ^据说
    案例[:：] 个案例 故事$ 故事[:：] 嘉宾.{0,3}[:：|] 主讲[:：人] 讲师介绍 名单 目标人群 客户资料 用户画像 招生对象
    招募 这位 那位 介绍给 推荐你 推给
    帮转 帮朋友 替朋友 欢迎@ ^(?:热烈)?欢迎 ^恭喜 ^祝贺 ^推荐 ^转发?[:：] ^回复 接龙 模板 格式 示范
    ^(?:示例|例|比如|例如|范例|参考|填空|举例) 练习时长 X{2,} x{2,}
    渣渣辉 你爸爸 保安三问 一个.{1,5}、一个 等下
    谁能 扣[12]\b 昵称改 名片改 改成 改名
    """)
)
"""Somebody tells of others, quotes, jokes or hands out a form."""
QUESTION = re.compile(
    one_of(r"""
    [?？] 吗\b 吗[，,。！!] 吗$ 请问 求推荐(?!客户|渠道|资源) 求助 有没有 谁知道 谁有 谁家 想问 问一?下[，,。]
    多少钱 怎么办$ 怎么样$ 怎么[写改弄没] 如何[^经]
    """)
)
"""Somebody asks."""
PAST = re.compile(
    one_of(r"""
    以前 曾经 去年 前年 当年 那会儿 之前 那时 昨天 今天 刚才 明天 后天 下周 下个月 周末 晚上[^好] 做过 出差
    路过 (?:来|去|在.{0,4})旅游
    """)
)
"""A clause about another time than now."""
_KIN = """
老公 老婆 爱人 对象 同事 朋友 同学 闺蜜 老板 老师 领导 邻居 亲戚 爸 妈 哥 姐 弟 妹 叔 姨 儿子 女儿 孩子 表 堂 们 家
"""
_THIRD = "他 她 它 楼上 隔壁 听 有个 有一个 认识一 碰到 昨天 前天 刚才 采访 老板娘 群主是 你 @"
OTHERS = re.compile(rf"^[我俺咱]{one_of(_KIN)}(?!的)|^{one_of(_THIRD)}")
"""A clause about somebody else."""
TO_ONE = re.compile(r"^(?!.{0,6}(?:大家|各位|群|你们)).{0,8}[您你]好(?!.*(?:我叫|叫我|大家))")
"""Spoken to one person, as sellers do: `您好，我是某某公司的小陈`."""
QUOTED = re.compile(r"[“\"「『](?:大家好|我叫|我是)")
CONTACT = re.compile(
    r"\d{7,}|https?:|www\.|(?:加|\+)\s*我?\s*(?:微信?|v|薇)|[q企][q鹅]\s*[:：]?\s*\d{5}"
    r"|(?:微信|vx|v信|薇信?|wx)\s*号?\s*[:：]?\s*[a-z][\w-]{4}",
    re.IGNORECASE,
)
"""A way to be reached, in a folded text. The group reads an introduction from the bot's mouth: it may not sell."""
