"""Test: the command line: its help, its exit codes, its sentences, and the verbs that need no group."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli import VERBS, cli
from bot.storage.hold import hold

ROOT = Path(__file__).parent.parent
READY_WITHIN = 60


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the person who runs the tests, and an empty folder to stand in."""
    for name in list(os.environ):
        if name.upper().startswith(("SHEQUN_", "WECHATY_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def shequn(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def process(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The same as a person would start it."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        timeout=READY_WITHIN,
    )


def all_commands() -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(cli)
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        found.append(((verb,), command))
        if isinstance(command, click.Group):
            found += [((verb, name), sub) for name, sub in command.commands.items()]
    return found


class TestHelp:
    def test_it_names_every_verb_without_loading_any(self) -> None:
        watch = "import sys\nfrom bot.cli import cli\ncli.main(['--help'], standalone_mode=False)\n"
        script = f"import atexit, sys\natexit.register(lambda: print(*sys.modules))\n{watch}"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        said, _, modules = done.stdout.rstrip().rpartition("\n")
        assert all(re.search(rf"^  {verb} +\S", said, re.MULTILINE) for verb in VERBS)
        heavy = {"pydantic", "sqlalchemy", "aiohttp", "alembic", "structlog", "plugins", "bot.app"}
        assert not heavy & set(modules.split())

    def test_every_verb_has_an_example_that_names_it(self) -> None:
        for path, command in all_commands():
            text = command.help or ""
            assert "例" in text, f"shequn {' '.join(path)} --help has no example"
            assert re.search(rf"shequn (--\S+ \S+ )*{' '.join(path)}", text), f"the example of {path} is another verb's"

    def test_short_help_flag_and_version(self) -> None:
        assert shequn("-h").exit_code == 0
        assert re.search(r"shequn.*\d+\.\d+", process("--version").stdout)


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["plya"], "没有 plya 这个动词，是不是 play？"),
            (["zzz"], "没有 zzz 这个动词，有：run、sandbox"),
            (["db", "nope"], "写法见 shequn db --help"),
            (["play"], "写法见 shequn play --help"),
            (["play", "--sho", "x"], "没有 --sho 这个选项，是不是 --show？"),
            ([], "动词 (verbs)"),
            (["sandbox", "--port", "99999"], "用法不对"),
            (["--log-level", "loud", "doctor"], "用法不对"),
            (["config", "show", "modration"], "没有 [modration] 这一节"),
        ],
    )
    def test_they_end_with_two_and_say_what_is_right(self, words: list[str], sentence: str) -> None:
        result = shequn(*words)
        assert result.exit_code == 2
        assert sentence in result.stderr
        assert "Traceback" not in result.output


class TestConfig:
    def test_all_errors_at_once_and_one(self, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "bot.toml").write_text('[bot]\nmoed = "dry"\n[moderation]\ngrace = "3x"\n')
        result = shequn("config", "check")
        assert result.exit_code == 1
        assert "config/bot.toml:2：[bot] 里没有 moed 这个键，是不是 mode？" in result.stderr
        assert "config/bot.toml:4：[moderation] grace：" in result.stderr
        assert shequn("config", "show").exit_code == 1

    def test_a_good_one_says_what_was_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "bot.toml").write_text('[bot]\nmode = "enforce"\n')
        monkeypatch.setenv("SHEQUN_MODERATION__GRACE", "5s")
        result = shequn("--config", "mine", "config", "check")
        assert result.exit_code == 0
        assert "配置：mine/bot.toml；环境变量 1 项：SHEQUN_MODERATION__GRACE" in result.stdout
        assert "没有写 [bot] owners" in result.stdout

    def test_show_says_where_each_value_comes_from(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHEQUN_MODERATION__GRACE", "5s")
        monkeypatch.setenv("WECHATY_PUPPET_SERVICE_TOKEN", "s3cr3t")
        result = shequn("--log-level", "debug", "config", "show")
        assert 'grace = "5s"  # 环境变量 SHEQUN_MODERATION__GRACE' in result.stdout
        assert 'level = "debug"  # 命令行' in result.stdout
        assert 'mode = "shadow"  # 默认' in result.stdout
        assert 'token = "••••"  # 环境变量 WECHATY_PUPPET_SERVICE_TOKEN' in result.stdout
        assert "s3cr3t" not in result.output

    def test_show_as_json_is_one_object_a_line(self) -> None:
        lines = [json.loads(line) for line in shequn("config", "show", "bot", "--json").stdout.splitlines()]
        assert {"key": "bot.mode", "value": "shadow", "origin": "默认"} in lines
        assert all(line["key"].startswith("bot.") for line in lines)

    def test_default_is_a_whole_configuration(self, tmp_path: Path) -> None:
        text = shequn("config", "default").stdout
        assert {"bot", "policy", "moderation", "brief", "lottery"} <= set(tomllib.loads(text))
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "bot.toml").write_text(text, encoding="utf-8")
        assert shequn("config", "check").exit_code == 0


class TestDatabase:
    def test_its_whole_life(self, tmp_path: Path) -> None:
        assert "✓ 0001" in shequn("db", "upgrade").stdout
        assert "已经是最新" in shequn("db", "upgrade").stdout
        assert "完好" in shequn("db", "check").stdout
        assert "备份好了" in shequn("db", "backup", "copies/a.db").stdout
        assert "messages\t0 行" in shequn("db", "export", "out").stdout
        made = [tmp_path / "data", tmp_path / "out", tmp_path / "copies" / "a.db"]
        assert [path.stat().st_mode & 0o077 for path in made] == [0, 0, 0], "members' words are nobody else's to read"
        assert (tmp_path / "out" / "members.csv").exists()
        result = shequn("db", "restore", "copies/a.db")
        assert "已恢复" in result.stdout
        assert list((tmp_path / "data").glob("shequn.before-restore-*.db"))
        assert shequn("db", "check").exit_code == 0

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["db", "check"], "没有数据库 data/shequn.db"),
            (["db", "backup", "x.db"], "没有数据库 data/shequn.db"),
            (["db", "export", "x"], "没有数据库 data/shequn.db"),
            (["db", "restore", "nowhere.db"], "没有备份文件 nowhere.db"),
        ],
    )
    def test_what_is_not_there(self, words: list[str], sentence: str) -> None:
        result = shequn(*words)
        assert (result.exit_code, sentence in result.stderr) == (1, True)

    def test_a_data_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        result = shequn("--data", "file/inside", "db", "upgrade")
        assert result.exit_code == 1
        assert result.stderr.startswith("file/inside：")
        result = shequn("--data", "/proc/nowhere", "sandbox")
        assert (result.exit_code, "建不了文件夹" in result.stderr) == (1, True)

    def test_damage_is_told_and_ends_with_a_code_of_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "shequn.db").write_bytes(b"this is no database" * 100)
        for verb in ("check", "upgrade"):
            result = shequn("db", verb)
            assert result.exit_code == 3
            assert "db restore" in result.stderr

    def test_a_database_from_the_future_is_left_alone(self, tmp_path: Path) -> None:
        shequn("db", "upgrade")
        with closing(sqlite3.connect(tmp_path / "data" / "shequn.db")) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
        result = shequn("db", "upgrade")
        assert result.exit_code == 1
        assert "来自更新的版本（9999）" in result.stderr
        assert "来自更新的版本" in shequn("doctor").stdout


class TestStarting:
    def test_run_without_a_gateway_says_what_to_set(self) -> None:
        done = process("run")
        assert done.returncode == 1
        assert "WECHATY_PUPPET_SERVICE_ENDPOINT" in done.stderr
        assert "WECHATY_PUPPET_SERVICE_TOKEN" in done.stderr
        assert "shequn sandbox" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_bad_configuration_stops_every_start(self, tmp_path: Path) -> None:
        done = process("sandbox", SHEQUN_BOT__MODE="kill")
        assert done.returncode == 1
        assert "环境变量 SHEQUN_BOT__MODE：[bot] mode：“kill” 只能是 dry、shadow、enforce" in done.stderr
        assert not (tmp_path / "data").exists()

    def test_a_taken_port_is_told_in_one_sentence(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = process("sandbox", "--port", str(taken.getsockname()[1]))
        assert done.returncode == 1
        assert "打不开：已经被别的程序占用" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_second_bot_on_the_same_data_is_refused_and_a_restore_too(self) -> None:
        assert shequn("db", "upgrade").exit_code == 0
        assert shequn("db", "backup", "copy.db").exit_code == 0
        with hold(Path("data/sandbox.db")), hold(Path("data/shequn.db")):
            second = process("sandbox")
            restored = process("db", "restore", "copy.db")
            assert shequn("db", "upgrade").exit_code == 0
        for done in (second, restored):
            assert done.returncode == 1
            assert f"正被另一个机器人使用（进程 {os.getpid()}）" in done.stderr
            assert "Traceback" not in done.stderr

    def test_a_database_that_another_program_locks_is_told_in_one_sentence(self) -> None:
        assert shequn("db", "upgrade").exit_code == 0
        with closing(sqlite3.connect("data/shequn.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            gateway = {"WECHATY_PUPPET_SERVICE_ENDPOINT": "127.0.0.1:1", "WECHATY_PUPPET_SERVICE_TOKEN": "t"}
            done = process("run", **gateway)
        assert done.returncode == 1
        assert "正被另一个程序占用" in done.stderr
        assert "restore" not in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
    def test_the_sandbox_serves_and_stops_cleanly(self, number: signal.Signals, tmp_path: Path) -> None:
        with serving() as (running, port):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                assert answer.status == 200
            running.send_signal(number)
            _, rest = running.communicate(timeout=READY_WITHIN)
        assert running.returncode == 0, rest
        assert "Traceback" not in rest
        assert (tmp_path / "data" / "sandbox.db").exists()
        assert not (tmp_path / "data" / "shequn.db").exists()


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A sandbox on a free port, once it says that its page is open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert running.stderr is not None
        seen = []
        for line in running.stderr:
            seen.append(line)
            if f":{port}/" in line:
                break
        else:
            pytest.fail(f"the sandbox ended: {''.join(seen)}")
        yield running, port
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()
