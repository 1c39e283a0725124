"""Plugin: the many ways to write a contact or trade word: 谐音, 拆字, pinyin and initials, for the tight view.

Patterns of this plugin are written with `{加}`-like names that stand for every spelling of that word, so a
match keeps its place in the text and its signal can quote the original.
"""

from __future__ import annotations

import re

SPELLINGS = {
    "加": r"(?:加|添加|[カ力]口|\+|jia|伽|咖(?!啡|喱|位)|珈|十(?=[微薇威vq]))",
    "佳": r"(?:加|[カ力]口|\+|jia|伽|咖|珈|茄|迦|佳|嘉|家|架|搜|联系|添|咨询|找|扫|看|私|滴|d)",
    "微信": r"(?:[微薇徽溦嶶][信芯心新欣馨伩]|(?<![a-z])[vw√][信芯心新欣]|威[信芯]|卫[星信]|[维围韦伟危喂魏]信"
    r"|[微薇]亻言|(?<![a-z])(?:w(?:ei)?x(?:in)?|vx|wechat|v信)|weixin|威❤)",
    "微": r"(?:[微薇徽溦嶶威]|(?<![a-z])[vw√](?![a-z]{0,3}ip|oice|ideo|lan|pn|isa|ue))",
    "扣扣": r"(?:(?<![a-z])qq|扣扣|抠抠|叩叩|蔻蔻|寇寇|企鹅|球球|秋秋)",
    "群": r"(?:群|裙|君羊|羊君|qun)",
    "裙": r"(?:裙|君羊|羊君|(?<![a-z])qun)",
    "私聊": r"(?:私[聊我信戳窗撩]|思聊|丝聊|私(?:下)?联系|滴滴我|(?<![a-z])dd我|戳我|滴我|si聊|私发)",
    "兼职": r"(?:[兼蒹间肩尖煎][职只织值旨植]|兼耳只|jian职|兼zhi|jian?zhi)",
    "日结": r"(?:日[结洁节拮j](?!束|婚|果|论|构|尾|伴|合|日|目|假)"
    r"|曰结|当[天日]结|天结|当场结|日(?:薪|jie)|一单一结|现结|秒结|ri结|rijie)",
    "刷单": r"(?:[刷唰涮][单但淡丹担d]|shua单|刷dan|shuadan|s单|补单|刷信誉|刷好评|刷销量)",
    "代理": r"(?:[代带贷玳岱][理里力礼]|代王里|代li|dai理|daili)",
    "赚钱": r"(?:[赚挣撰馔][钱前米q]|贝兼钱|赚零花|赚money|zhuan钱|挣点?外快|赚外快|搞米|搞钱|来钱)",
    "贷款": r"(?:[贷][款kK]|代款|待款|贷kuan|借贷|网贷|小额贷|信用贷|抵押贷|车贷|企业贷)",
    "返利": r"(?:返[利现佣点钱]|反利|返li|佣金|返傭)",
    "招": r"(?:招(?!待|呼|牌|手|惹|架|魂|笑)|诚招|急招|直招|招聘|招募|招收|诚聘|朝聘)",
}
_NAME = re.compile(r"\{([\u4e00-\u9fff]+)\}")
_NUMERALS = str.maketrans("零〇o一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "00012345678911234567892")
_SPELLED = re.compile(r"[0-9零〇o一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]{7,22}")
_HAN_DIGIT = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]")


def spell(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which `{加}` stands for all spellings of 加."""
    return re.compile(_NAME.sub(lambda m: SPELLINGS[m[1]], pattern))


def spelled_number(tight: str) -> tuple[int, int, str] | None:
    """The first number written (partly) in 汉字 that is long enough for a phone or an account: start, end, digits."""
    for found in _SPELLED.finditer(tight):
        if len(_HAN_DIGIT.findall(found[0])) >= 3:
            digits = found[0].translate(_NUMERALS)
            if digits.isdigit() and len(set(digits)) > 2:
                return found.start(), found.end(), digits
    return None
