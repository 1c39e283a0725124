"""Plugin: a shop for points: goods that admins hand out, coupon codes given at once, and rushes that hold."""

import json

from bot.errors import Misread
from plugins.shop import admin, flow, member, order, panel
from plugins.shop.parse import parse_codes
from plugins.shop.settings import Settings, plugin

__all__ = ["Settings", "admin", "flow", "member", "order", "panel", "plugin", "read_codes"]


@plugin.compute("codes")
def read_codes(text: str) -> str:
    """The coupon codes in a text as JSON: `{"codes": […]}`, or the `problem` (a sentence's key) and its values."""
    try:
        return json.dumps({"codes": parse_codes(text)})
    except Misread as error:
        return json.dumps({"problem": f"shop.bad_{error.key}", "values": error.values})
