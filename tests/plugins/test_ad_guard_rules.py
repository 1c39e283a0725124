"""Test: the tables of the judge hold what the index relies on, and addresses are whose they really are."""

from __future__ import annotations

import re
import time
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from bot.fold import Folded
from plugins.ad_guard.evidence import offences
from plugins.ad_guard.fold import spelled_number
from plugins.ad_guard.label import LABELS
from plugins.ad_guard.link import domain_of, judge_link, link_hits, links_in
from plugins.ad_guard.message import JudgeContext
from plugins.ad_guard.rule import Index, Rule, find, load

RULES = [rule for table in ("phrases.txt", "contacts.txt", "mild.txt") for rule in load(table)]


def _class(items: Any) -> frozenset[str]:
    characters: set[str] = set()
    for code, value in items:
        if code is codes.LITERAL:
            characters.add(chr(value))
        elif code is codes.RANGE:
            characters |= {chr(c) for c in range(value[0], value[1] + 1)}
        elif code is codes.CATEGORY and value is codes.CATEGORY_DIGIT:
            characters |= set("0123456789")
        else:
            return frozenset()
    return frozenset(characters)


def covers(keys: frozenset[str], part: Any) -> bool:
    """Whether every match of a pattern has one of the keys."""
    for code, value in part:
        if code is codes.LITERAL and chr(value) in keys:
            return True
        if code is codes.IN and (characters := _class(value)) and characters <= keys:
            return True
        if code is codes.SUBPATTERN and covers(keys, value[-1]):
            return True
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) and value[0] > 0 and covers(keys, value[2]):
            return True
        if code is codes.BRANCH and all(covers(keys, branch) for branch in value[1]):
            return True
    return False


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.pattern.pattern[:24]}")
def test_every_match_has_one_of_the_keys(rule: Rule):
    parsed = parser.parse(rule.pattern.pattern)
    assert covers(rule.keys, parsed), f"{rule.name}: a match could have none of {''.join(sorted(rule.keys))}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.pattern.pattern[:24]}")
def test_a_rule_is_well_formed(rule: Rule):
    assert 0 < rule.weight < 1
    assert rule.name in LABELS
    assert rule.pattern.search("") is None, "an empty match says nothing"
    if rule.tight:
        assert not re.search(r"(?<!\\)\s", rule.pattern.pattern)


def test_the_index_asks_only_the_rules_that_could_match():
    index = Index(RULES)
    assert index.candidates(frozenset("火锅好啊")) == []
    assert {rule.name for rule in index.candidates(frozenset("兼"))} >= {"recruit"}


@pytest.mark.parametrize(
    ("host", "domain"),
    [("m.shop.taobao.com", "taobao.com"), ("a.b.com.cn", "b.com.cn"), ("x.top", "x.top"), ("1.2.3.4", "1.2.3.4")],
)
def test_the_registrable_domain(host: str, domain: str):
    assert domain_of(host) == domain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://weixin.qq.com/g/AwYAA", "contact_link"),
        ("https://u.wechat.com/abc", "contact_link"),
        ("t.me/abc", "contact_link"),
        ("https://taobao.com.evil.top/x", "look_alike_link"),
        ("http://taoba0.com", "look_alike_link"),
        ("http://weixin-login.xyz", "look_alike_link"),
        ("http://tаobao.com/a", "look_alike_link"),
        ("https://taobao.com@evil.top/", "look_alike_link"),
        ("http://t.cn/A6xyz", "short_link"),
        ("https://s.click.taobao.com/abc", "short_link"),
        ("http://1.2.3.4:8080/x", "ip_link"),
        ("去 abc.vip 看看", "cheap_link"),
        ("www.example.com", "link"),
        ("8(tPzrUkqTncS)/ 复制", "share_token"),
    ],
)
def test_what_an_address_is(text: str, name: str):
    assert name in {hit.name for hit in link_hits(Folded(text), frozenset())}


@pytest.mark.parametrize(
    "text", ["ｈｔｔｐ：／／ｂｂｓ．ｏｕｒ－ｔｏｗｎ．ｃｏｍ／ｔ－１", "𝐡𝐭𝐭𝐩://𝐛𝐛𝐬.𝐨𝐮𝐫-𝐭𝐨𝐰𝐧.𝐜𝐨𝐦/𝐭"]
)
def test_full_width_and_bold_letters_do_not_make_an_address_another_one(text: str):
    assert {hit.name for hit in link_hits(Folded(text), frozenset())} <= {"link"}


@pytest.mark.parametrize(
    "text", ["http://tаobao.com", "http://our\u200b-town.com/a", "http://ｏｕr-tоwn.com/a", "http://tao\u0332bao.com"]
)
def test_letters_of_another_script_and_unseen_signs_do(text: str):
    assert "look_alike_link" in {hit.name for hit in link_hits(Folded(text), frozenset())}


@pytest.mark.parametrize(
    "text",
    [
        "https://mp.weixin.qq.com/s/x",
        "https://www.taobao.com/item",
        "docs.qq.com/doc/1",
        "版本 1.2.3.4 发布了",
        "main.py 和 setup.cfg",
        "今天3.5公里",
        "写信到 a.b@mail.qq.com",
        "https://item.jd.com/1.html",
        "wechat.com",
    ],
)
def test_what_is_nothing_to_notice(text: str):
    assert link_hits(Folded(text), frozenset()) == []


def test_a_text_full_of_addresses_is_read_to_ten():
    assert len(links_in("a.top " * 5000)) == 10


def test_an_allowed_domain_covers_what_is_under_it_and_nothing_else():
    allow = frozenset({"shop.top"})
    inside, outside = links_in("http://a.shop.top/x http://myshop.top/x")
    assert judge_link(inside, allow) is None
    assert judge_link(outside, allow) is not None


def test_numbers_written_in_words_are_read():
    assert spelled_number("电话幺三八零零一二三四五六") == (2, 13, "13800123456")
    assert spelled_number("一一一一一一一一") is None, "the same digit all along is no number"
    assert spelled_number("第一二三期") is None
    assert spelled_number("13800138000") is None, "digits are read elsewhere"


def test_a_rule_that_finds_nothing_says_nothing():
    assert find(RULES[0], Folded("今天吃什么")) is None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.pattern.pattern[:24]}")
def test_a_long_run_of_one_kind_costs_a_rule_little(rule: Rule):
    key = max(rule.keys)
    for run in ("7", "a", "加", " ", "-", "a.", "@a", "“啊"):
        text = (run * 3000)[:3000] + key
        assert min(_seconds(rule, text) for _ in range(3)) < 0.02, run


def _seconds(rule: Rule, text: str) -> float:
    since = time.thread_time()
    rule.pattern.search(text)
    return time.thread_time() - since


def offered(text: str) -> list[str]:
    """Names of the offers and contacts that the judge finds in a text."""
    return [hit.name for hit in offences(Folded(text), JudgeContext())]


@pytest.mark.parametrize("text", ["他说要能保。本来想买的", "现在几点，付了钱没", "我等了53天才收到，一共50单"])
def test_words_of_two_clauses_are_no_word(text: str):
    assert offered(text) == []


@pytest.mark.parametrize(
    "text", ["兼，职招人", "保。本。保。息", "日，结", "每天200元一单", "这里可刷，单日，结的", "能保。本来是保本的"]
)
def test_signs_between_the_letters_of_a_word_hide_nothing(text: str):
    assert offered(text)
