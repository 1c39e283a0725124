"""Test: encrypted connections to a real gateway: its own certificate, ours, and the mistakes people make."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.events import GatewayChanged, MessageReceived
from tests.gateway.client import Gateway, GatewayProcess
from tests.gateway.fixtures import Connect

pytestmark = pytest.mark.gateway
GATEWAY_OPTIONS = ("--tls",)


async def test_the_shipped_certificate(gateway: Gateway, connect: Connect) -> None:
    # about one cut TLS connection in a hundred goes unnoticed by the gateway: then our own dead stream is taken over
    session = await connect(tls=True, takeover_after="1s")
    await gateway.say("wxid_m03", "加密的")
    assert (await session.inbox.wait(MessageReceived)).text == "加密的"
    await gateway.post("/net/drop")
    await session.inbox.wait(GatewayChanged, lambda event: event.up, count=2)


async def test_the_shipped_certificate_is_nobody_s_proof(gateway: Gateway, connect: Connect) -> None:
    session = await connect(online=False, tls=True, ca_file="system")
    assert "证书不受信任" in (await session.inbox.wait(GatewayChanged)).reason


async def test_without_tls_to_a_gateway_with(gateway: Gateway, connect: Connect) -> None:
    session = await connect(online=False, tls=False)
    assert "可能开了 TLS" in (await session.inbox.wait(GatewayChanged)).reason


@pytest.fixture(scope="module")
def own_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `gateway.internal`, signed by itself."""
    folder = tmp_path_factory.mktemp("ca")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gateway.internal",
         "-addext", "subjectAltName=DNS:gateway.internal", "-addext", "keyUsage=digitalSignature,keyCertSign",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@asynccontextmanager
async def another_gateway(*options: str) -> AsyncIterator[Gateway]:
    process = await asyncio.to_thread(GatewayProcess(*options).start)
    async with Gateway(process) as gateway:
        yield gateway
    await asyncio.to_thread(process.kill)


async def test_an_own_certificate(own_authority: Path, connect: Connect) -> None:
    ca_file = str(own_authority / "cert.pem")
    options = ("--tls", "--cert", ca_file, "--key", str(own_authority / "key.pem"))
    async with another_gateway(*options) as gateway:
        wrong = await connect(online=False, endpoint=gateway.endpoint, tls=True, ca_file=ca_file)
        assert "server_name" in (await wrong.inbox.wait(GatewayChanged)).reason
        await wrong.close()
        foreign = await connect(online=False, endpoint=gateway.endpoint, tls=True)
        assert "证书不受信任" in (await foreign.inbox.wait(GatewayChanged)).reason
        await foreign.close()
        right = await connect(endpoint=gateway.endpoint, tls=True, ca_file=ca_file, server_name="gateway.internal")
        assert right.transport.health().logged_in
        await right.close()


async def test_with_tls_to_a_plain_gateway(connect: Connect) -> None:
    async with another_gateway() as gateway:
        session = await connect(online=False, endpoint=gateway.endpoint, tls=True)
        reason = (await session.inbox.wait(GatewayChanged)).reason
        await session.close()
    assert "WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT=true" in reason


async def test_a_ca_file_that_is_none(connect: Connect, tmp_path: Path) -> None:
    for ca_file in (str(tmp_path / "missing.pem"), __file__):
        with pytest.raises(ConfigError, match="ca_file"):
            await connect(online=False, tls=True, ca_file=ca_file)
