"""The process: listen at once, load the model in the main thread while the loop answers pings, then work.

Without arguments it serves SageMaker's contract. With `hub` it serves a repository as Hugging Face's toolkit does (see `hub`),
with `llama` a language model to OpenAI's clients (see `llama`).
With `PORT PING -- COMMAND...` the models are the command's, a multi-model container (see `container`).

Exit codes: 0 after SIGTERM or SIGINT; 1 when the settings are wrong, the model cannot be loaded, or requests had to be
cut off at the end of the drain.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import os
import sys
from _thread import get_ident, start_new_thread
from time import sleep, time

if not __package__:  # run by its path, whose directory must not shadow a handler's modules; the package is three up
    _HERE = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == _HERE:
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(os.path.dirname(_HERE)))

from stoker.modelserver.answering import Answering
from stoker.modelserver.listening import Listener
from stoker.modelserver.loading import load_model
from stoker.modelserver.pool import Pool
from stoker.modelserver.report import log, log_failure
from stoker.modelserver.script import LoadError
from stoker.modelserver.server import Server
from stoker.modelserver.settings import Settings, SettingsError
from stoker.modelserver.surface import InvocationSurface

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.loading import Model, WholeModel
    from stoker.modelserver.surface import Surface

if not __package__:
    del sys.path[0]  # from here on the package is found by its own __path__

EXIT_S = 3.0
MANY_WORKERS = 32
HUB, LLAMA = "hub", "llama"
_STOP_SIGNALS = (_signal.SIGTERM, _signal.SIGINT)


def main() -> int:
    """Serve until told to stop; gives the exit code."""
    arguments = sys.argv[1:]
    try:
        settings = Settings(os.environ, patient=arguments[:1] in ([HUB], [LLAMA]))
        listener = Listener(settings)
    except SettingsError as error:
        log(str(error))
        return 1
    # Who waits for one of many models to be loaded must not keep others from their own.
    pool = Pool(max(settings.workers, MANY_WORKERS) if settings.models_dir else settings.workers, settings.queue)
    surface = _surface(settings, pool, arguments)
    server = Server(settings, listener, pool, surface)
    stdout = getattr(sys.stdout, "reconfigure", None)
    if stdout is not None:
        stdout(line_buffering=True)  # what a handler prints should be in the log when it happens
    _watch_signals(server, listener)
    start_new_thread(_loop, (server, pool))
    log(f"listening on {listener.where}")

    try:
        model = _load(settings, server, arguments)
    except BaseException as error:  # noqa: BLE001 - foreign code; a SystemExit in it is a failed load as well
        _give_up(listener, settings.model_dir, error)
        return 1
    gc.freeze()  # the model lives as long as the process: no collection need walk through it
    server.ready = True
    pool.work(Answering(server, model, settings.model_dir, surface))
    return 1 if server.cut else 0


def _surface(settings: Settings, pool: Pool, arguments: list[str]) -> Surface:
    kind = arguments[0] if arguments else ""
    if kind == HUB:
        from stoker.modelserver.hub.surface import ToolkitSurface  # noqa: PLC0415 - what another contract has is not imported

        return ToolkitSurface(pool.counts)
    if kind == LLAMA:
        from stoker.modelserver.llama.surface import OpenAISurface, model_file, model_name  # noqa: PLC0415 - as above

        name = model_name(model_file(settings.model_dir, os.environ), os.environ)
        return OpenAISurface(pool.counts, name, int(time()))
    return InvocationSurface(many=bool(settings.models_dir))


def _load(settings: Settings, server: Server, arguments: list[str]) -> Model | WholeModel:
    kind = arguments[0] if arguments else ""
    if kind == LLAMA:
        from stoker.modelserver.llama.serving import load_language_model  # noqa: PLC0415 - as above

        return load_language_model(settings, os.environ)
    if kind == HUB:
        from stoker.modelserver.hub.toolkit import load_repository  # noqa: PLC0415 - as above

        return load_repository(settings, os.environ)
    if arguments:
        from stoker.modelserver.container import start  # noqa: PLC0415 - what one model does not need is not imported

        return start(settings, server, arguments)
    if settings.models_dir:
        from stoker.modelserver.many import load_many  # noqa: PLC0415 - as above

        return load_many(settings)
    return load_model(settings)


def _loop(server: Server, pool: Pool) -> None:
    """Run the loop, then let the workers go; the process ends even if a prediction or an exit hook does not."""
    try:
        server.run()
    except BaseException as error:  # noqa: BLE001 - without its loop the process would be a deaf corpse
        log_failure("the server's loop failed", error)
        os._exit(1)
    pool.stop()
    if server.cut:
        log("told to stop; some requests were not finished in time")
    _exit_soon(1 if server.cut else 0)


def _exit_soon(code: int) -> None:
    """Give threads and exit hooks of the handler a little time to end by themselves, then end the process."""
    sleep(EXIT_S)
    os._exit(code)


def _give_up(listener: Listener, model_dir: str, error: BaseException) -> None:
    listener.remove()  # only that: the socket itself is in the loop's hands
    if isinstance(error, LoadError):
        log(f"the model in {model_dir} cannot be served: {error}")
    else:
        log_failure(f"the model in {model_dir} could not be loaded", error)
    start_new_thread(_exit_soon, (1,))


def _watch_signals(server: Server, listener: Listener) -> None:
    """Let SIGTERM and SIGINT reach the loop at once, even while the main thread is deep in a C extension.

    The interpreter writes the signal's number to the wake-up pipe from the C handler; the Python handler does the same
    in case the handler script takes the pipe for itself. A forked child must do neither: its SIGTERM is not ours.
    """

    def stop(_number: int, _frame: object) -> None:
        server.stop()

    # A signal that reaches a child before it has let go of our handlers would be written to our pipe and lost to the
    # child, so the forking thread holds such signals back over the fork.
    masks: dict[int, set[int]] = {}

    def before_fork() -> None:
        masks[get_ident()] = _signal.pthread_sigmask(_signal.SIG_BLOCK, _STOP_SIGNALS)

    def after_fork() -> None:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, masks.pop(get_ident(), set()))

    def in_child() -> None:
        _signal.set_wakeup_fd(-1)
        for number in _STOP_SIGNALS:
            _signal.signal(number, _signal.SIG_DFL)
        listener.sock.close()
        after_fork()

    _signal.set_wakeup_fd(server.wake_fd, warn_on_full_buffer=False)
    for number in _STOP_SIGNALS:
        _signal.signal(number, stop)
    os.register_at_fork(before=before_fork, after_in_parent=after_fork, after_in_child=in_child)


if __name__ == "__main__":
    sys.exit(main())
