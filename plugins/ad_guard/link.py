"""Plugin: addresses in a text: whose they really are, and which kinds advertisers use."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from bot.fold import Folded
from plugins.ad_guard.rule import Family, Hit


def _lists() -> dict[str, frozenset[str]]:
    """The word lists of `domains.txt`, by section."""
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in files("plugins.ad_guard").joinpath("domains.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            words = found.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            words.update(line.split())
    return {name: frozenset(words) for name, words in found.items()}


_LISTS = _lists()
ORDINARY_DOMAINS = _LISTS["ordinary"]
_SHORT = _LISTS["short"]
_AFFILIATE = _LISTS["affiliate"]
_CONTACT = {
    "u.wechat.com": ("微信名片", 0.65),
    "weixin.qq.com/g/": ("微信群二维码", 0.6),
    "weixin.qq.com/r/": ("微信名片", 0.6),
    "work.weixin.qq.com/gm/": ("企业微信群", 0.55),
    "work.weixin.qq.com/ca/": ("企业微信名片", 0.55),
    "qm.qq.com": ("QQ 名片或群", 0.6),
    "jq.qq.com": ("QQ 群", 0.6),
    "qun.qq.com/qqweb": ("QQ 群", 0.55),
    "t.me": ("Telegram", 0.75),
    "telegram.me": ("Telegram", 0.75),
    "telegram.dog": ("Telegram", 0.75),
    "wa.me": ("WhatsApp", 0.75),
    "chat.whatsapp.com": ("WhatsApp 群", 0.75),
    "api.whatsapp.com": ("WhatsApp", 0.75),
    "line.me": ("LINE", 0.7),
    "discord.gg": ("Discord", 0.45),
}
_CHEAP_ENDINGS = _LISTS["cheap_endings"]
_ENDINGS = _CHEAP_ENDINGS | _LISTS["endings"]
_SECOND_LEVEL = _LISTS["second_level"]
_IMITATED = {
    "taobao": "taobao.com", "alipay": "alipay.com", "weixin": "weixin.qq.com", "pinduoduo": "pinduoduo.com",
    "douyin": "douyin.com", "tencent": "tencent.com", "wechat": "wechat.com",
}  # fmt: skip
_URL = re.compile(
    r"(?:(?P<scheme>https?|ftp)\s?:\s?//?\s?)?(?P<host>(?:[a-z0-9_-]{1,40}\s?[.。]\s?){1,6}[a-z]{2,8}|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?![a-z0-9])(?P<port>:\d{2,5})?(?P<rest>[/?#@][^\s\u4e00-\u9fff，。；“”]*)?"
)
_USERINFO = re.compile(r"(https?)://[^/\s@]{1,80}@([a-z0-9.-]+)")
_FOREIGN = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Cf"})
_EMOJI_STYLE = "\ufe0e\ufe0f"
_TOKEN = re.compile(r"[$¥€₤₳₴₰(/][a-z0-9]{10,13}[$¥€₤₳₴₰)/](?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Link:
    """One address: `host` as written (folded), `domain` the registrable one."""

    host: str
    rest: str
    start: int
    end: int
    scheme: bool
    host_at: tuple[int, int] = (0, 0)

    @property
    def domain(self) -> str:
        return domain_of(self.host)


def domain_of(host: str) -> str:
    """`m.shop.taobao.com` → `taobao.com`; an IP address stays whole."""
    parts = host.split(".")
    if parts[-1].isdigit() or len(parts) < 3:
        return host
    return ".".join(parts[-3:] if ".".join(parts[-2:]) in _SECOND_LEVEL else parts[-2:])


def links_in(plain: str) -> list[Link]:
    """Every address in a plain view, at most ten; a bare `name.ending` counts only with a known ending."""
    found: list[Link] = []
    for match in _URL.finditer(plain):
        host = re.sub(r"\s", "", match["host"]).replace("。", ".")
        number = host.replace(".", "").isdigit()
        ending = host.rsplit(".", 1)[-1]
        if not match["scheme"] and (number or ending not in _ENDINGS or " " in match["host"]):
            continue
        scheme, rest = bool(match["scheme"]), match["rest"] or ""
        found.append(Link(host, rest, match.start(), match.end(), scheme, match.span("host")))
        if len(found) == 10:
            break
    return found


def _is_under(host: str, domains: frozenset[str]) -> bool:
    parts = host.split(".")
    return any(".".join(parts[i:]) in domains for i in range(len(parts) - 1))


def _imitated(link: Link) -> str:
    """The well-known site that an address pretends to be, empty if none."""
    flat = link.host.translate(str.maketrans("0135", "olls")).replace("rn", "m").replace("vv", "w")
    name = domain_of(flat).split(".", 1)[0]
    for word, real in _IMITATED.items():
        if _is_under(link.host, frozenset({real, domain_of(real)})):
            return ""
        near = len(name) == len(word) and sum(a != b for a, b in zip(name, word, strict=True)) <= 1
        written = link.host.split(".")
        if (near and word not in written) or f"{real}." in link.host:
            return real
        if word in re.split("[.-]", flat) and written[-1] in _CHEAP_ENDINGS:
            return real
    return ""


def own_link(plain: str, allow: frozenset[str]) -> bool:
    """Whether a text leads to a site of the group's own."""
    return "." in plain and any(_is_under(link.host, allow) for link in links_in(plain))


def judge_link(link: Link, allow: frozenset[str]) -> tuple[str, float, str] | None:
    """Signal name, weight and detail of one address; None when it is nothing to notice."""
    if _is_under(link.host, allow):
        return None
    where = link.host + link.rest
    for start, (what, weight) in _CONTACT.items():
        if where.startswith(start) if "/" in start else link.host == start:
            return "contact_link", weight, what
    if real := _imitated(link):
        return "look_alike_link", 0.7, f"{link.host} 不是 {real}"
    if link.host in _SHORT or link.domain in _SHORT:
        affiliate = link.host in _AFFILIATE or link.domain in _AFFILIATE
        return "short_link", 0.45 if affiliate else 0.4, link.host
    if _is_under(link.host, ORDINARY_DOMAINS):
        return None
    if link.host.replace(".", "").isdigit():
        return ("ip_link", 0.45, link.host) if link.scheme else None
    if link.host.rsplit(".", 1)[-1] in _CHEAP_ENDINGS or "xn--" in link.host:
        return "cheap_link", 0.5, link.host
    return "link", 0.25 if link.scheme else 0.2, link.host


def _is_forged(host: str) -> bool:
    """Whether letters of another script, marks on letters or unseen signs stand in a host as written.

    Full width and bold letters are none: a browser reads them as the plain ones (UTS 46), and so do people.
    """
    letters = unicodedata.normalize("NFKC", host)
    return any(unicodedata.category(c) in _FOREIGN and c not in _EMOJI_STYLE for c in letters if not c.isascii())


def link_hits(text: Folded, allow: frozenset[str]) -> list[Hit]:
    """What the addresses in a text say, each quoted from the original."""
    hits: list[Hit] = []
    for match in islice(_USERINFO.finditer(text.plain), 10):
        hits.append(_hit(text, "look_alike_link", 0.7, match.start(), match.end(), f"真正的域名是 {match[2]}"))
        hits.append(_hit(text, "phishing", 0.35, match.start(), match.end(), "", "offer"))
    for link in links_in(text.plain):
        if link.start and text.plain[link.start - 1] == "@":
            continue
        found = judge_link(link, allow)
        first, last = text.span(*link.host_at, tight=False)
        if _is_forged(text.original[first:last]):
            found = ("look_alike_link", 0.7, f"真正的域名是 {link.host}")
        if found is not None:
            name, weight, detail = found
            hits.append(_hit(text, name, weight, link.start, link.end, detail))
            if name == "look_alike_link":
                hits.append(_hit(text, "phishing", 0.35, link.start, link.end, "", "offer"))
    if token := _TOKEN.search(text.plain):
        hits.append(_hit(text, "share_token", 0.5, token.start(), token.end(), ""))
    return hits


def _hit(text: Folded, name: str, weight: float, start: int, end: int, note: str, family: Family = "contact") -> Hit:
    first, last = text.span(start, end, tight=False)
    raw = text.original[first:last][:120]
    return Hit(name, family, weight, first, last, f"{raw}（{note}）" if note and note not in raw else raw)
