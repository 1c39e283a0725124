"""Cli: the command `shequn`, the same as `python -m bot`. Verbs load only when they are called."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bot import __version__
from bot.cli.place import Place
from bot.errors import BotError, ConfigError, DamagedError, ScriptError

VERBS: dict[str, tuple[str, str]] = {
    "run": ("bot.cli.run:run", "在微信上运行（经 Wechaty 网关）"),
    "sandbox": ("bot.cli.sandbox:sandbox", "在浏览器里试玩，不用微信账号"),
    "play": ("bot.cli.play:play", "演一遍 .chat 剧本，对照期望"),
    "check": ("bot.cli.check:check", "离线判断消息是不是广告"),
    "config": ("bot.cli.config:config", "检查和查看配置"),
    "db": ("bot.cli.db:db", "数据库：升级、检查、备份、恢复、导出、搬到 PostgreSQL"),
    "doctor": ("bot.cli.doctor:doctor", "体检：这套安装哪里不对，怎么修"),
    "bench": ("bot.cli.bench:bench", "跑基准测试"),
    "console": ("bot.cli.console:console", "网页控制台的一次性登录链接"),
    "lottery": ("bot.cli.lottery:lottery", "用公布的证明重算一次开奖"),
    "shop": ("bot.cli.shop:shop", "从文件给积分商店导入券码"),
}
"""Verb → where it lives, and its one line of help (told without loading it)."""


class Sentence(click.ClickException):
    """An expected failure: its message is all there is to say. Exit code 1."""


class Unreadable(Sentence):
    """A script that cannot be read."""

    exit_code = 2


class Damaged(Sentence):
    """A database that has to be restored first."""

    exit_code = 3


class Verbs(click.Group):
    """Finds a verb by VERBS and turns the bot's own errors into their sentence and exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("动词 (verbs)"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in VERBS.items()])

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """As click's, but a wrong call is told in Chinese first. Exits with 2 for those, 130 for Ctrl-C."""
        try:
            code: Any = super().main(*args, standalone_mode=False, **extra)  # type: ignore[call-overload]
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            code = 2
        except click.UsageError as error:
            asked = error.ctx.command_path if error.ctx else "shequn"
            click.echo(f"用法不对：{_say(error)}\n写法见 {asked} --help (wrong usage)", err=True)
            code = 2
        except click.ClickException as error:
            click.echo(error.format_message(), err=True)
            code = error.exit_code
        except click.Abort:
            click.echo("中断 (interrupted)", err=True)
            code = 130
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = get_close_matches(args[0], VERBS, n=1)
            hint = f"，是不是 {near[0]}？" if near else f"，有：{'、'.join(VERBS)}"
            ctx.fail(f"没有 {args[0]} 这个动词{hint} (no such verb)")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ScriptError as error:
            raise Unreadable(str(error)) from error
        except ConfigError as error:
            raise Sentence("\n".join(error.problems)) from error
        except DamagedError as error:
            raise _with_ways_back(error, ctx.obj) from error
        except BotError as error:
            raise Sentence(str(error)) from error


def _with_ways_back(error: DamagedError, where: Place) -> Sentence:
    """What can be done about it, when it is this installation's own file."""
    from bot.storage.soundness import ways_back

    if error.path == where.database:
        return Damaged("\n".join([str(error), *ways_back(error.path)]))
    if error.path == where.sandbox:
        return Damaged(f"{error}\n沙盒里没有要紧的东西，删掉重新开始 (delete it and begin again)：rm {error.path}*")
    return Sentence(str(error))


def _say(error: click.UsageError) -> str:
    """What click says in English about the commonest slips, Chinese first."""
    said = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = f"，是不是 {error.possibilities[0]}？" if error.possibilities else ""
        return f"没有 {error.option_name} 这个选项{near} (no such option)"
    if isinstance(error, click.MissingParameter):
        return f"少了一样。{said}"
    if not isinstance(error, click.BadParameter) or not error.param:
        return said
    reason = next((chinese for english, chinese in _REASONS.items() if english in said), "的值不行")
    return f"{error.param.opts[0]} {reason}。{said}"


_REASONS = {"is a file": "要的是文件夹，那里却是一个文件", "is a directory": "要的是文件，那里却是一个文件夹"}
"""What click finds at a path, as the half of a sentence."""


@click.group("shequn", cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("config"),
    envvar="SHEQUN_CONFIG",
    show_default=True,
    help="配置文件夹",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    envvar="SHEQUN_DATA",
    show_default=True,
    help="数据文件夹",
)
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="日志级别，优先于配置")
@click.version_option(__version__, prog_name="shequn")
@click.pass_context
def cli(ctx: click.Context, config: Path, data: Path, log_level: str | None) -> None:
    """社群：微信群管家机器人 (a WeChat community group bot).

    \b
    例：
      shequn sandbox                       浏览器里试玩
      shequn --data /data run              在微信上运行
      shequn play tests/chats/*.chat       演剧本
    """
    ctx.obj = Place(config, data, log_level or "")


def main() -> None:
    """The console script."""
    cli(prog_name="shequn")
