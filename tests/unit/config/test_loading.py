from pathlib import Path

import pytest

from stoker.config.errors import ConfigError
from stoker.config.hosts import is_loopback
from stoker.config.loading import Loaded, load
from stoker.config.ranges import NUMBERS
from stoker.config.settings import Image, Recipe, Settings
from stoker.config.tree import LEAVES
from stoker.domain.states import AtZero


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stoker.toml"


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def problems(
    file: Path | None = None, environ: dict[str, str] | None = None, flags: dict[str, object] | None = None
) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(file, environ or {}, flags or {})
    return list(caught.value.problems)


def test_without_anything_all_is_default() -> None:
    loaded = load(None, {"HOME": "/home/ann", "PATH": "/bin", "STOKER_SOCKET": "else"}, {})
    assert loaded == Loaded(
        settings=Settings(),
        sources=dict.fromkeys([*LEAVES, "images", "hub.catalog"], "default"),
        data_dir=Path("/home/ann/.stoker"),
    )


def test_flags_beat_the_environment_beats_the_file_beats_the_default(file: Path) -> None:
    written(file, "[server]\nport = 1\ngateways = 2\ndrain_s = 3\nclock_speed = 4\n")
    environ = {"STOKER__SERVER__PORT": "10", "STOKER__SERVER__GATEWAYS": "20"}
    loaded = load(file, environ, {"server.port": "100", "server.drain_s": None})
    server = loaded.settings.server
    assert (server.port, server.gateways, server.drain_s, server.clock_speed, server.region) == (100, 20, 3.0, 4.0, "us-east-1")
    names = ("server.port", "server.gateways", "server.drain_s", "server.region")
    assert [loaded.sources[name] for name in names] == [
        "flag --port",
        "environment STOKER__SERVER__GATEWAYS",
        f"file {file}",
        "default",
    ]


def test_every_setting_can_come_from_its_variable() -> None:
    def example(key: str) -> str:
        leaf = LEAVES[key]
        if key in NUMBERS:
            return str(NUMBERS[key][1])
        special = {
            "data": "/x",
            "server.host": "::1",
            "server.account": "000000000000",
            "server.region": "eu-west-3",
            "server.role": "Reader",
            "scaling.default_policy": "none",
            "hub.namespace": "ann",
            "hub.organizations": "team-a, team-b",
            "hub.repositories": "/srv/models",
            "hub.endpoint": "http://127.0.0.1:1",
            "hub.token_file": "~/token",
            "usage.hourly": "ml.m5.large=0.1, local=0",
            "usage.currency": "EUR",
        }
        return special.get(key) or ("false" if leaf.type is bool else leaf.choices[-1])

    loaded = load(None, {LEAVES[key].variable: example(key) for key in LEAVES}, {})
    assert {key for key, source in loaded.sources.items() if source == "default"} == {"images", "hub.catalog"}
    assert loaded.settings.instances.virtual is False
    assert loaded.settings.server.at_zero is AtZero.REFUSE
    assert loaded.settings.gateway.max_held_bytes == 64 << 30


def test_values_keep_the_settings_types(file: Path) -> None:
    written(file, '[server]\nat_zero = "refuse"\nclock_speed = 60\n[instances]\nvirtual = false\n')
    server = load(file, {}, {}).settings.server
    assert server.at_zero is AtZero.REFUSE
    assert isinstance(server.clock_speed, float)
    assert load(None, {}, {"server.at_zero": AtZero.REFUSE, "instances.virtual": False}).settings.server.at_zero is AtZero.REFUSE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[server]\nprot = 1", "There is no setting 'server.prot' (from FILE). Did you mean server.port?", id="key"),
        pytest.param("[sever]\nport = 1", "There is no setting 'sever' (from FILE). Did you mean server?", id="section"),
        pytest.param("port = 1", "There is no setting 'port' (from FILE). Did you mean server.port?", id="key without section"),
        pytest.param("[server]\nxyzzy = 1", "There is no setting 'server.xyzzy' (from FILE).", id="nothing near"),
        pytest.param(
            "[server]\nport = 65536",
            "server.port must be a whole number from 0 to 65535, not 65536 (from FILE).",
            id="too great",
        ),
        pytest.param(
            "[gateway]\nreport_s = 0.05",
            "gateway.report_s must be a number from 0.1 to 10, not 0.05 (from FILE).",
            id="too small",
        ),
        pytest.param(
            "[gateway]\nreport_s = nan", "gateway.report_s must be a number from 0.1 to 10, not nan (from FILE).", id="no number"
        ),
        pytest.param(
            '[server]\nport = "80"',
            "server.port must be a whole number from 0 to 65535, not '80' (from FILE).",
            id="text in TOML",
        ),
        pytest.param(
            "[server]\nport = true", "server.port must be a whole number from 0 to 65535, not True (from FILE).", id="truth value"
        ),
        pytest.param(
            "[server]\nport = 80.5", "server.port must be a whole number from 0 to 65535, not 80.5 (from FILE).", id="fraction"
        ),
        pytest.param('[server]\nauth = "of"', "server.auth must be on, lenient or off, not 'of' (from FILE).", id="choice"),
        pytest.param(
            '[server]\nat_zero = "wait"', "server.at_zero must be hold or refuse, not 'wait' (from FILE).", id="enumeration"
        ),
        pytest.param(
            '[logs]\nlevel = "loud"', "logs.level must be debug, info, warning or error, not 'loud' (from FILE).", id="choices"
        ),
        pytest.param(
            "[instances]\nvirtual = 1", "instances.virtual must be true or false, not 1 (from FILE).", id="number for truth value"
        ),
        pytest.param("[server]\naccount = 123", "server.account must be 12 digits in quotes, not 123 (from FILE).", id="account"),
        pytest.param('[server]\nhost = ""', "server.host must be an address or a host name, not '' (from FILE).", id="no host"),
        pytest.param('data = ""', "data must be a path, not '' (from FILE).", id="no data"),
        pytest.param("server = 1", "server must be a table, written as [server], not 1 (from FILE).", id="no table"),
        pytest.param("[data]\na = 1", "data must be a path, not {'a': 1} (from FILE).", id="table for a value"),
    ],
)
def test_a_wrong_file_is_told_exactly(file: Path, text: str, problem: str) -> None:
    assert problems(written(file, text)) == [problem.replace("FILE", f"file {file}")]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("STOKER__SERVER__PORT", "many", "server.port must be a whole number from 0 to 65535, not 'many' (from SOURCE)."),
        ("STOKER__SERVER__CLOCK_SPEED", "nan", "server.clock_speed must be a number from 1 to 3600, not 'nan' (from SOURCE)."),
        ("STOKER__SERVER__CLOCK_SPEED", "inf", "server.clock_speed must be a number from 1 to 3600, not 'inf' (from SOURCE)."),
        ("STOKER__INSTANCES__VIRTUAL", "maybe", "instances.virtual must be true or false, not 'maybe' (from SOURCE)."),
        ("STOKER__SERVER__PROT", "1", "There is no setting 'server.prot' (from SOURCE). Did you mean server.port?"),
        ("STOKER__SERVER", "1", "server is a section; name one key of it, such as server.host (from SOURCE)."),
        ("STOKER__IMAGES", "[]", "images can only be set in the settings file, as [[images]] (from SOURCE)."),
        ("STOKER__", "1", "There is no setting '' (from SOURCE)."),
    ],
)
def test_a_wrong_variable_is_told_exactly(name: str, text: str, problem: str) -> None:
    assert problems(environ={name: text}) == [problem.replace("SOURCE", f"environment {name}")]


def test_a_wrong_flag_is_told_exactly() -> None:
    assert problems(flags={"server.port": "-1"}) == [
        "server.port must be a whole number from 0 to 65535, not '-1' (from flag --port)."
    ]


def test_all_problems_are_told_at_once_even_where_another_source_overrides(file: Path) -> None:
    written(file, "[server]\nport = -1\n[gateway]\nmax_held = -1\n")
    with pytest.raises(ConfigError) as caught:
        load(file, {"STOKER__SERVER__PORT": "80", "STOKER__LOGS__LEVEL": "x"}, {})
    assert [text.split(" ")[0] for text in caught.value.problems] == ["server.port", "gateway.max_held", "logs.level"]
    assert str(caught.value).startswith("3 settings cannot be used:\n- server.port must be")


def test_long_values_are_cut_in_messages() -> None:
    (problem,) = problems(flags={"server.port": "9" * 5000})
    assert len(problem) < 250


def test_images_come_from_the_file(file: Path) -> None:
    written(
        file,
        '[[images]]\npattern = "*/vllm:*"\ncommand = ["vllm", "--port", "{port}"]\nenv = {A = "b"}\nping = "/health"\n'
        '[[images]]\npattern = "*"\ncommand = ["serve"]\n',
    )
    loaded = load(file, {}, {})
    assert loaded.settings.images == [
        Image(pattern="*/vllm:*", command=["vllm", "--port", "{port}"], env={"A": "b"}, ping="/health"),
        Image(pattern="*", command=["serve"]),
    ]
    assert loaded.sources["images"] == f"file {file}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('command = ["a"]', "images[0]: Object missing required field `pattern`"),
        ('pattern = "*"\ncommand = "a"', "images[0]: command: Expected `array`, got `str`"),
        ('pattern = "*"\ncommand = [1]', "images[0]: command[0]: Expected `str`, got `int`"),
        ('pattern = "*"\ncommand = ["a"]\npng = "/p"', "images[0]: Object contains unknown field `png`"),
        ('pattern = ""\ncommand = ["a"]', "images[0].pattern must not be empty"),
        ('pattern = "*"\ncommand = []', "images[0].command must name a program"),
        ('pattern = "*"\ncommand = ["a"]\nping = "p"', "images[0].ping must be a path that begins with /, not 'p'"),
        ('pattern = "*"\ncommand = ["a"]\nmetrics = "m"', "images[0].metrics must be a path that begins with /, not 'm'"),
        (
            'pattern = "*"\ncommand = ["a"]\ninvocations = "/a b"',
            "images[0].invocations must be a path that begins with /, not '/a b'",
        ),
        (
            'pattern = "*"\ncommand = ["a"]\nenv = {"A=B" = "c"}',
            "images[0].command and env must be free of NUL, and env's names free of =",
        ),
    ],
)
def test_a_wrong_image_is_told_by_its_place(file: Path, text: str, problem: str) -> None:
    assert problems(written(file, f"[[images]]\n{text}\n")) == [f"{problem} (from file {file})."]


def test_images_that_are_no_list_are_told(file: Path) -> None:
    assert "must be a list of at most 1000 tables" in problems(written(file, "images = 1"))[0]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.toml") == [f"There is no settings file {tmp_path}/none.toml."]


def test_a_file_that_is_a_directory_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"The settings file {tmp_path} cannot be read: Is a directory."]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"[server\nport = 1", "is not TOML: ", id="syntax"),
        pytest.param(b"a = 1\na = 2", "is not TOML: ", id="key twice"),
        pytest.param(b"a = '\xff'", "is not UTF-8 text: invalid start byte at byte 5.", id="encoding"),
        pytest.param(b"#" * (1 << 20) + b"#", "is larger than 1048576 bytes.", id="size"),
        pytest.param(b"a = " + b"[" * 5000, "is nested too deeply.", id="depth"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(file: Path, content: bytes, problem: str) -> None:
    file.write_bytes(content)
    (text,) = problems(file)
    assert problem in text
    assert str(file) in text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_authentication_may_be_off_on_loopback(host: str) -> None:
    for auth in ("off", "lenient"):
        assert load(None, {}, {"server.auth": auth, "server.host": host}).settings.server.auth == auth


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost.example.org"])  # noqa: S104 - refused
def test_authentication_may_not_be_off_elsewhere(host: str) -> None:
    (problem,) = problems(environ={"STOKER__SERVER__HOST": host}, flags={"server.auth": "off"})
    assert problem.startswith(f"server.auth may be off on a loopback address only, but server.host is '{host}'")
    assert problem.endswith("(auth from flag --auth, host from environment STOKER__SERVER__HOST).")
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("~/.stoker", "/home/ann/.stoker"),
        ("~", "/home/ann"),
        ("/var/lib/stoker/../x", "/var/lib/x"),
        ("state", str(Path.cwd() / "state")),
        ("~~", str(Path.cwd() / "~~")),
    ],
)
def test_the_data_directory_is_absolute(data: str, expected: str) -> None:
    assert load(None, {"HOME": "/home/ann"}, {"data": data}).data_dir == Path(expected)


def test_a_policy_that_cannot_be_is_refused_with_where_it_came_from() -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, {"STOKER__SCALING__DEFAULT_POLICY": "split(first=600)"}, {})
    assert list(refused.value.problems) == [
        (
            "scaling.default_policy: The option first of the policy split must be a span with its unit, such as 600s, "
            "not '600' (from environment STOKER__SCALING__DEFAULT_POLICY)."
        )
    ]


def test_recipes_come_from_the_file(file: Path) -> None:
    written(file, '[hub]\nnamespace = "ann"\n[[hub.catalog]]\nid = "tiny"\nrepository = "org/tiny"\nenv = {A = "1"}\n')
    loaded = load(file, {}, {})
    assert loaded.settings.hub.namespace == "ann"
    assert loaded.settings.hub.catalog == [Recipe(id="tiny", repository="org/tiny", env={"A": "1"})]
    assert loaded.sources["hub.catalog"] == f"file {file}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[hub.catalog]]\nid = "a b"\nrepository = "x"', "hub.catalog[0].id must be 1 to 64 letters"),
        ('[[hub.catalog]]\nid = "a"\nrepository = ""', "hub.catalog[0].repository and engine must not be empty"),
        ('[[hub.catalog]]\nid = "a"\nrepository = "x"\nmin_replica = 2', "hub.catalog[0].min_replica must be from 0"),
        ('[[hub.catalog]]\nid = "a"', "hub.catalog[0]: Object missing required field `repository`"),
        ('[hub]\ncatalog = "x"', "hub.catalog must be a list of at most 1000 tables, each written as [[hub.catalog]]"),
    ],
)
def test_a_recipe_that_cannot_be_is_told_of(file: Path, text: str, told: str) -> None:
    written(file, text)
    (problem,) = problems(file)
    assert problem.startswith(told)
