"""What each setting's value may be, beyond its type. A test holds the numbers to the docstrings of the settings."""

import re

NUMBERS: dict[str, tuple[float, float]] = {
    "server.port": (0, 65_535),
    "server.gateways": (0, 64),
    "server.clock_speed": (1, 3600),
    "server.drain_s": (0, 3600),
    "gateway.max_connections": (1, 100_000),
    "gateway.max_body_bytes": (1, 1 << 30),
    "gateway.max_relayed_bytes": (1, 1 << 50),
    "gateway.max_head_bytes": (1024, 1 << 20),
    "gateway.max_held": (0, 100_000),
    "gateway.max_held_bytes": (0, 64 << 30),
    "gateway.max_hold_s": (0, 86_400),
    "gateway.model_timeout_s": (1, 86_400),
    "gateway.stream_timeout_s": (1, 86_400),
    "gateway.tunnel_idle_s": (1, 86_400),
    "gateway.comment_s": (0, 3600),
    "gateway.head_timeout_s": (1, 3600),
    "gateway.min_body_rate": (1, 1 << 30),
    "gateway.idle_timeout_s": (1, 3600),
    "gateway.relay_wait_s": (0, 300),
    "gateway.report_s": (0.1, 10),
    "artifacts.max_object_bytes": (1, 1 << 40),
    "artifacts.max_bucket_bytes": (1, 1 << 50),
    "instances.provision_s": (0, 3600),
    "instances.idle_release_s": (0, 86_400),
    "instances.max_total": (1, 100_000),
    "memory.budget_mb": (0, 1 << 30),
    "memory.residence": (0, 100),
    "memory.pause": (0, 100),
    "memory.turn": (0, 1000),
    "memory.longest_turn_s": (0, 86_400),
    "memory.half_life_s": (1, 86_400),
    "quotas.models": (1, 1_000_000),
    "quotas.endpoint_configs": (1, 1_000_000),
    "quotas.endpoints": (1, 100_000),
    "quotas.inference_components": (1, 100_000),
    "quotas.instances_of_endpoint": (1, 100_000),
    "quotas.instances_of_type": (1, 100_000),
    "quotas.serverless_endpoints": (1, 100_000),
    "quotas.serverless_concurrency": (1, 100_000),
    "serverless.idle_release_s": (0, 86_400),
    "serverless.hold_s": (0, 86_400),
    "quotas.model_package_groups": (1, 100_000),
    "quotas.model_packages": (1, 1_000_000),
    "process.stop_grace_s": (0, 600),
    "process.ping_timeout_s": (0.1, 60),
    "process.ping_interval_s": (0.1, 300),
    "process.max_starting": (1, 1000),
    "process.log_bytes": (65_536, 1 << 30),
    "process.log_files": (0, 20),
    "scaling.alarm_high_periods": (1, 90),
    "scaling.alarm_low_periods": (1, 1000),
    "scaling.linger_s": (0, 86_400),
    "scaling.history_days": (1, 3650),
    "inference.max_requests": (1, 1_000_000),
    "inference.max_requests_of_endpoint": (1, 1_000_000),
    "inference.max_queued_bytes": (1, 1 << 40),
    "inference.max_input_bytes": (1, 16 << 30),
    "inference.max_running": (1, 10_000),
    "inference.attempts": (1, 100),
    "inference.kept_requests": (0, 1_000_000),
    "hub.scale_to_zero_s": (0, 172_800),
    "usage.days": (1, 3650),
    "usage.write_s": (0.1, 3600),
    "usage.cpu_hour": (0, 1000),
    "usage.gb_hour": (0, 1000),
    "usage.accelerator_hour": (0, 10_000),
    "usage.gb_second": (0, 1),
    "usage.provisioned_gb_second": (0, 1),
    "recording.max_bytes": (65_536, 1 << 30),
    "recording.files": (0, 1000),
}
"""The least and the greatest value of each number, both allowed."""

CHOICES: dict[str, tuple[str, ...]] = {
    "server.auth": ("on", "lenient", "off"),
    "hub.preset": ("hf-current", "hf-2023"),
    "inference.file_inputs": ("on", "off", "local"),
    "logs.level": ("debug", "info", "warning", "error"),
}
"""The words of each setting that is one of a few (enumerations have theirs in their type)."""

_NAMESPACE = re.compile(r"(?=[^,]{1,29} *(?:,|$))[A-Za-z0-9](?:-?[A-Za-z0-9])*")
PATTERNS: dict[str, tuple[re.Pattern[str], str]] = {
    "data": (re.compile(r"[^\0]{1,4096}"), "a path"),
    "server.host": (re.compile(r"[0-9A-Za-z.:%_-]{1,255}"), "an address or a host name"),
    "server.account": (re.compile(r"[0-9]{12}"), "12 digits in quotes"),
    "server.role": (re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}"), "a role's name"),
    "scaling.default_policy": (re.compile(r"[^\0]{1,256}"), "a policy such as split, or none"),
    "hub.namespace": (_NAMESPACE, "letters, digits and single hyphens, at most 29"),
    "hub.repositories": (re.compile(r"[^\0]{0,4096}"), "a path"),
    "hub.token_file": (re.compile(r"[^\0]{0,4096}"), "a path"),
    "hub.endpoint": (re.compile(r"https?://[!-~]{1,1000}"), "a URL that begins with https:// or http://"),
    "hub.organizations": (re.compile(rf"( *{_NAMESPACE.pattern} *(,|$)){{0,100}}"), "text of namespaces such as team-a, team-b"),
    "usage.hourly": (
        re.compile(r"( *[\w.-]{1,64} *= *\d{1,9}(\.\d{1,9})? *(,|$)){0,1000}"),
        "prices such as ml.m5.large=0.1, local=0",
    ),
    "usage.currency": (re.compile(r"[A-Za-z]{3}"), "three letters such as USD"),
    "server.region": (re.compile(r"[a-z]{2,8}(-[a-z]{1,16}){1,4}-[0-9]{1,2}"), "a region's name such as us-east-1"),
}
"""The form of each text, and how to say it."""

MAX_TABLES = 1000
"""Entries of a list of tables, such as `[[images]]`."""
MAX_FILE_BYTES = 1 << 20
"""Bytes of a settings file."""
