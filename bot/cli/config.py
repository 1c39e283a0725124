"""Cli: `shequn config`: is the configuration right, what is in force, what could be set."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING, Any

import click

from bot.cli.place import Place, place, read_from

if TYPE_CHECKING:
    from pydantic import BaseModel


@click.group()
def config() -> None:
    """检查和查看配置。

    \b
    例：
      shequn config check
      shequn config show moderation
      shequn config default > config/bot.toml
    """


@config.command()
@place
def check(where: Place) -> None:
    """一次说出配置里的所有问题；有问题退出码 1。

    \b
    例：shequn config check
        shequn --config /data/config config check
    """
    from bot.settings.review import review

    settings = where.settings()
    for line in (*read_from(settings), *review(settings)):
        click.echo(line)
    click.echo("✓ 配置没有问题 (configuration is fine)")


@config.command()
@click.argument("section", required=False)
@click.option("--json", "as_json", is_flag=True, help="每个设置一行 JSON")
@place
def show(where: Place, section: str | None, as_json: bool) -> None:
    """每一项设置的值，和它从哪里来。密钥不显示。

    \b
    例：shequn config show
        shequn config show bot --json
    """
    settings = where.settings()
    if section is not None and section not in settings.sections:
        from bot.settings.problem import nearest

        raise click.UsageError(f"没有 [{section}] 这一节{nearest(section, settings.sections)} (unknown section)")
    if not as_json:
        for line in read_from(settings):
            click.echo(f"# {line}")
    for name, model in settings.sections.items():
        if section in (None, name):
            _show(name, model, settings, as_json)


def _show(name: str, model: BaseModel, settings: Any, as_json: bool) -> None:
    from bot.settings.decode import is_secret
    from bot.settings.document import toml_value

    values = model.model_dump(mode="json")
    if not as_json:
        click.echo(f"\n[{name}]")
    for key, field in type(model).model_fields.items():
        secret, origin = is_secret(field), settings.origin(f"{name}.{key}")
        hidden = "••••" if secret and getattr(model, key) else ""
        if as_json:
            value = hidden if secret else values[key]
            line = json_module.dumps({"key": f"{name}.{key}", "value": value, "origin": origin}, ensure_ascii=False)
        else:
            value = toml_value(hidden) if secret else "off" if values[key] is None else toml_value(values[key])
            line = f"{key} = {value}  # {origin}"
        click.echo(line)


@config.command()
def default() -> None:
    """打印一份写着全部设置和默认值的 bot.toml。

    \b
    例：shequn config default > config/bot.toml
    """
    from bot.loader import find_plugins
    from bot.settings.document import document

    click.echo(document(find_plugins()), nl=False)
