"""Plugin: how an admin's goods read (`咖啡券 20分 x10 限2 明晚20:00开抢`), and how coupon codes do."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import Misread
from bot.number import NUMBER, read_number
from bot.when import ABSOLUTE, AFTER, NotATime, read_absolute, read_after
from plugins.shop.model import Kind

LONGEST_NAME = 30
MOST_PRICE = 1_000_000
MOST_STOCK = 100_000
MOST_EACH = 1000
MOST_CODES = 20_000
LONGEST_CODE = 64
PRICE = re.compile(rf"(?:^|\s)({NUMBER}|-\d+)\s?(?:积分|分|points?|pts)(?=\s|$)", re.IGNORECASE)
STOCK = re.compile(rf"(?:^|\s)(?:[x×*]\s?({NUMBER}|-\d+)[份件张个]?|({NUMBER})\s?[份件张个])(?=\s|$)", re.IGNORECASE)
_LIMIT = re.compile(rf"(?:^|\s)(?:(?:每人)?限|limit)\s?({NUMBER})\s?[份件张个次]?(?=\s|$)", re.IGNORECASE)
_OPENS = re.compile(r"(?:^|\s)(.{1,24}?)\s?(?:开抢|开售|起抢)(?=\s|$)")
_CODES = re.compile(r"(?:^|\s)(?:券码|兑换码|卡密|codes?)(?=\s|$)")
_GARBLED = ("\ufffd", "锟斤", "ï»¿")
"""What is left of text that was read in the wrong encoding."""
_HEADS = ("券码", "兑换码", "卡密", "卡号", "code", "codes", "coupon")


@dataclass(frozen=True, slots=True)
class Draft:
    """Goods as they were written. `stock` None without end."""

    name: str
    price: int
    stock: int | None
    per_person: int
    opens_at: datetime | None
    kind: Kind


def number(text: str, most: int, key: str) -> int:
    """A number from 1 to `most`. Raises Misread with `key`."""
    try:
        found = read_number(text)
    except ValueError as error:
        raise Misread(key, 最多=most) from error
    if not 1 <= found <= most:
        raise Misread(key, 最多=most)
    return found


def parse_goods(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> Draft:
    """The goods in a normalised line. Raises Misread."""
    price = PRICE.search(text)
    if price is None:
        raise Misread("no_price")
    name, rest = " ".join(text[: price.start()].split()), text[price.end() :]
    if not name or len(name) > LONGEST_NAME:
        raise Misread("no_name", 最多=LONGEST_NAME)
    cost = number(price[1], MOST_PRICE, "price_range")
    stock = each = None
    if found := STOCK.search(rest):
        stock = number(found[1] or found[2], MOST_STOCK, "stock_range")
        rest = rest[: found.start()] + " " + rest[found.end() :]
    if found := _LIMIT.search(rest):
        each = number(found[1], MOST_EACH, "each_range")
        rest = rest[: found.start()] + " " + rest[found.end() :]
    kind = Kind.HAND
    if found := _CODES.search(rest):
        kind, rest = Kind.CODE, rest[: found.start()] + " " + rest[found.end() :]
        if stock is not None:
            raise Misread("codes_have_no_stock")
    opens_at = None
    if found := _OPENS.search(rest):
        opens_at, rest = _opening(found[1].strip(), now, zone, longest), rest[: found.start()] + rest[found.end() :]
    if left := rest.strip():
        raise Misread("left_over", 余下=left[:20])
    return Draft(name, cost, stock, each or 0, opens_at, kind)


def _opening(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> datetime:
    try:
        if found := ABSOLUTE.fullmatch(text):
            at = read_absolute(found, now, zone)
        elif found := AFTER.fullmatch(text):
            at = now + read_after(found)
        else:
            raise NotATime(text)
    except NotATime as error:
        raise Misread("bad_time", 时间=text) from error
    if at <= now:
        raise Misread("time_past", 时间=text)
    if at - now > longest:
        raise Misread("time_far", 天数=longest.days)
    return at


def parse_codes(text: str) -> list[str]:
    """The codes in lines or in a CSV file; its first row may name the column. Raises Misread at the first doubt."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True)]
    except csv.Error as error:
        raise Misread("codes_unreadable") from error
    numbered = [(place, row) for place, row in enumerate(rows, start=1) if any(row)]
    if not numbered:
        raise Misread("codes_none")
    head = [cell.lower() for cell in numbered[0][1]]
    column = next((head.index(name) for name in _HEADS if name in head), None)
    if column is not None:
        numbered = numbered[1:]
    elif max(len([cell for cell in row if cell]) for _, row in numbered) > 1:
        raise Misread("codes_columns")
    first: dict[str, int] = {}
    for place, row in numbered:
        code = row[column] if column is not None and column < len(row) else next(filter(None, row), "")
        if not code or len(code) > LONGEST_CODE or not code.isprintable() or any(mark in code for mark in _GARBLED):
            raise Misread("codes_line", 行=place, 最长=LONGEST_CODE)
        if code in first:
            raise Misread("codes_twice", 行=place, 前行=first[code], 券码=code)
        first[code] = place
    if not first:
        raise Misread("codes_none")
    if len(first) > MOST_CODES:
        raise Misread("codes_many", 最多=MOST_CODES)
    return list(first)
