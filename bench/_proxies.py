"""The proxies that are compared, each set up to do the least: one thread, kept connections both ways, no access log."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil
from _bench_processes import free_port, running
from _extras import STATE, version_of

HERE = Path(__file__).parent
REPLY = b'{"outputs": "%s"}' % (b"b" * 180)
CHAT = (
    b'{"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "llama", "choices": [{"index": 0, '
    b'"message": {"role": "assistant", "content": "%s"}, "finish_reason": "stop"}], '
    b'"usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}}' % (b"b" * 80)
)
"""What the upstream answers where an OpenAI model would be, for LiteLLM."""

NGINX = """
daemon off; master_process off; worker_rlimit_nofile 20000; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 19000; }}
http {{
  access_log off; default_type application/json; keepalive_timeout 3600s; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; {more}
  {block}
}}
"""
NGINX_PROXY = """
  upstream models {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://models; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 600s; }}
  }}
"""
NGINX_UPSTREAM = """
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ return 200 '{reply}'; }}
    location /litellm/ {{ return 200 '{chat}'; }}
  }}
"""
HAPROXY = """
global
  nbthread 1
  maxconn 12000
  no strict-limits
defaults
  mode http
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  timeout http-keep-alive 3600s
  http-reuse always
  option http-no-delay
listen models
  bind 127.0.0.1:{port}
  server one 127.0.0.1:{upstream}
"""
ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: bench
          generate_request_id: false
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: models, timeout: 0s}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: models
    type: STATIC
    connect_timeout: 2s
    load_assignment:
      cluster_name: models
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {upstream}}}}}}}
"""
LITELLM = """
model_list:
- model_name: llama
  litellm_params: {{model: openai/llama, api_base: "http://127.0.0.1:{upstream}/litellm/v1", api_key: none}}
litellm_settings: {{telemetry: false}}
"""


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """Where the benchmark runs: a folder of its own, the core of what is measured, the core of everything else."""

    folder: Path
    proxy_core: int
    load_core: int


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A running proxy.

    `speaks` tells what its requests look like: `plain`; on Stoker's paths `stoker`, `boto3` (unsigned) or `signed`, and on its
    OpenAI path `bearer`; or `openai`, with `key` as bearer token.
    """

    name: str
    port: int
    process: psutil.Process
    speaks: str = "plain"
    key: str = ""


Launch = Callable[[Stand, int], contextlib.AbstractContextManager[Target]]


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """One of those compared: how to find it, how to get it, how to start it before the server on a port."""

    name: str
    version: Callable[[], str]
    hint: str
    start: Launch
    extra: bool = False
    """Asked for by `--with` only."""
    brief: bool = False
    """Whole replies are all that is measured of it."""


def own_python() -> str:
    """Give the Python that runs this."""
    return sys.executable


def first_line(*command: str) -> str:
    """Give the first line that a command prints, empty when it is not there."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    return ((done.stdout + done.stderr).strip() or "?").splitlines()[0]


def envoy_program() -> str:
    """Give the path of an Envoy: the one on the PATH, or that of the wheel in the benchmark's own environment; or nothing."""
    found = shutil.which("envoy")
    wheels = sorted(STATE.glob("envoy/lib/python*/site-packages/envoy/_bin/envoy"))
    return found or (str(wheels[0]) if wheels else "")


def own_folder(stand: Stand, name: str) -> Path:
    """Make a folder for one process of the benchmark."""
    folder = stand.folder / f"{name}-{free_port()}"
    folder.mkdir()
    return folder


def _nginx_command(folder: Path, block: str) -> list[str]:
    program = shutil.which("nginx") or "nginx"
    built = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stderr
    parts = [f"{part}_temp_path {folder}/{part};" for part in ("fastcgi", "uwsgi", "scgi") if f"without-http_{part}" not in built]
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, more=" ".join(parts), block=block))
    return [program, "-p", str(folder), "-c", str(file), "-e", f"{folder}/error.log"]


@contextlib.contextmanager
def start_upstream(stand: Stand) -> Iterator[Target]:
    """Run the server behind the proxies, on the core of the load.

    It is nginx answering from its configuration, so that it costs next to nothing; without nginx, uvloop.
    """
    port, folder = free_port(), own_folder(stand, "upstream")
    command = [own_python(), str(HERE / "_upstream.py"), str(port), REPLY.decode()]
    if shutil.which("nginx"):
        command = _nginx_command(folder, NGINX_UPSTREAM.format(port=port, reply=REPLY.decode(), chat=CHAT.decode()))
    with running(command, core=stand.load_core, log=folder / "log", port=port) as process:
        yield Target(name="direct", port=port, process=process)


@contextlib.contextmanager
def start_streams(stand: Stand, events: int, interval_ms: float) -> Iterator[Target]:
    """Run the streaming server behind the proxies, on the core of the load."""
    port, folder = free_port(), own_folder(stand, "streams")
    command = [own_python(), str(HERE / "_upstream.py"), str(port), str(events), str(interval_ms)]
    with running(command, core=stand.load_core, log=folder / "log", port=port) as process:
        yield Target(name="direct", port=port, process=process)


@contextlib.contextmanager
def _plain(name: str, stand: Stand, command: Callable[[Path, int], list[str]]) -> Iterator[Target]:
    port, folder = free_port(), own_folder(stand, name)
    with running(command(folder, port), core=stand.proxy_core, log=folder / "log", port=port) as process:
        yield Target(name=name, port=port, process=process)


def start_nginx(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run nginx as one process."""
    return _plain("nginx", stand, lambda folder, port: _nginx_command(folder, NGINX_PROXY.format(port=port, upstream=upstream)))


def start_haproxy(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run HAProxy with one thread."""

    def command(folder: Path, port: int) -> list[str]:
        (folder / "haproxy.cfg").write_text(HAPROXY.format(port=port, upstream=upstream))
        return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]

    return _plain("haproxy", stand, command)


def start_envoy(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run Envoy with one worker."""

    def command(folder: Path, port: int) -> list[str]:
        (folder / "envoy.yaml").write_text(ENVOY.format(port=port, upstream=upstream))
        flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        return [envoy_program(), "-c", str(folder / "envoy.yaml"), *flags]

    return _plain("envoy", stand, command)


def start_bare(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run the bare relay."""
    script = str(HERE / "_bare_relay.py")
    return _plain("bare-relay", stand, lambda _, port: [own_python(), script, str(port), str(upstream)])


@contextlib.contextmanager
def start_litellm(stand: Stand, upstream: int) -> Iterator[Target]:
    """Run LiteLLM's proxy with one worker, before the upstream as an OpenAI model."""
    port, folder = free_port(), own_folder(stand, "litellm")
    (folder / "config.yaml").write_text(LITELLM.format(upstream=upstream))
    program = str(STATE / "litellm" / "bin" / "litellm")
    command = [program, "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    path = f"{STATE / 'litellm' / 'bin'}:{os.environ['PATH']}"
    key = f"sk-{secrets.token_hex(32)}"  # LiteLLM does not start without
    environment = {
        **os.environ,
        "PATH": path,
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
    }
    with running(command, core=stand.proxy_core, log=folder / "log", port=port, env=environment) as process:
        yield Target(name="litellm", port=port, process=process, speaks="openai", key=key)


@contextlib.contextmanager
def start_link(stand: Stand, upstream: int) -> Iterator[Path]:
    """Run the stand-in for the control plane; give the folder of its socket."""
    folder = own_folder(stand, "stoker")
    script = str(HERE / "_gateway_alone.py")
    command = [own_python(), script, "link", str(folder), str(upstream)]
    with running(command, core=stand.load_core, log=folder / "link.log"):
        yield folder


@contextlib.contextmanager
def one_gateway(folder: Path, name: str, port: int, core: int, speaks: str = "stoker") -> Iterator[Target]:
    """Run one gateway beside a link; it verifies signatures if its requests have them."""
    script, auth = str(HERE / "_gateway_alone.py"), "on" if speaks in {"signed", "bearer"} else "off"
    command = [own_python(), script, "gateway", str(folder), name, str(port), auth]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with running(command, core=core, log=folder / f"{name}.log", port=port, env=environment) as process:
        yield Target(name="stoker" if speaks == "stoker" else f"stoker-{speaks}", port=port, process=process, speaks=speaks)


@contextlib.contextmanager
def _stoker(stand: Stand, upstream: int, speaks: str) -> Iterator[Target]:
    with start_link(stand, upstream) as folder, one_gateway(folder, "g1", free_port(), stand.proxy_core, speaks) as gateway:
        yield gateway


def start_stoker(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run Stoker's gateway for a plain client; it takes every request for authentic."""
    return _stoker(stand, upstream, "stoker")


def start_boto3(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run Stoker's gateway for boto3; it takes every request for authentic."""
    return _stoker(stand, upstream, "boto3")


def start_signed(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run Stoker's gateway for boto3; it verifies each signature."""
    return _stoker(stand, upstream, "signed")


def start_bearer(stand: Stand, upstream: int) -> contextlib.AbstractContextManager[Target]:
    """Run Stoker's gateway for clients of OpenAI's kind; it checks each one's token."""
    return _stoker(stand, upstream, "bearer")


def _stoker_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - 20 ms that only this line wants

    return f"stoker {version('stoker')}, CPython {sys.version.split()[0]}, uvloop {version('uvloop')}"


def _envoy_version() -> str:
    told = first_line(envoy_program(), "--version") if envoy_program() else ""
    return f"Envoy {told.rpartition('version: ')[2]}" if told else ""


PROXIES = {
    proxy.name: proxy
    for proxy in (
        Proxy(name="stoker", version=_stoker_version, hint="", start=start_stoker),
        Proxy(name="stoker-boto3", version=_stoker_version, hint="", start=start_boto3, brief=True),
        Proxy(name="stoker-signed", version=_stoker_version, hint="", start=start_signed),
        Proxy(name="stoker-bearer", version=_stoker_version, hint="", start=start_bearer, brief=True),
        Proxy(name="nginx", version=lambda: first_line("nginx", "-v"), hint="apt-get install nginx-light", start=start_nginx),
        Proxy(name="haproxy", version=lambda: first_line("haproxy", "-v"), hint="apt-get install haproxy", start=start_haproxy),
        Proxy(name="envoy", version=_envoy_version, hint="./run bench gateway --with envoy", start=start_envoy),
        Proxy(
            name="litellm",
            version=lambda: version_of("litellm"),
            hint="./run bench gateway --with litellm",
            start=start_litellm,
            extra=True,
            brief=True,
        ),
        Proxy(name="bare-relay", version=lambda: "bench/_bare_relay.py", hint="", start=start_bare),
    )
}
