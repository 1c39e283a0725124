"""Test: the doctor: what it finds, how it says it, and that it asks a real gateway without disturbing it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.cli.doctor import installation
from bot.cli.place import Place
from tests.gateway.client import GatewayProcess

Visit = Callable[..., Result]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Visit:
    """`visit(ENDPOINT=…, TOKEN=…, TLS=False)`: the doctor in an empty folder."""
    for name in list(os.environ):
        if name.upper().startswith(("SHEQUN_", "WECHATY_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(endpoint: str = "", token: str = "", *, tls: bool = True) -> Result:
        monkeypatch.setenv("WECHATY_PUPPET_SERVICE_ENDPOINT", endpoint)
        monkeypatch.setenv("WECHATY_PUPPET_SERVICE_TOKEN", token)
        monkeypatch.setenv("WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT", "" if tls else "true")
        return CliRunner().invoke(cli, ["doctor"])

    return call


class TestInstallation:
    def test_a_fresh_one_is_well(self, visit: Visit) -> None:
        result = visit()
        assert result.exit_code == 0, result.output
        assert "✗" not in result.stdout
        for word in ("✓ 程序", "✓ 配置", "✓ 时钟", "✓ 数据文件夹", "· 数据库：还没有", "· 网关：还没有", "一切正常"):
            assert word in result.stdout

    def test_every_fault_is_counted_and_says_how_to_mend_it(self, visit: Visit, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "bot.toml").write_text('[bot]\nmoed = 1\nlanguage = "fr"\n')
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "shequn.db").write_bytes(b"rubbish" * 1000)
        result = visit()
        assert result.exit_code == 1
        assert "✗ 配置：config/bot.toml:2：[bot] 里没有 moed 这个键，是不是 mode？" in result.stdout
        assert "✗ 配置：config/bot.toml:3：[bot] language：" in result.stdout
        assert "✗ 数据库：" in result.stdout
        assert "shequn db restore" in result.stdout
        assert "有 3 处要修" in result.stdout

    def test_it_changes_nothing(self, visit: Visit, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        visit()
        assert list((tmp_path / "data").iterdir()) == []

    def test_an_old_database_is_no_fault(self, visit: Visit, tmp_path: Path) -> None:
        CliRunner().invoke(cli, ["db", "upgrade"])
        assert "✓ 数据库：data/shequn.db 完好，是最新的" in visit().stdout

    @pytest.mark.parametrize(("year", "mark"), [(1970, "✗"), (2026, "✓"), (2199, "✗")])
    def test_a_clock_that_cannot_be_right(self, year: int, mark: str) -> None:
        (finding,) = installation.look_at_clock(datetime(year, 3, 1, tzinfo=UTC), "Asia/Shanghai")
        assert str(finding).startswith(f"{mark} 时钟")

    @pytest.mark.parametrize(("free", "mark"), [(10**8, "✗"), (5 * 10**8, "·"), (10**10, "✓")])
    def test_a_disk_that_fills_up(self, free: int, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.storage.backup.free_space", lambda _path: free)
        (finding,) = installation.look_at_data(Place(tmp_path, tmp_path / "data"))
        assert str(finding).startswith(f"{mark} 数据文件夹")


class TestGateway:
    def test_half_a_configuration(self, visit: Visit) -> None:
        assert "✗ 网关：有地址，没有令牌" in visit("127.0.0.1:1").stdout
        assert "✗ 网关：有令牌，没有地址" in visit("", "t").stdout

    def test_nobody_there(self, visit: Visit) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        result = visit(f"127.0.0.1:{port}", "t", tls=False)
        assert result.exit_code == 1
        assert f"✗ 网关：连不上网关 127.0.0.1:{port}" in result.stdout

    def test_somebody_who_never_answers(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.cli.doctor.gateway.DEADLINE", 0.3)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            result = visit(f"127.0.0.1:{silent.getsockname()[1]}", "t", tls=False)
        assert "没有回应" in result.stdout

    def test_an_address_that_is_none(self, visit: Visit) -> None:
        result = visit("somewhere", "t")
        assert result.exit_code == 1
        assert "应写成 主机:端口" in result.stdout

    @pytest.mark.gateway
    def test_a_real_one_is_asked_and_left_alone(self, visit: Visit, gateway_process: GatewayProcess) -> None:
        for _ in range(2):  # a second visit finds it as it was
            result = visit(gateway_process.endpoint, gateway_process.token, tls=False)
            assert result.exit_code == 0, result.output
            assert f"✓ 网关：{gateway_process.endpoint} 连得上（不加密），令牌对" in result.stdout
        assert gateway_process.token not in result.stdout

    @pytest.mark.gateway
    def test_a_real_one_with_the_wrong_token_or_wire(self, visit: Visit, gateway_process: GatewayProcess) -> None:
        wrong = visit(gateway_process.endpoint, "not-the-token", tls=False)
        assert wrong.exit_code == 1
        assert "✗ 网关：网关拒绝了令牌" in wrong.stdout
        plain = visit(gateway_process.endpoint, gateway_process.token, tls=True)
        assert plain.exit_code == 1
        assert "NO_TLS_INSECURE_CLIENT=true" in plain.stdout
