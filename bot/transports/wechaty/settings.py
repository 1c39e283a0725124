"""Transport: the settings of the Wechaty gateway, section `[wechaty]`."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.duration import Duration

SHIPPED, SYSTEM = "", "system"


class WechatySettings(BaseModel):
    """Where the gateway is and how to treat it. Endpoint and token usually come from the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str = Field("", description="网关地址，主机:端口；环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT")
    token: SecretStr = Field(SecretStr(""), description="网关令牌；环境变量 WECHATY_PUPPET_SERVICE_TOKEN")
    tls: bool = Field(True, description="是否加密；WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT=true 时为 false")
    ca_file: str = Field(SHIPPED, description="自己的 CA 证书文件；空：网关自带证书；system：系统信任的证书")
    server_name: str = Field("", description="证书上的主机名，与地址中的主机不同时才填")
    reconcile: Duration = Field(timedelta(minutes=5), description="多久核对一次成员名单和群名")
    takeover_after: Duration = Field(timedelta(seconds=90), description="自己的旧连接僵死多久后接管；0s 表示从不")
    call_timeout: Duration = Field(timedelta(seconds=15), description="每次调用（包括收一张图片）的期限")
    file_timeout: Duration = Field(timedelta(seconds=60), description="发一个文件的期限")
    keepalive: Duration = Field(timedelta(seconds=20), description="多久确认一次连接还活着")
    quiet_after: Duration = Field(timedelta(seconds=60), description="连着却这么久没有任何动静，就问一声；不答则重连")
    start_grace: Duration = Field(timedelta(seconds=3), description="连上后静默多久才启动网关里的账号")
    backoff_first: Duration = Field(timedelta(milliseconds=500), description="断线后第一次重连前的等待")
    backoff_longest: Duration = Field(timedelta(seconds=30), description="重连等待的上限")
    echo: bool = Field(True, description="网关会把自己发的消息也推回来；没有这个功能的 puppet 填 false")
    lookups_per_second: float = Field(5, gt=0, le=1000, description="核对名单时每秒最多查几个人的群昵称")
    picture_limit: int = Field(10 * 2**20, ge=2**10, description="单张图片的上限，字节")
    media_limit: int = Field(512 * 2**20, ge=2**20, description="图片文件夹的总上限，字节，超过删最旧的")
    cache_size: int = Field(20_000, ge=100, description="最多记住多少个成员的资料")
    cache_ttl: Duration = Field(timedelta(minutes=30), description="成员资料多久重新查一次")
    fetch_hosts: tuple[str, ...] = Field((), description="允许从哪些内网主机下载图片（公网主机无需填写）")

    @field_validator("endpoint")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        value = value.strip()
        if value and split_endpoint(value) is None:
            raise ValueError(f"网关地址“{value[:80]}”应写成 主机:端口，如 127.0.0.1:8788 (expected host:port)")
        return value

    @field_validator("token")
    @classmethod
    def _fits_in_a_header(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not (token.isascii() and (token.isprintable() or not token)) or " " in token:
            raise ValueError("网关令牌只能是没有空格的英文字符 (token must be printable ASCII without spaces)")
        return SecretStr(token)

    @field_validator(
        "call_timeout", "file_timeout", "keepalive", "reconcile", "quiet_after", "backoff_first", "backoff_longest"
    )
    @classmethod
    def _is_positive(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("时长必须大于零 (must be longer than zero)")
        return value


def split_endpoint(endpoint: str) -> tuple[str, int] | None:
    """`"host:8788"`, `"[::1]:8788"` or with a scheme → host and port; None when it is neither."""
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
        if parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    return None
