"""Transport: one HTTP/2 channel to the gateway: TLS, bearer token, keep-alive pings."""

from __future__ import annotations

import ssl

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.events import SendRequest, listen
from grpclib.protocol import H2Protocol

from bot.errors import ConfigError
from bot.transports.wechaty.certificate import SHIPPED_CA
from bot.transports.wechaty.settings import SHIPPED, SYSTEM, WechatySettings, split_endpoint

_PONG_WITHIN = 10.0


class OnceChannel(Channel):
    """Connects lazily as grpclib's does, but never again after `close`: a late call would leave it open for ever."""

    _shut = False

    async def __connect__(self) -> H2Protocol:
        if not self._shut:
            protocol = await super().__connect__()
            if not self._shut:
                return protocol
            super().close()
        raise ConnectionRefusedError("没有连接 (the channel is closed)")

    def close(self) -> None:
        """Hang up at once: a polite end of TLS waits up to 30 s for a gateway that may be gone."""
        self._shut = True
        wire = None if self._protocol is None else getattr(self._protocol.connection, "_transport", None)
        super().close()
        if wire is not None:
            wire.abort()


def open_channel(settings: WechatySettings, context: ssl.SSLContext | None) -> Channel:
    """A channel that connects at its first call. Needs a running event loop; connects to nothing yet."""
    where = split_endpoint(settings.endpoint)
    if where is None:
        raise ConfigError("没有网关地址：请设环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT=主机:端口 (no gateway endpoint)")
    every = settings.keepalive.total_seconds()
    channel = OnceChannel(
        *where,
        ssl=context,
        config=Configuration(
            _keepalive_time=every,
            _keepalive_timeout=min(_PONG_WITHIN, every),
            _keepalive_permit_without_calls=True,
            _http2_max_pings_without_data=0,
            _http2_min_sent_ping_interval_without_data=every * 0.9,
            ssl_target_name_override=settings.server_name or None,
        ),
    )
    bearer = f"Wechaty {settings.token.get_secret_value()}"

    async def authorize(event: SendRequest) -> None:
        event.metadata["authorization"] = bearer

    listen(channel, SendRequest, authorize)
    return channel


def tls_context(settings: WechatySettings) -> ssl.SSLContext | None:
    """None without TLS. Raises ConfigError when the CA file cannot be used. Reads files: call it once, early."""
    if not settings.tls:
        return None
    try:
        context = _context(settings.ca_file)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"[wechaty] ca_file：“{settings.ca_file}”不是能用的证书文件 (not a usable CA file): {error}"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    return context


def _context(ca_file: str) -> ssl.SSLContext:
    if ca_file == SYSTEM:
        return ssl.create_default_context()
    if ca_file != SHIPPED:
        return ssl.create_default_context(cafile=ca_file)
    # The certificate a gateway ships names no host, and its CA lacks the key-usage extension that Python 3.13 asks
    # for. Its private key is public: this encrypts, it does not prove who answers. A real hop needs an own one.
    context = ssl.create_default_context(cadata=SHIPPED_CA)
    context.check_hostname = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
