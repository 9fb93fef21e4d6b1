"""`stoker up`: start the server and stay until it is told to stop."""

import os

import click

from stoker.cli.locating import load_settings


@click.command("up")
@click.option("--host", metavar="HOST", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", metavar="PORT", help="Port to listen on; 0 takes a free one (default: 8080).")
@click.option("--data", metavar="DIR", help="Directory that holds everything the server keeps (default: ~/.stoker).")
@click.option("--config", metavar="FILE", help="Settings file (TOML).")
@click.option("--gateways", metavar="N", help="Gateway processes; 0 means one a core (default: 0).")
@click.option(
    "--auth",
    type=click.Choice(["on", "lenient", "off"]),
    help="Check signatures; lenient lets unknown keys in, off everything, both on loopback addresses only (default: on).",
)
@click.option("--clock-speed", metavar="X", help="Run the platform's clock X times faster than the wall's (default: 1).")
@click.option("--at-zero", type=click.Choice(["hold", "refuse"]), help="What invocations do at zero capacity (default: hold).")
@click.option("--record", is_flag=True, help="Record traffic and the engine, to DATA/recordings.")
def command(
    *,
    host: str | None,
    port: str | None,
    data: str | None,
    config: str | None,
    gateways: str | None,
    auth: str | None,
    clock_speed: str | None,
    at_zero: str | None,
    record: bool,
) -> None:
    """Start the server and run it until it is told to stop.

    Prints `stoker is ready on URL` when everything answers. Ctrl-C or SIGTERM lets invocations in flight finish, then stops
    all copies; a second Ctrl-C hurries.
    """
    flags: dict[str, object] = {
        "data": data,
        "server.host": host,
        "server.port": port,
        "server.gateways": gateways,
        "server.auth": auth,
        "server.clock_speed": clock_speed,
        "server.at_zero": at_zero,
        "recording.enabled": record or None,
        "recording.engine": record or None,
    }
    loaded = load_settings(flags, config)
    from stoker.control.starting import serve_platform  # noqa: PLC0415 - not before the settings are known to be good

    serve_platform(loaded, environment=os.environ, announce=_announce)


def _announce(url: str) -> None:
    print(f"stoker is ready on {url}", flush=True)
