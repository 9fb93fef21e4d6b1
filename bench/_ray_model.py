"""The trivial model on Ray Serve with one replica, without access log, else as Ray comes.

Usage: PYTHON _ray_model.py PORT, with the Python of the extra `ray`. Stops at SIGTERM.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # otherwise Ray takes the address of the machine's network card
os.environ["RAY_AUTH_MODE"] = "disabled"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def main(port: int) -> None:
    """Serve until told to stop."""
    import ray  # noqa: PLC0415 - only after the environment is set
    from ray import serve  # noqa: PLC0415

    class Model:
        async def __call__(self, request: Any) -> Any:  # noqa: ANN401 - a Starlette request, a JSON value
            return {"answer": (await request.json())["inputs"]}

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    ray.init(include_dashboard=False, num_cpus=2, object_store_memory=83_886_080, log_to_driver=False)
    quiet = {"enable_access_log": False, "log_level": "WARNING"}
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port}, logging_config=quiet)
        serve.run(serve.deployment(num_replicas=1, max_ongoing_requests=1000)(Model).bind(), route_prefix="/")
        print("ready", flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        serve.shutdown()
        ray.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
