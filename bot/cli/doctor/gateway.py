"""Cli: the doctor asks the Wechaty gateway two harmless questions; it never starts, stops or logs anything out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from bot.cli.doctor.finding import Finding, note, well, wrong
from bot.errors import ConfigError

DEADLINE = 8.0


async def look_at_gateway(settings: Any) -> AsyncIterator[Finding]:
    """`settings` is the `[wechaty]` section."""
    token = settings.token.get_secret_value()
    if not settings.endpoint and not token:
        yield note("网关：还没有接微信", "先用 shequn sandbox 试玩；接微信要设网关的地址和令牌（README 接入微信）")
        return
    if not settings.endpoint:
        yield wrong("网关：有令牌，没有地址", "设环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT=主机:端口")
        return
    if not token:
        yield wrong("网关：有地址，没有令牌", "设环境变量 WECHATY_PUPPET_SERVICE_TOKEN，和网关的一样")
        return
    async for finding in _ask(settings, token):
        yield finding


async def _ask(settings: Any, token: str) -> AsyncIterator[Finding]:
    from bot.transports.wechaty.channel import open_channel, tls_context
    from bot.transports.wechaty.shim import PuppetStub
    from bot.transports.wechaty.trouble import CALL_ERRORS, explain

    try:
        context = await asyncio.to_thread(tls_context, settings)
    except ConfigError as error:
        yield wrong(f"网关：{error}")
        return
    wire = "TLS" if settings.tls else "不加密"
    channel = open_channel(settings, context)
    try:
        async with asyncio.timeout(DEADLINE):
            answer = await PuppetStub(channel).version()
        yield well(f"网关：{settings.endpoint} 连得上（{wire}），令牌对，版本 {answer.version or '不详'}")
    except CALL_ERRORS as error:
        reason = explain(error, settings.endpoint, tls=settings.tls, token=token)
        yield wrong(f"网关：{re.sub('，正在重[试连]', '', reason)}")  # the bot tries again, the doctor does not
    finally:
        channel.close()
    if settings.tls and not settings.ca_file:
        yield note("网关：用的是自带的证书：能加密，不能证明对方是谁", "跨机器请用自己的证书，配 [wechaty] ca_file")
    if not settings.tls and not settings.endpoint.startswith(("127.", "localhost", "[::1]")):
        yield note("网关：没有加密，令牌和聊天在网络上是明文", "只在同一台机器或内部网络里这样用")
