"""Bench: what is said in a group: the usual mix, and the few lines that make the bot do something."""

from __future__ import annotations

from random import Random

PRICE = "价格我问过了，批发 35 一件，10 件起"
PRICES = (
    "{what}的价格我问过了，批发 {n} 一件，{m} 件起",
    "楼下{what}涨到 {n} 一斤了",
    "我上次买的{what}才 {n}，比超市便宜 {m}",
    "{n} 块的{what}算贵吗？",
    "给孩子买{what}花了 {n}，心疼",
    "退货的话{what}那 {n} 元什么时候到账",
)
THINGS = ("苹果", "雨衣", "台灯", "帐篷", "书架", "电饭煲", "羽毛球拍", "猫粮", "窗帘", "拼图", "毛线", "护膝")
TALK = (
    "早上好呀",
    "今天天气不错，适合出去走走",
    "有人知道附近哪家打印店周末开门吗？",
    "哈哈哈哈",
    "收到",
    "谢谢分享，学到了",
    "这本书我上个月刚看完，后半段更精彩",
    "我在郑州，做平面设计的，很高兴认识大家",
    "周六下午两点，老地方见",
    "好的👌",
    "孩子今天发烧了，晚上的活动我就不参加了",
    "请问报名还来得及吗",
    "刚到家，地铁上人真多",
    "+1",
    "接龙：1. 小王 2. 小李 3. 小赵",
    "昨天老师讲的那个例子有人记了笔记吗，麻烦发我一份，谢谢",
    PRICE,
    "群主辛苦了",
    "明天降温，大家多穿点",
    "这个问题我也遇到过，重启一下就好了",
    "快递到了，放门卫了",
    "哪位会修打印机？",
    "太真实了",
    "推荐一部纪录片，讲城市变迁的，很耐看",
    "晚上八点直播，别忘了",
    "我家楼下新开了一家面馆，味道可以",
    "不好意思刚看到消息",
    "会议号 482 913 556，密码 1234",
    "同意楼上",
    "下周的主题定了吗？",
)
RARE = (
    "/签到",
    "/积分",
    "参与",
    "/帮助",
    "需要代理的加薇 abc12345，日结，名额有限",
    "我叫小陈，坐标上海，做产品经理，希望多认识朋友",
)


def said(random: Random, text: str) -> str:
    """A line as one speaker says it.

    Prices differ from one to the next: the same one in every group would be a wave of advertising.
    """
    if text is not PRICE:
        return text
    return random.choice(PRICES).format(what=random.choice(THINGS), n=random.randrange(5, 90), m=random.randrange(2, 9))
