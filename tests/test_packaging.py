"""Test: what is shipped: dependencies, the wheel, the Makefile, the documents and their examples."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from bot import __version__
from bot.shipped import config_part, shipped
from tests import readme

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

UNIMPORTED = {
    "tzdata",  # zoneinfo finds it by itself
}
"""Dependencies that no file of ours names."""


def wanted(requirements: list[str]) -> dict[str, str]:
    """Normalised name → the requirement."""
    return {re.split(r"[\[<>=~!]", line)[0].lower().replace("_", "-"): line for line in requirements}


def imports() -> set[str]:
    found: set[str] = set()
    for folder in ("bot", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            if "training" in path.parts or "fonts" in path.parts:
                continue  # what makes the model and the fonts: extras of their own, never loaded by a bot that runs
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"bot", "plugins"}


class TestDependencies:
    def test_what_is_imported_is_declared_and_what_is_declared_is_imported(self) -> None:
        owners = packages_distributions()
        imported = {owners[name][0].lower().replace("_", "-") for name in imports()}
        declared = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]]
        assert imported == set(wanted(declared)) - UNIMPORTED

    def test_every_dependency_has_a_lower_and_an_upper_bound(self) -> None:
        extras = PROJECT["optional-dependencies"]
        everything = [*PROJECT["dependencies"], *extras["dev"], *extras["postgres"]]
        for name, line in wanted(everything).items():
            assert "==" in line or (">=" in line and ("<" in line or name == "tzdata")), line

    def test_the_top_level_wechaty_package_stays_out(self) -> None:
        assert "wechaty" not in wanted(PROJECT["dependencies"])
        assert "wechaty" not in imports()

    def test_scheduler_stays_below_four(self) -> None:
        assert wanted(PROJECT["dependencies"])["apscheduler"].endswith("<4")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the backend that pip would use, from a copy without what a checkout collects."""
    source = tmp_path_factory.mktemp("source")
    for name in ("bot", "plugins", "config", "migrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("wheel")
    script = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, str(target)], cwd=source, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


class TestWheel:
    def test_it_holds_code_configuration_texts_and_migrations(self, wheel: Path) -> None:
        names = zipfile.ZipFile(wheel).namelist()
        assert wheel.name.startswith(f"shequn-{__version__}-py3-")
        for part in (
            "bot/_shipped/config/bot.toml",
            "bot/_shipped/config/texts/zh-CN/help.toml",
            "bot/_shipped/migrations/versions/0001_initial.py",
            "plugins/rule.py",
            "bot/web/static/sandbox.css",
        ):
            assert part in names, part
        tops = {name.split("/")[0] for name in names}
        assert tops == {"bot", "plugins", f"shequn-{__version__}.dist-info"}
        assert not [name for name in names if "local.toml" in name]

    def test_an_installed_copy_works_away_from_the_checkout(self, wheel: Path, tmp_path: Path) -> None:
        installed, here = tmp_path / "site", tmp_path / "here"
        zipfile.ZipFile(wheel).extractall(installed)
        here.mkdir()
        (here / "a.chat").write_text("09:00 小王: /帮助\n09:00 bot ~ 我会这些命令\n", encoding="utf-8")

        def shequn(*words: str) -> str:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "bot", *words],
                cwd=here,
                env={**os.environ, "PYTHONPATH": str(installed)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert "✓ 0001" in shequn("db", "upgrade")
        assert "通过" in shequn("play", "a.chat")
        assert shequn("config", "default") == (ROOT / "config" / "bot.toml").read_text(encoding="utf-8")

    def test_texts_fall_back_on_the_shipped_ones(self, tmp_path: Path) -> None:
        assert config_part(tmp_path, "texts") == shipped("config") / "texts"
        (tmp_path / "texts").mkdir()
        assert config_part(tmp_path, "texts") == tmp_path / "texts"


class TestDocuments:
    README = (ROOT / "README.md").read_text(encoding="utf-8")

    def test_the_table_of_commands_is_written_from_the_registry(self) -> None:
        assert readme.written(self.README) == self.README, "命令改了：python tests/readme.py"

    async def test_the_example_plugin_does_what_its_chat_says(self, tmp_path: Path) -> None:
        from bot.cli.company import Company
        from bot.loader import find_plugins
        from bot.transports.transcript.expect import compare

        code, chat = tmp_path / "good_morning.py", tmp_path / "good_morning.chat"
        code.write_text(readme.example("plugins/good_morning.py", self.README), encoding="utf-8")
        chat.write_text(readme.example("tests/chats/good_morning.chat", self.README), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("good_morning", code)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        played = await Company(tmp_path, [*find_plugins(), module.plugin]).play(str(chat))
        assert compare(played).met

    @pytest.mark.parametrize("name", ["README.md", "README.en.md", "CHANGELOG.md"])
    def test_local_links_lead_somewhere(self, name: str) -> None:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{name} points to {target}, which is not there"

    def test_every_verb_the_readmes_name_exists(self) -> None:
        from bot.cli import VERBS

        for name in ("README.md", "README.en.md"):
            named = re.findall(r"\bshequn (?:--\w+ \S+ )*([a-z]+)", (ROOT / name).read_text(encoding="utf-8"))
            assert set(named) <= set(VERBS), set(named) - set(VERBS)

    def test_the_licence_is_whole(self) -> None:
        text = (ROOT / "LICENSE").read_text(encoding="utf-8")
        assert "Apache License" in text
        assert "END OF TERMS AND CONDITIONS" in text

    def test_the_changelog_has_a_place_for_what_comes_next(self) -> None:
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert "## [未发布]" in text
        assert "### 升级须知" in text


class TestScripts:
    def test_a_skipped_test_fails_in_ci(self, tmp_path: Path) -> None:
        lines = ("import pytest", "def test_a(): pytest.skip('no node')", "@pytest.mark.skip", "def test_b(): pass")
        (tmp_path / "test_x.py").write_text("\n".join((*lines, "def test_c(): pass\n")))
        (tmp_path / "test_y.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no_skips", "--continue-on-collection-errors"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT / ".ci"), "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert "1 failed, 1 passed, 2 errors" in done.stdout
        assert "no node" in done.stdout

    @pytest.mark.parametrize("name", ["venv", "gateway", "browser", "run"])
    def test_scripts_are_sound_shell(self, name: str) -> None:
        script = ROOT / ".ci" / name
        shell = script.read_text(encoding="utf-8").split("\n")[0].split("/")[-1].split()[-1]
        subprocess.run([shell, "-n", str(script)], check=True)
        assert os.access(script, os.X_OK)

    @pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "image"])
    def test_the_makefile_knows_its_five_verbs(self, target: str) -> None:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def test_port_reaches_the_sandbox(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        (line,) = [line for line in makefile.splitlines() if "sandbox $${PORT" in line]
        shell = line.strip().removeprefix("@exec $(BIN)/").replace("$$", "$").replace("python -m bot", "echo")
        for port, said in (("9000", "sandbox --port 9000"), ("", "sandbox")):
            env = {"PORT": port, "PATH": os.environ["PATH"]}
            done = subprocess.run(["sh", "-c", shell], env=env, capture_output=True)
            assert done.stdout.decode().strip() == said

    def test_the_dockerfile_passes_its_linter(self) -> None:
        hadolint = Path(sys.executable).parent / "hadolint"
        done = subprocess.run([str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout

    def test_the_image_holds_only_what_runs(self) -> None:
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
        assert lines[0] == "*"
        dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        for name in " ".join(copied).split():
            assert f"!{name}" in lines, f"{name} is copied but ignored"
            assert (ROOT / name).exists()
