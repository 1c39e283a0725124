"""Cli: the doctor goes the way to the gateway step by step: address, wire, token, protocol; then asks what is behind.

Only harmless questions: it never starts, stops or logs anything out, and never takes the event stream.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.doctor.finding import Finding, note, well, wrong
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.settings import Settings

DEADLINE = 8.0


async def look_at_gateway(settings: Settings, database: Path) -> AsyncIterator[Finding]:
    """database: what the bot itself has learnt about its account, as far as it is there."""
    gateway: Any = settings.sections["wechaty"]
    token = gateway.token.get_secret_value()
    if not gateway.endpoint and not token:
        yield note("网关：还没有接微信", "先用 shequn sandbox 试玩；接微信要设网关的地址和令牌（README 接入微信）")
        return
    if not gateway.endpoint:
        yield wrong("网关：有令牌，没有地址", "设环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT=主机:端口")
        return
    if not token:
        yield wrong("网关：有地址，没有令牌", "设环境变量 WECHATY_PUPPET_SERVICE_TOKEN，和网关的一样")
        return
    async for finding in _walk(settings, gateway, database):
        yield finding


async def _walk(settings: Settings, gateway: Any, database: Path) -> AsyncIterator[Finding]:
    from bot.cli.doctor.account import look_at_account
    from bot.transports.wechaty.calls import GatewayPuppet
    from bot.transports.wechaty.channel import tls_context
    from bot.transports.wechaty.shim import PuppetStub
    from bot.transports.wechaty.trouble import CALL_ERRORS

    try:
        context = await asyncio.to_thread(tls_context, gateway)
        await _knock(gateway)
    except ConfigError as error:
        yield wrong(f"网关加密：{error}")
        return
    except CALL_ERRORS as error:
        yield wrong(f"网关地址：{_say(error, gateway)}")
        return
    yield well(f"网关地址：{gateway.endpoint} 有程序在听")
    puppet = GatewayPuppet(gateway, context)
    try:
        stub = PuppetStub(puppet.open())
        async with asyncio.timeout(DEADLINE):
            version = (await stub.version()).version
    except CALL_ERRORS as error:
        for finding in _stumbled(error, gateway):
            yield finding
    else:
        for finding in _wire(gateway):
            yield finding
        yield well("网关令牌：对")
        yield well(f"网关协议：是 Wechaty，版本 {version or '不详'}")
        async for finding in look_at_account(puppet, settings, database):
            yield finding
    finally:
        puppet.hang_up()


async def _knock(gateway: Any) -> None:
    """Whether anybody listens there."""
    from bot.transports.wechaty.settings import split_endpoint

    where = split_endpoint(gateway.endpoint)
    assert where is not None  # the settings have checked it
    async with asyncio.timeout(DEADLINE):
        _, writer = await asyncio.open_connection(*where)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _stumbled(error: BaseException, gateway: Any) -> list[Finding]:
    """Somebody listens; at which of the next steps it ended."""
    from grpclib.const import Status
    from grpclib.exceptions import GRPCError

    if isinstance(error, GRPCError):
        step = "网关令牌" if error.status is Status.UNAUTHENTICATED else "网关协议"
        return [*_wire(gateway), wrong(f"{step}：{_say(error, gateway)}")]
    step = "网关协议" if isinstance(error, TimeoutError) else "网关加密"
    return [wrong(f"{step}：{_say(error, gateway)}")]


def _wire(gateway: Any) -> list[Finding]:
    if not gateway.tls:
        if gateway.endpoint.startswith(("127.", "localhost", "[::1]")):
            return [well("网关加密：没有加密，在同一台机器上没有关系")]
        return [note("网关加密：没有加密，令牌和聊天在网络上是明文", "只在同一台机器或内部网络里这样用")]
    if not gateway.ca_file:
        said = "网关加密：TLS，用的是自带的证书：能加密，不能证明对方是谁"
        return [note(said, "跨机器请用自己的证书，配 [wechaty] ca_file")]
    return [well("网关加密：TLS，证书可信")]


def _say(error: BaseException, gateway: Any) -> str:
    from bot.transports.wechaty.trouble import explain

    said = explain(error, gateway.endpoint, tls=gateway.tls, token=gateway.token.get_secret_value())
    return re.sub("，正在重[试连]", "", said)  # the bot tries again, the doctor does not
