"""Test: the configuration: where values come from, what is refused and how it is said, what a group may change."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.duration import Duration, DurationOrOff
from bot.errors import CommandError, ConfigError
from bot.model import Mode
from bot.plugin import Field, Plugin, PluginSettings, template
from bot.settings import PLAYGROUND, Settings, group_keys, load_settings, resolve_key, validate_override
from bot.settings.document import document, toml_value
from bot.settings.review import review
from bot.settings.source import key_lines
from bot.settings.window import Window, parse_window
from plugins.ad_guard import plugin as ad_guard


class Parlour(PluginSettings):
    grace: DurationOrOff = Field(timedelta(minutes=3), description="宽限")
    wait: Duration = Field(timedelta(seconds=5), description="等多久")
    count: int = Field(3, ge=1, le=9, description="几个")
    share: float = Field(0.5, ge=0, le=1, description="占多少")
    words: tuple[str, ...] = Field(("甲",), description="词")
    loud: bool = Field(False, description="大声")
    morning: time | None = Field(time(8), description="早上几点")
    greeting: str = template("欢迎{昵称}", "昵称", description="欢迎词")
    prizes: dict[str, int] = Field({"一等奖": 1}, description="奖品")
    key: SecretStr = Field(SecretStr(""), description="密钥")
    folder: str = Field("", description="文件夹", json_schema_extra={"installation": True})


PARLOUR = Plugin("parlour", Parlour, help="测试用的插件")


def load(folder: Path, env: dict[str, str] | None = None, **more: dict[str, object]) -> Settings:
    return load_settings(folder, [PARLOUR], env or {}, more.get("overrides"), more.get("presets"))


def parlour(settings: Settings) -> Parlour:
    section = settings.sections["parlour"]
    assert isinstance(section, Parlour)
    return section


def problems_of(folder: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    (folder / "bot.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(folder, env)
    return [line.replace(f"{folder}/", "") for line in refused.value.problems]


class TestSources:
    def test_without_a_folder_defaults_hold_and_a_note_says_so(self, tmp_path: Path) -> None:
        settings = load(tmp_path / "nowhere")
        assert settings.bot.mode is Mode.SHADOW
        assert settings.bot.manage == ()
        assert settings.origin("bot.mode") == "默认"
        assert "没有找到" in settings.notes[0]

    def test_file_beats_default_and_names_its_line(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_text('# 说明\n[bot]\nowners = ["wxid_a"]\n\n[parlour]\ngrace = "5m"\n')
        settings = load(tmp_path)
        assert settings.bot.owners == ("wxid_a",)
        assert parlour(settings).grace == timedelta(minutes=5)
        assert settings.origin("parlour.grace") == f"{tmp_path}/bot.toml:6"
        assert settings.notes == ()

    def test_later_files_win_over_bot_toml(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_text('[bot]\nmode = "dry"\nname = "小助"\n')
        (tmp_path / "a-first-by-name.toml").write_text('[bot]\nmode = "enforce"\n')
        settings = load(tmp_path)
        assert settings.bot.mode is Mode.ENFORCE
        assert settings.bot.name == "小助"
        assert [Path(name).name for name in settings.files] == ["bot.toml", "a-first-by-name.toml"]

    def test_strength_is_override_environment_preset_file_default(self, tmp_path: Path) -> None:
        text = '[bot]\nmode = "dry"\nmanage = ["g9"]\n[web]\nport = 1\n[parlour]\ncount = 1\n'
        (tmp_path / "bot.toml").write_text(text)
        env = {"SHEQUN_BOT__MODE": "shadow", "SHEQUN_WEB__PORT": "2"}
        settings = load(tmp_path, env, presets=dict(PLAYGROUND), overrides={"web.port": 3})
        assert settings.bot.mode is Mode.SHADOW
        assert settings.bot.manage == ("*",)
        assert settings.web.port == 3
        assert parlour(settings).count == 1
        assert settings.origin("bot.mode") == "环境变量 SHEQUN_BOT__MODE"
        assert settings.origin("bot.manage") == "沙盒默认"
        assert settings.origin("web.port") == "命令行"

    def test_the_playground_overrides_what_the_files_say(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_text('[bot]\nmode = "shadow"\nmanage = []\n')
        settings = load(tmp_path, presets=dict(PLAYGROUND))
        assert (settings.bot.mode, settings.bot.manage) == (Mode.ENFORCE, ("*",))

    @pytest.mark.parametrize(
        ("variable", "text", "key", "value"),
        [
            ("SHEQUN_PARLOUR__GRACE", "5s", "grace", timedelta(seconds=5)),
            ("SHEQUN_PARLOUR__GRACE", '"5s"', "grace", timedelta(seconds=5)),
            ("SHEQUN_PARLOUR__GRACE", "off", "grace", None),
            ("SHEQUN_PARLOUR__COUNT", "7", "count", 7),
            ("SHEQUN_PARLOUR__SHARE", "0.25", "share", 0.25),
            ("SHEQUN_PARLOUR__WORDS", "乙,丙", "words", ("乙", "丙")),
            ("SHEQUN_PARLOUR__WORDS", '["乙,丁", "丙"]', "words", ("乙,丁", "丙")),
            ("SHEQUN_PARLOUR__WORDS", "[乙, 丙]", "words", ("乙", "丙")),
            ("SHEQUN_PARLOUR__WORDS", "", "words", ()),
            ("SHEQUN_PARLOUR__LOUD", "开", "loud", True),
            ("SHEQUN_PARLOUR__LOUD", "TRUE", "loud", True),
            ("SHEQUN_PARLOUR__MORNING", "07:30", "morning", time(7, 30)),
            ("SHEQUN_PARLOUR__GREETING", "123", "greeting", "123"),
            ("SHEQUN_PARLOUR__GREETING", "2026-01-05", "greeting", "2026-01-05"),
            ("SHEQUN_PARLOUR__GREETING", '"你好\\n{昵称}"', "greeting", "你好\n{昵称}"),
            ("SHEQUN_PARLOUR__PRIZES", '{ "茶" = 2 }', "prizes", {"茶": 2}),
            ("shequn_parlour__count", "8", "count", 8),
        ],
    )
    def test_environment_is_read_as_the_field_wants_it(
        self, tmp_path: Path, variable: str, text: str, key: str, value: object
    ) -> None:
        settings = load(tmp_path, {variable: text, "PATH": "/bin", "SHEQUN_CONFIG": "x", "SHEQUN_DATA": "y"})
        assert getattr(parlour(settings), key) == value
        assert settings.origin(f"parlour.{key}") == f"环境变量 {variable}"

    def test_the_gateway_is_found_by_the_names_of_its_own_world(self, tmp_path: Path) -> None:
        env = {
            "WECHATY_PUPPET_SERVICE_TOKEN": "t-123",
            "WECHATY_PUPPET_SERVICE_ENDPOINT": "127.0.0.1:8788",
            "WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT": "true",
        }
        gateway = load(tmp_path, env).sections["wechaty"].model_dump()
        assert gateway["token"].get_secret_value() == "t-123"
        assert (gateway["endpoint"], gateway["tls"]) == ("127.0.0.1:8788", False)
        ours = load(tmp_path, {**env, "SHEQUN_WECHATY__ENDPOINT": "10.0.0.1:1"}).sections["wechaty"].model_dump()
        assert ours["endpoint"] == "10.0.0.1:1"

    def test_a_secret_may_lie_in_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("t-456\n", "utf-8")
        (tmp_path / "key").write_text("sk-1", "utf-8")
        env = {
            "WECHATY_PUPPET_SERVICE_TOKEN_FILE": str(tmp_path / "token"),
            "SHEQUN_ASSISTANT__KEY_FILE": str(tmp_path / "key"),
            "SHEQUN_WECHATY__CA_FILE": "system",
        }
        settings = load(tmp_path / "config", env)
        assert settings.sections["wechaty"].model_dump()["token"].get_secret_value() == "t-456"
        assert settings.sections["wechaty"].model_dump()["ca_file"] == "system"
        assert settings.assistant.key.get_secret_value() == "sk-1"
        plain = load(tmp_path / "config", {**env, "WECHATY_PUPPET_SERVICE_TOKEN": "t-plain"})
        assert plain.sections["wechaty"].model_dump()["token"].get_secret_value() == "t-plain"
        (problem,) = problems_of(tmp_path, "", {"WECHATY_PUPPET_SERVICE_TOKEN_FILE": "/nowhere/token"})
        assert "WECHATY_PUPPET_SERVICE_TOKEN_FILE" in problem
        assert "/nowhere/token" in problem


class TestRefusals:
    def test_all_problems_are_told_at_once_with_place_key_and_form(self, tmp_path: Path) -> None:
        problems = problems_of(
            tmp_path,
            '[bot]\nowners = "wxid_a"\nmoed = "dry"\ntimezone = "Mars"\n[parlour]\ngrace = "3x"\ncount = 99\n'
            'loud = "maybe"\nmorning = "25:00"\n[polcy]\nquiet = "off"\n',
            {"SHEQUN_WEB__PROT": "1", "SHEQUN_WBE__PORT": "1", "SHEQUN_WEB": "1", "SHEQUN_WEB__PORT": "abc"},
        )
        expected = {
            "bot.toml:2：[bot] owners：“wxid_a” 应是列表",
            "bot.toml:3：[bot] 里没有 moed 这个键，是不是 mode？",
            "bot.toml:4：[bot] timezone：不认识时区“Mars”",
            "bot.toml:6：[parlour] grace：“3x”不是时长，请写成 3m",
            "bot.toml:7：[parlour] count：99 不能大于 9",
            "bot.toml:8：[parlour] loud：“maybe” 应写成 true 或 false",
            "bot.toml:9：[parlour] morning：“25:00” 应是一天里的时间",
            "bot.toml:10：没有 [polcy] 这一节，是不是 policy？",
            "环境变量 SHEQUN_WEB__PROT：[web] 里没有 prot 这个键，是不是 port？",
            "环境变量 SHEQUN_WBE__PORT：没有 [wbe] 这一节，是不是 SHEQUN_WEB__…？",
            "环境变量 SHEQUN_WEB：应写成 SHEQUN_WEB__某个键",
            "环境变量 SHEQUN_WEB__PORT：[web] port：“abc” 应是整数",
        }
        for sentence in expected:
            assert any(line.startswith(sentence) for line in problems), (sentence, problems)
        assert len(problems) == len(expected)

    def test_a_section_with_a_capital_is_not_passed_over_in_silence(self, tmp_path: Path) -> None:
        assert problems_of(tmp_path, '[Bot]\nowners = ["a"]\n[PARLOUR]\ngrace = "5m"\n') == [
            "bot.toml:1：没有 [Bot] 这一节，是不是 bot？ (unknown section)",
            "bot.toml:3：没有 [PARLOUR] 这一节，是不是 parlour？ (unknown section)",
        ]

    @pytest.mark.parametrize(
        "name", ["https://bot.example.com/", "bot.example.com:8080", "bot.example.com/console", ""]
    )
    def test_what_nobody_could_open_the_pages_by(self, tmp_path: Path, name: str) -> None:
        assert "应只写域名" in problems_of(tmp_path, f'[web]\nhosts = ["{name}"]\n')[0]

    def test_the_case_of_a_host_name_does_not_matter(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_text('[web]\nhosts = ["Bot.Example.com"]\n[bot]\nowners = [" wxid_1 "]\n')
        assert (load(tmp_path).web.hosts, load(tmp_path).bot.owners) == (("bot.example.com",), ("wxid_1",))

    def test_an_owner_without_an_id(self, tmp_path: Path) -> None:
        assert "/我是谁" in problems_of(tmp_path, '[bot]\nowners = [""]\n')[0]
        (tmp_path / "bot.toml").write_text('[bot]\nowners = ["张三"]\n', encoding="utf-8")
        assert any("像是昵称" in remark for remark in review(load(tmp_path)))

    def test_a_key_in_the_wrong_section_names_the_right_one(self, tmp_path: Path) -> None:
        assert problems_of(tmp_path, '[web]\ngrace = "5m"\n') == [
            "bot.toml:2：[web] 里没有 grace 这个键，是不是 [parlour] 里的？ (unknown key)"
        ]

    def test_an_unknown_placeholder_names_the_legal_ones_at_its_own_line(self, tmp_path: Path) -> None:
        (line,) = problems_of(tmp_path, '[parlour]\ncount = 2\ngreeting = "你好 {呢称}"\n')
        assert line.startswith("bot.toml:3：[parlour] greeting：不认识的占位符 {呢称}，可用：{昵称}")

    def test_two_settings_that_cross_are_told_at_the_line_of_the_one_to_change(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_text("[ad_guard]\nwarn_at = 0.9\n", encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load_settings(tmp_path, [ad_guard], {})
        (line,) = caught.value.problems
        assert line.endswith(
            "bot.toml:2：[ad_guard] warn_at：提醒的分数 warn_at 0.9 不能高过处置的分数 act_at 0.8，"
            "请改小 warn_at 或改大 act_at (warn_at is above act_at)"
        )

    def test_malformed_toml_names_line_and_column_and_hides_nothing_else(self, tmp_path: Path) -> None:
        (tmp_path / "more.toml").write_text('[bot]\nmode = "kill"\n')
        lines = problems_of(tmp_path, "[bot]\nmode = shadow\n")
        assert lines[0].startswith("bot.toml:2:8：不是合法的 TOML，这一行是“mode = shadow”，文字要加引号")
        assert "只能是 dry、shadow、enforce" in lines[1]

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("名字".encode("gbk"), "不是 UTF-8 编码"),
            (b"[bot", "不是合法的 TOML"),
            (b'[bot]\nname = "x', "bot.toml:2:"),
            (b"bot = 3\n", "bot.toml:1：[bot] 应是一节"),
            (b"a = " + b"[" * 5000, "bot.toml"),
            (b"[bot]\nmode = 1\nmode = 2\n", "不是合法的 TOML"),
        ],
    )
    def test_files_that_are_no_configuration(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        (tmp_path / "bot.toml").write_bytes(content)
        with pytest.raises(ConfigError) as refused:
            load(tmp_path)
        assert sentence in str(refused.value)

    def test_a_byte_order_mark_and_windows_lines_are_fine(self, tmp_path: Path) -> None:
        (tmp_path / "bot.toml").write_bytes('\ufeff[bot]\r\nname = "小助"\r\n'.encode())
        assert load(tmp_path).bot.name == "小助"

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("")
        with pytest.raises(ConfigError, match="不是文件夹"):
            load(tmp_path / "config")

    def test_no_sentence_shows_a_secret(self, tmp_path: Path) -> None:
        secret = "s3cr3t value"
        lines = problems_of(tmp_path, f'[wechaty]\ntoken = "{secret}"\n[parlour]\nkey = ["{secret}"]\n')
        assert len(lines) == 2
        assert secret not in "\n".join(lines)

    def test_two_sections_of_one_name(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="web"):
            load_settings(tmp_path, [Plugin("web", Parlour, help="x")], {})

    @given(st.dictionaries(st.text(max_size=8), st.recursive(st.text() | st.integers() | st.booleans(), st.lists)))
    def test_any_table_is_accepted_or_refused_in_words(self, table: dict[str, object]) -> None:
        overrides = {f"parlour.{key}": value for key, value in table.items()}
        problems: tuple[str, ...] = ()
        try:
            load_settings(Path("/nowhere"), [PARLOUR], {}, overrides)
        except ConfigError as refused:
            problems = refused.problems
        assert all("[parlour]" in line for line in problems)
        assert bool(problems) >= bool(set(table) - set(Parlour.model_fields))


class TestOfAGroup:
    def test_a_text_is_read_as_the_field_wants_it_and_the_old_section_stays(self) -> None:
        before = Parlour()
        after = validate_override(before, "grace", "５分钟")
        assert (after.grace, before.grace) == (timedelta(minutes=5), timedelta(minutes=3))
        assert validate_override(after, "words", "乙、丙，丁").words == ("乙", "丙", "丁")
        assert validate_override(after, "loud", "关").loud is False
        assert validate_override(after, "grace", "关").grace is None
        assert validate_override(after, "count", 4).grace == timedelta(minutes=5)

    def test_what_is_saved_as_plain_data_reads_back_the_same(self) -> None:
        section = validate_override(Parlour(), "morning", "07:05")
        for key, value in section.model_dump(mode="json").items():
            if key in group_keys(Parlour):
                assert getattr(validate_override(Parlour(), key, value), key) == getattr(section, key)

    @pytest.mark.parametrize(
        ("key", "value", "sentence"),
        [
            ("graze", "5m", "没有 graze 这个设置，是不是 grace？"),
            ("count", "12", "count：“12” 不能大于 9"),
            ("greeting", "{名字}", "不认识的占位符 {名字}"),
            ("key", "x", "key 是整个机器人的设置"),
            ("folder", "/etc", "folder 是整个机器人的设置"),
        ],
    )
    def test_what_a_group_may_not_say(self, key: str, value: str, sentence: str) -> None:
        with pytest.raises(CommandError, match=r"\A.+\Z") as refused:
            validate_override(Parlour(), key, value)
        assert sentence in str(refused.value)

    def test_owners_and_addresses_are_no_groups_business(self, tmp_path: Path) -> None:
        sections = load(tmp_path).sections
        for dotted in ("bot.owners", "bot.manage", "web.port", "pacing.gap", "wechaty.token", "storage.archive_days"):
            with pytest.raises(CommandError):
                resolve_key(sections, dotted)
        assert resolve_key(sections, "bot.mode") == ("bot", "mode")

    def test_a_key_alone_is_enough_where_it_is_unique(self, tmp_path: Path) -> None:
        sections = load(tmp_path).sections
        assert resolve_key(sections, "share") == ("parlour", "share")
        with pytest.raises(CommandError, match=r"是不是 parlour\.grace"):
            resolve_key(sections, "parlour.graze")


class TestDocument:
    def test_the_shipped_file_is_written_from_the_models(self) -> None:
        from bot.loader import find_plugins

        shipped = Path(__file__).parent.parent / "config" / "bot.toml"
        assert shipped.read_text(encoding="utf-8") == document(find_plugins()), (
            "设置改了：python -m bot config default > config/bot.toml"
        )

    def test_it_says_every_setting_and_loads_to_the_defaults(self, tmp_path: Path) -> None:
        text = document([PARLOUR])
        (tmp_path / "bot.toml").write_text(text, encoding="utf-8")
        defaults, read = load(tmp_path / "none"), load(tmp_path)
        assert read.sections == defaults.sections
        tables = tomllib.loads(text)
        for name, section in defaults.sections.items():
            for key in type(section).model_fields:
                assert key in tables[name] or f"# {key} = …" in text

    @given(st.recursive(st.text() | st.integers(-(2**60), 2**60) | st.booleans(), st.lists))
    def test_any_value_survives_being_written(self, value: object) -> None:
        assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value

    def test_lines_are_found_beside_long_strings_and_arrays(self) -> None:
        text = 'a.b = 1\n[x] # 注\ny = """\n[no]\nz = 1\n"""\n"q r" = [\n 1,\n]\n[[list]]\n'
        assert key_lines(text) == {("a",): 1, ("a", "b"): 1, ("x",): 2, ("x", "y"): 3, ("x", "q r"): 7}

    def test_remarks_on_what_was_probably_not_meant(self, tmp_path: Path) -> None:
        remarks = "\n".join(review(load(tmp_path, {"SHEQUN_WEB__HOST": "0.0.0.0"})))  # noqa: S104
        assert all(word in remarks for word in ("owners", "manage", "mode = shadow", "host = 0.0.0.0"))
        calm = load(tmp_path, {"SHEQUN_BOT__OWNERS": "a", "SHEQUN_BOT__MANAGE": "*", "SHEQUN_BOT__MODE": "执行"})
        assert review(calm) == []


FIRST, LAST = (datetime.fromisoformat(day) for day in ("2026-01-01", "2027-01-01"))


class TestWindow:
    NIGHT = Window(time(23), time(7))
    SHANGHAI = ZoneInfo("Asia/Shanghai")

    @pytest.mark.parametrize(
        ("moment", "inside"),
        [(time(22, 59), False), (time(23), True), (time(0), True), (time(6, 59), True), (time(7), False)],
    )
    def test_over_midnight(self, moment: time, inside: bool) -> None:
        assert self.NIGHT.contains(moment) is inside

    def test_it_ends_on_the_right_day(self) -> None:
        late = datetime(2026, 1, 5, 23, 30, tzinfo=self.SHANGHAI)
        early = datetime(2026, 1, 6, 3, 30, tzinfo=self.SHANGHAI)
        morning = datetime(2026, 1, 6, 7, tzinfo=self.SHANGHAI)
        assert self.NIGHT.ends_after(late) == self.NIGHT.ends_after(early) == morning
        assert self.NIGHT.ends_after(morning) == morning

    @given(st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST), st.times(), st.times())
    def test_its_end_is_outside_and_less_than_a_day_away(self, now: datetime, start: time, end: time) -> None:
        window = Window(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
        until = window.ends_after(now)
        assert not window.contains(until.time())
        assert timedelta(0) <= until - now < timedelta(days=1)

    @pytest.mark.parametrize("text", ["23-7", "24:00-07:00", "07:00-07:00", "早上", "23:00-07:60"])
    def test_what_is_no_window(self, text: str) -> None:
        with pytest.raises(ValueError, match="23:00-07:00"):
            parse_window(text)
