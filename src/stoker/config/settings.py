"""All settings, as one typed tree.

Every key's docstring gives its unit, default and range. Values come from flags, then the environment
(`STOKER__SECTION__KEY`), then the TOML file, then the defaults here (see `stoker.config.loading`).
"""

import msgspec

from stoker.decisions.eviction import Valuation
from stoker.domain.states import AtZero


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[server]`: the public listener and the identity of the platform."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8080
    """Port to listen on, 0 to 65535; 0 takes a free one and prints it."""
    gateways: int = 0
    """Gateway processes, 0 to 64; 0 means one a core."""
    auth: str = "on"
    """`on` checks every signature, `lenient` those by keys that are known, `off` none: these two on a loopback address only."""
    account: str = "123456789012"
    """The 12-digit account id in ARNs."""
    region: str = "us-east-1"
    """The region in ARNs and signatures."""
    role: str = "AmazonSageMaker-ExecutionRole-stoker"
    """Name of the role that callers are seen to have assumed, which the SageMaker SDK takes for the execution role."""
    at_zero: AtZero = AtZero.HOLD
    """What an invocation at zero capacity does unless endpoint, component or request say otherwise: `hold` or `refuse`."""
    clock_speed: float = 1.0
    """How many times faster than the wall's the platform's clock runs, 1 to 3600."""
    drain_s: float = 30.0
    """Seconds that invocations in flight get to finish when the server stops, 0 to 3600."""


class Gateway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[gateway]`: limits of the data plane, for each gateway process."""

    max_connections: int = 8192
    """Open client connections, 1 to 100000."""
    max_body_bytes: int = 26_214_400
    """Largest invocation body (AWS: 25 MB for real-time endpoints), 1 to 1 GiB."""
    max_relayed_bytes: int = 6_442_450_944
    """Largest body that is passed on to the control plane as it comes, which has bounds of its own, 1 to 1048576 GiB."""
    max_head_bytes: int = 65_536
    """Largest request head, 1024 to 1 MiB."""
    max_held: int = 1000
    """Invocations that may wait for capacity of one workload, 0 to 100000."""
    max_held_bytes: int = 268_435_456
    """Bytes of bodies that may wait in one gateway, 0 to 64 GiB."""
    max_hold_s: float = 600.0
    """Seconds one invocation may wait for capacity (real seconds), 0 to 86400."""
    model_timeout_s: float = 60.0
    """Seconds a model gets until its first byte, and between bytes, on SageMaker's paths (AWS: 60 s), 1 to 86400."""
    stream_timeout_s: float = 480.0
    """Seconds a streamed reply may take in all on SageMaker's paths (AWS: 8 minutes), 1 to 86400."""
    tunnel_idle_s: float = 300.0
    """Seconds an upgraded connection (WebSocket) stays open while nothing passes (AWS: five lost pings of 60 s), 1 to 86400."""
    comment_s: float = 0.0
    """Seconds between comments to clients that are held and asked for server-sent events, 0 to 3600; 0 for none."""
    stoker_headers: bool = True
    """`true` tells in `X-Stoker-` headers of replies which component and copy served, and what came before."""
    head_timeout_s: float = 30.0
    """Seconds a client gets to send a request, 1 to 3600."""
    min_body_rate: int = 16_384
    """Bytes a second below which a client that sends a body counts as stalled, 1 to 1 GiB; it gets `head_timeout_s` more."""
    idle_timeout_s: float = 75.0
    """Seconds an idle client connection stays open, 1 to 3600."""
    relay_wait_s: float = 30.0
    """Seconds an API call waits for a control plane that is restarting, 0 to 300."""
    report_s: float = 1.0
    """Seconds of the platform's clock between two reports to the control plane, 0.1 to 10."""


class Artifacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[artifacts]`: models' files in the buckets on this disk, which S3's clients fill."""

    max_object_bytes: int = 5_368_709_120
    """Bytes of one object or part that is sent at once (AWS: 5 GiB), 1 to 1024 GiB."""
    max_bucket_bytes: int = 107_374_182_400
    """Bytes of all buckets, 1 to 1048576 GiB."""


class Instances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[instances]`: what instances are on this machine."""

    virtual: bool = True
    """`true` books slices that play any instance type; `false` books only what the machine really has."""
    provision_s: float = 0.0
    """Seconds (platform's clock) a virtual instance takes to come up, 0 to 3600."""
    idle_release_s: float = 600.0
    """Seconds (platform's clock) an instance without copies is kept (AWS: 10 minutes), 0 to 86400."""
    max_total: int = 1000
    """Instances in all, 1 to 100000."""


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[memory]`: what becomes of models that do not fit together: which makes way for one that is wanted, and when."""

    budget_mb: int = 0
    """MB of all instances together, 0 to 1073741824; 0: no bound, or the machine's with `instances.virtual = false`."""
    eviction: Valuation = Valuation.COST
    """What makes way first: by `cost` (uses of late x seconds to load / GB), `lru` (not used for longest), `none`: nothing."""
    residence: float = 0.5
    """Start-up times (a copy's own) that an idle copy stays at least while another model waits for its room, 0 to 100."""
    pause: float = 0.25
    """Start-up times (a copy's own) without invocations after which a copy counts as idle, 0 to 100."""
    turn: float = 4.0
    """Start-up times (a copy's own) that a copy which works stays while another model waits for its room, 0 to 1000."""
    longest_turn_s: float = 300.0
    """Seconds (platform's clock) that `residence` and `turn` come to at most, 0 to 86400."""
    half_life_s: float = 900.0
    """Seconds (platform's clock) after which a use counts half, 1 to 86400."""


class Quotas(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[quotas]`: how much of everything there may be; more is refused with ResourceLimitExceeded."""

    models: int = 10_000
    """Models, 1 to 1000000."""
    endpoint_configs: int = 10_000
    """Endpoint configurations, 1 to 1000000."""
    endpoints: int = 1_000
    """Endpoints, 1 to 100000."""
    inference_components: int = 5_000
    """Inference components, adapters among them, 1 to 100000."""
    instances_of_endpoint: int = 1_000
    """Instances of one endpoint that a call may ask for, 1 to 100000."""
    instances_of_type: int = 1_000
    """Instances of one type in all, 1 to 100000."""
    serverless_endpoints: int = 50
    """Serverless endpoints (AWS: 50), 1 to 100000."""
    serverless_concurrency: int = 200
    """Invocations that all serverless endpoints together work on at once (AWS: 200), 1 to 100000."""
    model_package_groups: int = 1_000
    """Model package groups, 1 to 100000."""
    model_packages: int = 10_000
    """Model packages and their versions in all groups, 1 to 1000000."""


class Serverless(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[serverless]`: the environments of serverless endpoints."""

    idle_release_s: float = 300.0
    """Seconds (platform's clock) an environment without invocations is kept, 0 to 86400."""
    hold_s: float = 240.0
    """Seconds (real seconds) an invocation waits for an environment that starts (AWS: up to 4 minutes), 0 to 86400."""


class Process(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[process]`: how copies run as child processes."""

    stop_grace_s: float = 30.0
    """Seconds between SIGTERM and SIGKILL (AWS: 30 s), 0 to 600."""
    ping_timeout_s: float = 2.0
    """Seconds one ping may take (AWS: 2 s), 0.1 to 60."""
    ping_interval_s: float = 5.0
    """Seconds between pings of a healthy copy, 0.1 to 300."""
    max_starting: int = 8
    """Copies that may start at once on this machine, 1 to 1000."""
    log_bytes: int = 10_485_760
    """Bytes of one copy's log before it rotates, 65536 to 1 GiB."""
    log_files: int = 2
    """Rotated log files kept for each copy, 0 to 20."""


class Image(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[images]]`: how a container image's name becomes a command here.

    `pattern` is a glob over the image's name; in `command` and in the values of `env`, `{port}` and `{model_dir}` are filled in.
    """

    pattern: str
    """Glob over the image's name, such as `*/my-server:*`."""
    command: list[str]
    """The program and its arguments, at least one."""
    env: dict[str, str] = {}
    """Environment variables for the program."""
    ping: str = "/ping"
    """Path of the health check, beginning with `/`; empty: a copy is ready as soon as its port is open."""
    invocations: str = "/invocations"
    """Path of invocations, beginning with `/`."""
    metrics: str = ""
    """Path of the server's own metrics in Prometheus's text format, beginning with `/`; empty: they are not asked for."""


class Scaling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[scaling]`: the scaling engine."""

    alarm_high_periods: int = 3
    """Datapoints of 10 s that target tracking's high alarm takes (AWS's notebooks show 3), 1 to 90."""
    alarm_low_periods: int = 90
    """Datapoints of 10 s that target tracking's low alarm takes (15 minutes), 1 to 1000."""
    default_policy: str = "split"
    """Policy of components that may go to zero and bring none, such as `split(first=600s)`; `none` keeps the count they have."""
    linger_s: float = 30.0
    """Seconds (platform's clock) a start that demand asked for goes on when nobody waits any more, 0 to 86400."""
    history_days: int = 42
    """Days scaling activities are kept (AWS: six weeks), 1 to 3650."""


class Inference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[inference]`: the queue of asynchronous inference."""

    max_requests: int = 100_000
    """Requests that may wait or run in all, 1 to 1000000; more get ThrottlingException."""
    max_requests_of_endpoint: int = 50_000
    """Requests of one endpoint that may wait or run, 1 to 1000000."""
    max_queued_bytes: int = 4_294_967_296
    """Bytes of the bodies that waiting requests brought along, 1 to 1024 GiB."""
    max_input_bytes: int = 1_073_741_824
    """Largest input that a request names (AWS: 1 GB), 1 to 16 GiB; a gateway holds each in memory while it runs."""
    max_running: int = 256
    """Requests that run at once in all, 1 to 10000."""
    attempts: int = 3
    """Times that a request is given to a copy at most, 1 to 100."""
    file_inputs: str = "local"
    """Whether `file://` inputs are read: `on`, `off`, or `local` for servers on a loopback address only."""
    kept_requests: int = 100_000
    """Requests that are over and still listed, 0 to 1000000."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[hub.catalog]]`: a way of serving a model that Hugging Face's clients take by its name."""

    id: str
    """The recipe's name: letters, digits, `.`, `_` and `-`."""
    repository: str
    """The model's repository, such as `org/name`."""
    engine: str = "huggingface"
    """What serves it: `huggingface`, `llamacpp`, or another key of `model.image`."""
    framework: str = "custom"
    """The endpoint's framework."""
    task: str = ""
    """The task, such as `text-generation`; empty when its handler knows."""
    license: str = ""
    """The model's license, for people."""
    accelerator: str = "cpu"
    """`cpu`, `gpu` or `neuron`."""
    instance_type: str = "local"
    """The type of its instances, as `stoker hf endpoints hardware` lists them."""
    instance_size: str = "x1"
    """Their size."""
    revision: str = ""
    """The repository's revision; empty for the main one."""
    gguf_file: str = ""
    """The file of the repository that llama.cpp loads."""
    image: dict[str, str] = {}
    """What is below the engine's key in `model.image`."""
    env: dict[str, str] = {}
    """Environment variables of the model."""
    min_replica: int = 0
    """Replicas at least."""
    max_replica: int = 1
    """Replicas at most, 1 at least."""


class Hub(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[hub]`: endpoints as Hugging Face's clients make them."""

    namespace: str = "stoker"
    """Who Hugging Face's clients are here; AWS's call this user's endpoints by their plain names. Not to be changed later."""
    organizations: str = ""
    """Other namespaces that clients are told of, such as `team-a, team-b`."""
    preset: str = "hf-current"
    """The rules that endpoints scale by: `hf-current` or `hf-2023`."""
    scale_to_zero_s: float = 900.0
    """Seconds without requests until an endpoint that may goes to zero, unless it says (their API: 900), 0 to 172800."""
    strict: bool = False
    """`true` refuses what the real service refuses and does no harm here, such as a scale-to-zero timeout below 15 minutes."""
    repositories: str = ""
    """The directory with model repositories, each in a directory `org/name` below it; empty: there is none."""
    downloads: bool = False
    """`true` downloads repositories that are not in that directory; those named by an `hf://` URL are always downloaded."""
    endpoint: str = "https://huggingface.co"
    """The hub that is downloaded from, `https://` or `http://`."""
    token_file: str = ""
    """A file with the token for downloads; empty: none is sent."""
    install_requirements: bool = False
    """`true` has copies install a repository's `requirements.txt` when they start, from the package index of this machine."""
    catalog: list[Recipe] = []
    """What the catalog offers; only in the file, as `[[hub.catalog]]`, at most 1000."""


class Usage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[usage]`: what is kept of what endpoints used, and what that costs."""

    days: int = 400
    """Days that usage is kept, 1 to 3650."""
    write_s: float = 10.0
    """Seconds that counted invocations wait to be written, and a crash may cost, 0.1 to 3600."""
    currency: str = "USD"
    """The currency of all prices, three letters."""
    cpu_hour: float = 0.045
    """Price of an hour of one processor of an instance, 0 to 1000."""
    gb_hour: float = 0.0035
    """Price of an hour of one GB of an instance's memory, 0 to 1000."""
    accelerator_hour: float = 1.0
    """Price of an hour of one accelerator of an instance, 0 to 10000."""
    hourly: str = ""
    """Prices of an hour of instances by their type, instead of what their parts come to, such as `ml.m5.large=0.1, local=0`."""
    gb_second: float = 0.00002
    """Price of a second of one GB of a serverless environment that works (AWS: 0.00002), 0 to 1."""
    provisioned_gb_second: float = 0.000005
    """Price of a second of one GB of provisioned concurrency, 0 to 1."""


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[recording]`: what is written to `recordings` in the data directory, for `stoker simulate` and `stoker replay`."""

    enabled: bool = False
    """`true` records of every invocation when it came and what it took: no bodies, and nothing of who called."""
    engine: bool = False
    """`true` logs all that goes into the scaling engine and what it commands, environments of models included."""
    max_bytes: int = 67_108_864
    """Bytes of one file, at which a gateway begins another and the engine's log ends, 65536 to 1 GiB."""
    files: int = 8
    """Earlier files kept of each gateway, and of the engine, 0 to 1000."""


class Logs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[logs]`: the platform's own log."""

    level: str = "info"
    """`debug`, `info`, `warning` or `error`."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole tree."""

    data: str = "~/.stoker"
    """The directory that holds everything the platform keeps; relative to the directory it is started in."""
    server: Server = Server()
    gateway: Gateway = Gateway()
    artifacts: Artifacts = Artifacts()
    instances: Instances = Instances()
    memory: Memory = Memory()
    quotas: Quotas = Quotas()
    serverless: Serverless = Serverless()
    process: Process = Process()
    scaling: Scaling = Scaling()
    inference: Inference = Inference()
    hub: Hub = Hub()
    usage: Usage = Usage()
    recording: Recording = Recording()
    logs: Logs = Logs()
    images: list[Image] = []
    """Images besides the built-in ones, first match first; only in the file, as `[[images]]`, at most 1000."""
