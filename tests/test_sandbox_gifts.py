"""Test: the sandbox page shows what members have and who brought them, escaped like everything else."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from bot.transports.sandbox.things import PRIVATE
from tests.sandbox import open_sandbox


def roster_line(page: str, person: str) -> str:
    found = re.search(rf'<li data-person="{person}">.*?</li>', page, re.DOTALL)
    assert found is not None
    return found[0]


async def test_points_and_inviters_are_on_the_page(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        assert 'class="held"' not in await it.get("/")
        await it.post("say", who="小李", text="/签到")
        evil = "<b>新人</b>"
        await it.post("join", who="小李", names=evil)
        page = await it.get("/")
        assert '<i class="held" title="积分">5 分</i>' in roster_line(page, "小李")
        assert "↳ 小李" in page
        assert evil not in page
        private = await it.get(f"/?chat={quote(PRIVATE + '小李')}")
        assert 'class="held"' not in private
