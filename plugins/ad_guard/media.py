"""Plugin: what a message says by its kind: cards, mini programs, files, and what was seen in a picture."""

from __future__ import annotations

from bot.fold import Folded, fold
from bot.model import Kind
from bot.text import clip
from plugins.ad_guard.evidence import offences
from plugins.ad_guard.link import judge_link, link_hits, links_in
from plugins.ad_guard.message import JudgeContext, Message
from plugins.ad_guard.rule import Hit

_KINDS = {
    Kind.CARD: ("contact_card", 0.5),
    Kind.MINIPROGRAM: ("miniprogram", 0.2),
    Kind.RECORD: ("forwarded_record", 0.1),
}
_PROGRAMS = (".apk", ".apk.1", ".ipa", ".exe", ".bat", ".msi")
_PAYMENTS = ("wxp://", "https://qr.alipay.com", "https://wx.tenpay.com")


def media_hits(message: Message, context: JudgeContext) -> list[Hit]:
    """What the kind of a message says by itself, and what was seen in its picture."""
    hits: list[Hit] = []
    if message.url and message.url not in message.text:
        hits += link_hits(Folded(message.url), context.allow_domains)
    if message.kind in _KINDS:
        name, weight = _KINDS[message.kind]
        hits.append(_plain_hit(name, weight, message.title or message.text))
    elif message.kind is Kind.FILE and message.file_name.lower().endswith(_PROGRAMS):
        hits.append(_plain_hit("program_file", 0.6, message.file_name))
    for finding in message.findings:
        if finding.name == "qr_code":
            hits += _qr_hits(finding.detail, context)
        elif finding.name == "picture_text":
            hits += offences(Folded(finding.detail), context)
    return hits


def _qr_hits(target: str, context: JudgeContext) -> list[Hit]:
    """A QR code, by where it leads: to a person or group, to a site, to a payment between members, to text."""
    if target.lower().startswith(_PAYMENTS):
        return []
    links = links_in(fold(target))
    found = [judge_link(link, context.allow_domains) for link in links]
    known = [hit for hit in found if hit is not None]
    detail = clip(target, 80)
    if any(name == "contact_link" for name, _, _ in known):
        weight = max(weight for name, weight, _ in known if name == "contact_link")
        return [_plain_hit("qr_code", weight, detail), Hit("qr_invitation", "offer", 0.35, 0, 0, known[0][2])]
    if known:
        return [_plain_hit("qr_code", max(0.4, *(weight for _, weight, _ in known)), detail)]
    return [] if links else offences(Folded(target), context)


def _plain_hit(name: str, weight: float, detail: str) -> Hit:
    return Hit(name, "contact", weight, 0, 0, detail[:120])
