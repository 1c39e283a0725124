"""Test: the doctor: what it finds, how it says it, and that it asks a real gateway without disturbing it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.cli.doctor import installation
from bot.cli.place import Place
from bot.storage.migrate import upgrade
from tests.gateway.client import GROUP, OTHER_GROUP, GatewayProcess

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
        assert "db restore" in result.stdout
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
        assert f"✗ 网关地址：连不上网关 127.0.0.1:{port}" in result.stdout

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
    def test_a_real_one_is_asked_step_by_step_and_left_alone(
        self, visit: Visit, gateway_process: GatewayProcess
    ) -> None:
        tell(gateway_process, "/rpc/reset")
        for _ in range(2):  # a second visit finds it as it was
            result = visit(gateway_process.endpoint, gateway_process.token, tls=False)
            assert result.exit_code == 0, result.output
            steps = [
                "✓ 网关地址",
                "✓ 网关加密",
                "✓ 网关令牌",
                "✓ 网关协议",
                "✓ 微信账号：看得到 2 个群",
                "· 能力·移出群友",
            ]
            places = [result.stdout.index(step) for step in steps]
            assert places == sorted(places)
        assert gateway_process.token not in result.stdout
        assert set(tell(gateway_process, "/rpc")) <= {"version", "roomList", "roomPayload", "roomMemberList"}

    @pytest.mark.gateway
    def test_a_real_one_with_the_wrong_token_or_wire(self, visit: Visit, gateway_process: GatewayProcess) -> None:
        wrong = visit(gateway_process.endpoint, "not-the-token", tls=False)
        assert wrong.exit_code == 1
        assert "✓ 网关地址" in wrong.stdout
        assert "✗ 网关令牌：网关拒绝了令牌" in wrong.stdout
        plain = visit(gateway_process.endpoint, gateway_process.token, tls=True)
        assert plain.exit_code == 1
        assert "✗ 网关加密" in plain.stdout
        assert "NO_TLS_INSECURE_CLIENT=true" in plain.stdout

    @pytest.mark.gateway
    def test_nobody_is_logged_in(self, visit: Visit, gateway_process: GatewayProcess) -> None:
        tell(gateway_process, "/faults", {"method": "roomList", "code": "UNKNOWN", "message": "not logged in"})
        result = visit(gateway_process.endpoint, gateway_process.token, tls=False)
        tell(gateway_process, "/faults", {"clear": True})
        assert result.exit_code == 1
        assert "✗ 微信账号：群的名单要不到：not logged in" in result.stdout
        assert "扫" in result.stdout

    @pytest.mark.gateway
    def test_rights_and_deeds_one_by_one(
        self, visit: Visit, gateway_process: GatewayProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lived(tmp_path / "data" / "shequn.db")
        monkeypatch.setenv("WECHATY_PUPPET", "wechaty-puppet-wechat4u")
        result = visit(gateway_process.endpoint, gateway_process.token, tls=False)
        assert result.exit_code == 1
        for line in (
            "✓ 群 创业交流1群（22 人）：机器人是群主",
            "· 群 别人的群（5 人）：机器人是普通成员",
            "✗ 群 没有了的群：网关里没有这个群",
            "✓ 能力·移出群友：做成过 2 次",
            "· 能力·撤回消息：做成 1 次，失败 1 次，最近一次是：too old",
            "✗ 能力·邀请进群：试过 1 次，一次也没成：refused",
            "→ wechaty-puppet-wechat4u：超过 40 人的群",
            "· 能力·发群公告：还没有做过，wechaty-puppet-wechat4u：网页版微信没有这个功能",
        ):
            assert line in result.stdout
        assert "停用的群" not in result.stdout


def tell(gateway: GatewayProcess, path: str, body: dict[str, object] | None = None) -> Any:
    """The gateway's control port, from a test that is not asynchronous. A path that changes something has a body."""
    data = None if body is None and not path.endswith("/reset") else json.dumps(body or {}).encode()
    with urlopen(Request(gateway.control + path, data)) as answer:  # noqa: S310  loopback
        return json.load(answer)


def lived(path: Path) -> None:
    """The file of a bot that has been at work in four groups."""
    path.parent.mkdir()
    upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "INSERT INTO messages (id, \"group\", sender, at, kind, text) VALUES ('1', 'g', 'wxid_bot', 1, 'own', '')"
        )
        groups = [
            (GROUP, "创业交流1群", 1),
            (OTHER_GROUP, "别人的群", 1),
            ("gone", "没有了的群", 1),
            ("off", "停用的群", 0),
        ]
        db.executemany("INSERT INTO groups (id, topic, enabled, first_seen_at) VALUES (?, ?, ?, 1)", groups)
        deeds = [
            ("remove", "done", ""),
            ("remove", "done", ""),
            ("recall", "done", ""),
            ("recall", "failed", "too old"),
            ("invite", "failed", "refused"),
        ]
        db.executemany(
            'INSERT INTO outbox (event_id, plugin, "group", kind, payload, priority, state, created_at, not_before,'
            " error) VALUES ('e', 'p', 'g', ?, '{}', 1, ?, 1, 1, ?)",
            deeds,
        )
        db.commit()
