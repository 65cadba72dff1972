"""Where settings come from, which source wins, and what a wrong one says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from annotated_types import Ge, Le, MaxLen
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from weft.kit.errors import CannotStart
from weft.kit.settings import Settings, expected, flag, load_settings, variable
from weft.kit.settings_file import MAX_FILE_BYTES


def write(folder: Path, text: str, name: str = "weft.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(flags: dict[str, object] | None = None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(CannotStart) as caught:
        load_settings(flags or {}, environ or {})
    return caught.value.message


@pytest.fixture
def data(tmp_path: Path) -> dict[str, object]:
    return {"data_dir": tmp_path}


def test_load_when_nothing_is_given_then_every_value_is_its_default(
    data: dict[str, object],
) -> None:
    loaded = load_settings(data, {})
    assert loaded.settings.port == 8080
    assert loaded.settings.catalog_dir == Path(str(data["data_dir"])) / "catalog"
    assert loaded.origins.pop("data_dir") == "--data"
    assert set(loaded.origins.values()) == {"default"}
    assert loaded.file is None


def test_load_when_all_sources_speak_then_the_later_one_wins(tmp_path: Path) -> None:
    path = write(tmp_path, "# ours\nport = 1\nhost = '10.0.0.1'\nteam = 'weavers'\n")
    environ = {"WEFT_DATA_DIR": str(tmp_path), "WEFT_PORT": "2", "WEFT_HOST": "10.0.0.2"}
    loaded = load_settings({"port": 3}, environ)
    assert (loaded.settings.port, loaded.settings.host) == (3, "10.0.0.2")
    assert loaded.settings.team == "weavers"
    assert loaded.origins["port"] == "--port"
    assert loaded.origins["host"] == "WEFT_HOST"
    assert loaded.origins["team"] == f"{path}:4"
    assert loaded.origins["log_level"] == "default"
    assert loaded.file == path


def test_load_when_a_flag_is_none_then_it_was_not_given(data: dict[str, object]) -> None:
    assert load_settings({**data, "port": None, "config": None}, {}).settings.port == 8080


def test_load_when_a_variable_is_empty_then_it_was_not_given(data: dict[str, object]) -> None:
    assert load_settings(data, {"WEFT_PORT": ""}).origins["port"] == "default"


def test_load_when_config_is_named_then_that_file_is_read_and_not_the_folders(
    tmp_path: Path,
) -> None:
    write(tmp_path, "port = 1")
    mine = write(tmp_path, "port = 2", "mine.toml")
    yours = write(tmp_path, "port = 3", "yours.toml")
    data: dict[str, object] = {"data_dir": tmp_path}
    assert load_settings(data, {"WEFT_CONFIG": str(mine)}).settings.port == 2
    assert load_settings({**data, "config": yours}, {"WEFT_CONFIG": str(mine)}).settings.port == 3


def test_load_when_a_file_names_a_relative_folder_then_it_is_relative_to_the_file(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "data_dir = 'd'\ncatalog_dir = 'cards'", "mine.toml")
    settings = load_settings({"config": path}, {}).settings
    assert settings.data_dir == tmp_path / "d"
    assert settings.catalog_dir == tmp_path / "cards"


def test_load_when_the_folders_own_file_moves_the_folder_then_it_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "\ndata_dir = 'd'")
    assert refusal({"data_dir": tmp_path}).startswith(f"{path}:2: data_dir cannot stand")


def test_load_when_a_folder_is_relative_then_it_becomes_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({"data_dir": "here"}, {}).settings.data_dir == tmp_path / "here"


def test_load_when_no_environment_is_handed_in_then_the_process_has_one(tmp_path: Path) -> None:
    code = "from weft.kit.settings import load_settings as l; print(l({}).settings.port)"
    environ = {**os.environ, "WEFT_DATA_DIR": str(tmp_path), "WEFT_PORT": "4321"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "4321"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("WEFT_PROT", "WEFT_PORT"),
        ("WEFT_CONFGI", "WEFT_CONFIG"),
        ("WEFT_MAX_IMAGE", "WEFT_MAX_IMAGES"),
    ],
)
def test_load_when_a_variable_is_unknown_then_the_nearest_is_named(name: str, nearest: str) -> None:
    message = refusal(environ={name: "1"})
    assert message == f"unknown environment variable {name}; did you mean {nearest}?"


def test_load_when_a_flag_is_unknown_then_the_nearest_is_named() -> None:
    assert refusal({"pubic_url": "x"}) == "unknown setting --pubic-url; did you mean --public-url?"


def test_load_when_nothing_is_near_then_the_list_is_named() -> None:
    assert refusal(environ={"WEFT_ZZZZZZZZZZZZ": "1"}).endswith("; `weft config` lists them all")


@pytest.mark.parametrize(
    "text", ["\nprot = 1", "\n[prot]\nx = 1", "\n[[prot]]", '\n"prot" = 1', "\nprot.x = 1"]
)
def test_load_when_a_file_has_an_unknown_key_then_its_line_is_named(
    tmp_path: Path, text: str
) -> None:
    path = write(tmp_path, text)
    assert refusal({"data_dir": tmp_path}) == f"{path}:2: unknown setting prot; did you mean port?"


@pytest.mark.parametrize(
    ("key", "value", "wish"),
    [
        ("port", "99999", "a whole number from 0 to 65535"),
        ("port", "80x", "a whole number from 0 to 65535"),
        ("queue_timeout_s", "nan", "a number from 0 to 86400"),
        ("log_format", "xml", "one of auto, json, pretty"),
        ("stand_in", "perhaps", "true or false"),
        ("host", "h" * 300, "a text of 1 to 255 characters"),
        ("public_url", "weft.example.com", "an http:// or https:// URL without query, or nothing"),
        (
            "cors_origins",
            "https://a.example/x",
            "origins such as https://console.example.com, separated by commas",
        ),
        (
            "team",
            "-x",
            "letters, digits, dots, hyphens and underscores, starting with a letter or digit",
        ),
    ],
)
def test_load_when_a_value_is_wrong_then_one_line_says_what_was_expected(
    key: str, value: str, wish: str
) -> None:
    message = refusal(environ={variable(key): value})
    assert message.startswith(f"{variable(key)}: {key} = '{value[:50]}")
    assert message.endswith(f" is not valid; expected {wish}")


def test_load_when_the_secret_is_too_short_then_it_is_refused_and_not_shown() -> None:
    message = refusal(environ={"WEFT_SECRET_KEY": "hunter2"})
    assert message == (
        "WEFT_SECRET_KEY: secret_key = *** is not valid;"
        " expected at least 32 characters, or nothing"
    )


def test_load_when_a_file_has_a_wrong_value_then_its_line_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "# a comment\n\nport = true\n")
    assert refusal({"data_dir": tmp_path}).startswith(f"{path}:3: port = True is not valid")


def test_load_when_several_values_are_wrong_then_each_has_its_line() -> None:
    lines = refusal({"port": -1}, {"WEFT_MAX_TOOLS": "0"}).splitlines()
    assert sorted(line.split(":")[0] for line in lines) == ["--port", "WEFT_MAX_TOOLS"]


def test_load_when_a_wrong_value_is_long_then_it_is_cut() -> None:
    assert len(refusal(environ={"WEFT_PORT": "9" * 5000})) < 200


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"port = 1\nhost =", ":2: not valid TOML"),
        (b"port = 1\nport = 2\n", ":2: not valid TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), "is larger than"),
    ],
)
def test_load_when_the_file_is_broken_then_one_line_says_how(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "weft.toml"
    path.write_bytes(content)
    message = refusal({"data_dir": tmp_path})
    assert complaint in message
    assert str(path) in message
    assert "\n" not in message


def test_load_when_the_named_file_is_missing_then_it_is_refused(tmp_path: Path) -> None:
    message = refusal({"config": tmp_path / "no.toml"})
    assert (
        message
        == f"cannot read the settings file {tmp_path / 'no.toml'}: No such file or directory"
    )


def test_load_when_origins_are_given_then_commas_and_lists_are_alike(tmp_path: Path) -> None:
    write(tmp_path, "cors_origins = ['https://a.example', 'http://localhost:5173']")
    both = ("https://a.example", "http://localhost:5173")
    assert load_settings({"data_dir": tmp_path}, {}).settings.cors_origins == both
    environ = {"WEFT_CORS_ORIGINS": "https://a.example, http://localhost:5173,"}
    assert load_settings({"data_dir": tmp_path}, environ).settings.cors_origins == both


def test_load_when_the_public_url_ends_in_a_slash_then_it_is_dropped(
    data: dict[str, object],
) -> None:
    settings = load_settings({**data, "public_url": "https://weft.example.com/llm/"}, {}).settings
    assert settings.public_url == "https://weft.example.com/llm"


def test_settings_when_printed_then_the_secret_is_not_shown(data: dict[str, object]) -> None:
    secret = "correct horse battery staple, twice over"
    settings = load_settings({**data, "secret_key": secret}, {}).settings
    assert settings.secret_key == SecretStr(secret)
    assert secret not in repr(settings)


def test_settings_when_changed_then_they_refuse(data: dict[str, object]) -> None:
    settings = load_settings(data, {}).settings
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc] - that it is refused is the point


@pytest.mark.parametrize("key", Settings.model_fields)
def test_every_setting_has_a_description_and_bounds(key: str) -> None:
    field = Settings.model_fields[key]
    kind = str(field.annotation)
    assert field.description is not None
    assert field.description.endswith(".")
    assert len(field.description) <= 100
    assert expected(key)
    if kind in {str(int), str(float)}:
        assert any(isinstance(bound, Ge) for bound in field.metadata)
        assert any(isinstance(bound, Le) for bound in field.metadata)
    if kind in {str(str), str(SecretStr), str(tuple[str, ...])}:
        assert any(isinstance(bound, MaxLen) for bound in field.metadata), field.metadata


def test_expected_when_asked_of_the_secret_then_tells_its_least_length() -> None:
    assert expected("secret_key") == "a text of at least 32 characters, or nothing"


@pytest.mark.parametrize("key", Settings.model_fields)
def test_every_default_is_within_its_bounds(key: str, data: dict[str, object]) -> None:
    value: object = getattr(load_settings(data, {}).settings, key)
    again = load_settings({**data, key: value}, {}).settings
    assert getattr(again, key) == value


@given(key=st.sampled_from(sorted(Settings.model_fields)), value=st.text(max_size=50))
def test_load_when_a_variable_holds_any_text_then_it_is_taken_or_refused_by_name(
    key: str, value: str
) -> None:
    environ = {"WEFT_DATA_DIR": "/nonexistent/weft", variable(key): value}
    try:
        loaded = load_settings({}, environ)
    except CannotStart as refused:
        assert refused.message.startswith(f"{variable(key)}: {key} = ")  # noqa: PT017 - either outcome is right
    else:
        assert loaded.origins[key] == (variable(key) if value else "default")


@given(port=st.integers())
def test_load_when_any_port_is_given_then_only_real_ports_are_taken(port: int) -> None:
    flags: dict[str, object] = {"data_dir": "/nonexistent/weft", "port": port}
    if 0 <= port <= 65_535:
        assert load_settings(flags, {}).settings.port == port
    else:
        assert refusal(flags).startswith(f"{flag('port')}: port = ")


def test_load_when_hf_token_is_set_then_anything_said_for_weft_comes_first(tmp_path: Path) -> None:
    def token(environ: dict[str, str]) -> tuple[str, str]:
        loaded = load_settings({"data_dir": tmp_path}, environ)
        return loaded.settings.hub_token.get_secret_value(), loaded.origins["hub_token"]

    assert token({"HF_TOKEN": "hf_a"}) == ("hf_a", "HF_TOKEN")
    assert token({"HF_TOKEN": "hf_a", "WEFT_HUB_TOKEN": "hf_b"}) == ("hf_b", "WEFT_HUB_TOKEN")
    (tmp_path / "weft.toml").write_text('hub_token = "hf_c"\nhub_mirror = "mirror"\n')
    assert token({"HF_TOKEN": "hf_a"})[0] == "hf_c"
    assert token({})[0] == "hf_c"


def test_load_when_the_mirror_is_relative_then_it_starts_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "weft.toml").write_text('hub_mirror = "mirror"\n')
    loaded = load_settings({"data_dir": tmp_path}, {})
    assert loaded.settings.hub_mirror == str(tmp_path / "mirror")
    assert load_settings({}, {}).settings.hub_mirror == ""
    assert loaded.settings.weights_dir == tmp_path / "weights"
