"""Transport: what a failed call means — for the engine (bot.errors) and for people (one Chinese sentence)."""

from __future__ import annotations

import re
import socket
import ssl
import struct

from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from bot.errors import Refused, Throttled, TransportError, Unavailable, Uncertain

CALL_ERRORS = (GRPCError, StreamTerminatedError, ProtocolError, OSError, TimeoutError)
"""What a call over the wire may raise."""

BREAK_ERRORS = (StreamTerminatedError, ProtocolError, ConnectionError)
"""The connection is gone, or was not there."""

PAYLOAD_ERRORS = (*CALL_ERRORS, ValueError, TypeError, LookupError, AttributeError, struct.error)
"""That, and what reading an answer that is not as agreed may raise."""

_TOO_OFTEN = re.compile(r"频繁|too (often|many|fast|frequent)|rate.?limit|freq(uency)? ?limit|\b20001\b", re.IGNORECASE)
_AWAY = re.compile(
    r"not logged ?in|not login|logged? ?out|offline|未登录|已退出|掉线|not (started|ready)|not running"
    r"|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"time(d)? ?out|超时|ECONNRESET|EPIPE|socket hang up|disconnect|terminated|\breset\b|aborted|:status",
    re.IGNORECASE,
)
_UNSURE = {Status.DEADLINE_EXCEEDED, Status.CANCELLED, Status.ABORTED, Status.DATA_LOSS}


def first_line(text: str | None, token: str = "") -> str:
    """The message of a JavaScript error without its stack and without the token, at most 200 characters."""
    line = (text or "").strip().split("\n", 1)[0][:200]
    return line.replace(token, "***") if token else line


def translate(error: BaseException, token: str = "") -> TransportError:
    """What it means for the action that was being carried out."""
    if isinstance(error, GRPCError):
        return _translate_status(error.status, first_line(error.message, token))
    if isinstance(error, StreamTerminatedError | ProtocolError):
        return Uncertain("连接在调用途中断开，不知道做成了没有 (connection lost during the call)")
    if isinstance(error, TimeoutError):
        return Uncertain("网关没有按时回答，不知道做成了没有 (no answer in time)")
    if isinstance(error, OSError):
        return Unavailable(f"连不上网关 (cannot reach the gateway): {error}")
    return Uncertain(f"网关的回答读不懂 (unreadable answer): {type(error).__name__}")


def _translate_status(status: Status, text: str) -> TransportError:
    if _TOO_OFTEN.search(text):
        return Throttled(text)
    if status is Status.UNAUTHENTICATED:
        return Unavailable(f"网关不认这个令牌 (wrong token): {text}")
    if status is Status.RESOURCE_EXHAUSTED:
        return Refused(text) if "larger than max" in text else Throttled(text)
    if status in _UNSURE or _BROKEN.search(text):
        return Uncertain(text or status.name)
    if status is Status.UNAVAILABLE or _AWAY.search(text):
        return Unavailable(text or status.name)
    return Refused(text or status.name)


def explain(error: BaseException, endpoint: str, *, tls: bool, token: str = "") -> str:
    """Why there is no connection, and what to do about it."""
    if isinstance(error, GRPCError):
        return _explain_status(error.status, first_line(error.message, token))
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"网关 {endpoint} 的证书不受信任（{error.verify_message}）：请检查 [wechaty] ca_file 和 server_name"
    if isinstance(error, ssl.SSLError):
        return (
            f"网关 {endpoint} 没有按 TLS 回应：如果它没有开 TLS，"
            "请设 WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT=true"
        )
    if isinstance(error, TimeoutError):
        return f"网关 {endpoint} 没有回应，正在重试"
    if isinstance(error, StreamTerminatedError | ProtocolError | ConnectionResetError):
        hint = "" if tls else "；如果从来没有连上过，网关可能开了 TLS：请去掉 NO_TLS 设置"
        return f"与网关 {endpoint} 的连接断开，正在重连{hint}"
    if isinstance(error, socket.gaierror):
        return f"找不到网关主机 {endpoint}：请检查 WECHATY_PUPPET_SERVICE_ENDPOINT"
    if isinstance(error, ConnectionRefusedError):
        return f"连不上网关 {endpoint}，正在重试：那里没有程序在听，请检查网关开着没有、地址对不对 (connection refused)"
    return f"连不上网关 {endpoint}，正在重试（{type(error).__name__}）"


def _explain_status(status: Status, text: str) -> str:
    if status is Status.UNAUTHENTICATED:
        return "网关拒绝了令牌：请检查 WECHATY_PUPPET_SERVICE_TOKEN 与网关的令牌是否一致"
    if status is Status.ALREADY_EXISTS:
        return "网关正被另一个客户端占用（一个网关只能接一个机器人），等它断开"
    if status is Status.UNIMPLEMENTED:
        return "对方不是 Wechaty 网关，或版本太旧：请检查 WECHATY_PUPPET_SERVICE_ENDPOINT"
    return f"网关出错（{status.name}）：{text}"
