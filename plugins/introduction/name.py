"""Plugin: what a name looks like."""

from __future__ import annotations

import re

from plugins.introduction.pattern import one_of

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文"
    "牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁"
    "冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏"
    "宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储"
    "原栗燕楚"
)
_DOUBLE = "欧阳|司马|上官|诸葛|令狐|皇甫|尉迟|东方|慕容|司徒|公孙|夏侯|端木"
HAN = r"\u4e00-\u9fff"
_PREFIXED = rf"[小老阿大][{HAN}A-Za-z]{{1,3}}"
_TITLED = rf"[{HAN}]{{1,3}}(?:哥|姐|妹|叔|姨|嫂|爷|妈|爸|老师|先生|女士|小姐|同学|师傅|宝)"
_TITLE = re.compile(r"(?<=.)(?:老师|同学|先生|女士|小姐|师傅)$")
_LATIN = r"[A-Za-z][A-Za-z'.]{1,14}(?: [A-Z][A-Za-z'.]{1,14})?"
_FAMILY_NAME = re.compile(rf"(?:{_DOUBLE})[{HAN}]{{1,2}}|[{SURNAMES}](?:[{HAN}]{{1,2}}|老师|医生|律师|先生|女士|师傅)")
_NAME = re.compile(rf"([{HAN}])\1|{_PREFIXED}|{_TITLED}|{_LATIN}")
_ANY_NAME = re.compile(rf"[{HAN}]{{1,5}}|[{HAN}]{{1,3}}[A-Za-z]{{1,8}}|{_LATIN}")
_NO_NAME = re.compile(
    one_of("""
    新人 新手 新来 萌新 群主 群友 管理 老师 学生 大家 朋友 老板 老乡 同行 自己 本人 什么 怎么 今天 明天
    昨天 周[一二三四五六日末] 高铁 机场 真的 认真 第一次 不是 就是 也是 还是 说 觉得 这个 那个 我们 你们
    他们 谁 哪 的$ 了$ ^了 ^过 ^着 吗 呢 吧$ 啊 呀$ 人$ 来$ 去$ 到$ 爸爸 爷爷 不 没 很 外卖 滴滴 客服 平台 公司 官方
    机器人 老婆 老公 媳妇 男 女 岁 后$ 有 在 和 与 要 想 会$ 能 可以 一下 收到 已 付款 报名 求 找 帮 请
    """)
)
_NO_FAMILY_NAME = re.compile(r"[我你他她的吗呢这那们]|什么|怎么|了$|老板$|同学$|公司|[一二三四五六七八九十两]个")
_COMMON_WORDS = """
周一 周二 周三 周四 周五 周六 周日 周末 周边 高铁 高新 高兴 高中 高手 安全 安排 安静 方便 方法 方案 白天
白领 白酒 金额 金融 常见 常常 明白 明天 明年 时间 时候 水果 水电 查看 车站 车上 车主 黄金 钱包 马上 万一
从来 从事 何时 何必 项目 温度 平时 平台 师傅 施工 于是 和平 乐意 毛衣 毛利 文件 文案 文化 牛肉 牛奶 花生
花店 管理 向前 包邮 包装 全部 全国 全职 关于 关注 应该 应届生 路上 路过 游戏 游客 房子 房租 房产 房东 单位
单身 党员 司机 古代 解决 经常 石头 江湖 江南 汤圆 任务 任何 相信 程序 程序员 设计 设计师 成本 成都 成交
简历 莫名 辛苦 能量 计划 计算 计算机 谈话 谈判 席位 麦克 米饭 胡说 雷锋 项链 温馨 宋代 唐代 汉代 安利 安装
宁可 于我 季节 祝福 祝贺 祝大家 龙虾 商品 商家 商业 商务 商场 沙发 沙龙 柴米 农业 农民 农村 海鲜 段子 石材
黄瓜 花卉 马桶 毛巾 毛笔 羊肉 米粉 麦片 柳编 金属 车厘子 车辆 车位 梅干菜 沙滩 江景 湖景 山货 路灯 罗汉果
温泉 苗木 苗圃 白菜 白糖 红酒 黄酒 葛根 乐器 乐园 茅台 谷物 钟表 郎酒 宁夏 甘肃 江苏 湖南 湖北 河南 河北
山东 云南 海南 路线 钟点 钟头 林业 边上 巩固 隋唐 鲜花 原价 原来 原因 储蓄 储备 杜绝 支持 支付 贺卡 鲁菜
川菜 冷链 冷饮 冷冻 党课 宫保 费用 封面 武术 戴上 严重 严格 孔雀 向上 易拉罐 史上 毕业 毕业生 凌晨 盛大
包吃 包住 包吃住 游记 童装 童年 纪念 景区 景点 连锁 连接 车展 夏天 秋天 冬天 广告 广场
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that begin like a family name."""
_FAMOUS = """
马云 马化腾 刘强东 任正非 王健林 李嘉诚 董明珠 刘德华 张学友 郭富城 周杰伦 周星驰 成龙 李连杰 范冰冰 杨幂
李白 杜甫 苏轼 朱元璋 秦始皇 刘邦 曹操 刘备 诸葛亮 关羽 张飞 鲁迅 莫言 姚明 刘翔 李宁 韩红 罗永浩 俞敏洪
李佳琦 薇娅 雷军 李想 张一鸣 黄峥 李彦宏 史玉柱 董宇辉 李雷 韩梅梅 贾宝玉 林黛玉 孙悟空 唐僧
"""
FAMOUS = frozenset(_FAMOUS.split())
"""Who is spoken of in groups more often than they join one."""


_TITLED_FAMILY = re.compile(rf"[{SURNAMES}](?:老师|医生|律师|师傅|教练|会计)")


def is_titled(text: str) -> bool:
    """A family name with what its bearer does: 宋师傅, 王老师."""
    return _TITLED_FAMILY.fullmatch(text) is not None


def is_boss(text: str) -> bool:
    """Somebody else, by the name people give who is above them: 朱老板, 王总."""
    return re.fullmatch(rf"[{SURNAMES}](?:老板|总|经理|主任|院长|校长)", text) is not None


def looks_like_name(text: str) -> bool:
    """A name by its form: a family name with one or two more, 小王, 芳姐, 易先生, 可可, Kevin."""
    if _FAMILY_NAME.fullmatch(text):
        return text not in _COMMON and not _NO_FAMILY_NAME.search(text)
    return _NAME.fullmatch(text) is not None and not _NO_NAME.search(_TITLE.sub("", text))


def may_be_name(text: str) -> bool:
    """Anything short that somebody who says 我叫 could be called: 柠檬, 诗雨, 阿may."""
    return _ANY_NAME.fullmatch(text) is not None and not _NO_NAME.search(_TITLE.sub("", text))
