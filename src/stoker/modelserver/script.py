"""The two forms of handler: SageMaker's script functions and Hugging Face's `EndpointHandler`."""

from __future__ import annotations

from stoker.modelserver.exchange import Context
from stoker.modelserver.protocol import JSON, HttpError, main_type
from stoker.modelserver.replies import Reply, is_stream, make_reply
from stoker.modelserver.report import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SCRIPT_FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
_TEXT_TYPES = frozenset({JSON, "text/csv"})  # the toolkit hands these over as text, all others as bytes
_VARARGS, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x80, 0x200  # code flags, see `inspect`


class LoadError(Exception):
    """The model directory cannot be served; the text says what is missing or wrong."""


class Function:
    """A handler's function, and whether it takes the context as its trailing argument."""

    __slots__ = ("call", "wants_context")

    def __init__(self, call: Callable[..., object], name: str, count: int) -> None:
        """Check that `call` can take `count` arguments; raises `LoadError` if it cannot, or is asynchronous."""
        if not callable(call):
            raise LoadError(f"{name} is not a function")
        self.call = call
        self.wants_context = _takes_context(call, name, count)

    def __call__(self, context: Context, *arguments: object) -> object:
        """Call it with the arguments, and the context if it takes one."""
        return self.call(*arguments, context) if self.wants_context else self.call(*arguments)


def _takes_context(call: object, name: str, count: int) -> bool:
    """Look at the signature by its code object: `inspect.signature` would cost 20 ms of imports.

    One parameter more than there are arguments is the context, as in the SageMaker toolkit. What has no code object
    (a class, a C function, a partial) is called without.
    """
    for _ in range(100):  # decorators made with functools.wraps say what they wrap
        if not hasattr(call, "__wrapped__"):
            break
        call = call.__wrapped__
    if not hasattr(call, "__code__") and not isinstance(call, type) and hasattr(type(call).__call__, "__code__"):
        call = call.__call__  # type: ignore[operator]  # an object with __call__, checked just before
    code = getattr(call, "__code__", None)
    if code is None:
        return False
    if code.co_flags & (_COROUTINE | _ASYNC_GENERATOR):
        raise LoadError(f"{name} is asynchronous; handler functions run in threads and must be plain functions")
    bound = 1 if getattr(call, "__self__", None) is not None else 0
    most = code.co_argcount - bound
    least = most - len(getattr(call, "__defaults__", None) or ())
    if code.co_flags & _VARARGS and least <= count:
        return False
    if least > count + 1 or most < count:
        raise LoadError(f"{name} must take {count} arguments, or {count + 1} with the context; it takes {most}")
    named = bool(most > count and code.co_varnames[bound + count] == "context")
    return named or count + 1 in {least, most}


class ScriptModel:
    """A script with some of model_fn, input_fn, predict_fn, output_fn, or model_fn and transform_fn."""

    __slots__ = ("_accept", "_input", "_model", "_output", "_predict", "_transform")

    def __init__(self, module: ModuleType, model_dir: str, default_accept: str) -> None:
        """Check the functions, then load the model with `model_fn`; without one the model is None."""
        self._accept = default_accept
        self._input = _function(module, "input_fn", 2)
        self._predict = _function(module, "predict_fn", 2)
        self._output = _function(module, "output_fn", 2)
        self._transform = _function(module, "transform_fn", 4)
        if self._transform is not None and (self._input or self._predict or self._output):
            raise LoadError("transform_fn does the work of input_fn, predict_fn and output_fn: define it or them, not both")
        load = _function(module, "model_fn", 1)
        if load is None and self._predict is None and self._transform is None:
            raise LoadError("the script defines neither model_fn nor predict_fn nor transform_fn: nothing could predict")
        context = Context(model_dir, {})
        before = _function(module, "pre_model_fn", 1)
        if before is not None:
            before(context, model_dir)
        self._model = None if load is None else load(context, model_dir)
        if self._predict is None and self._transform is None:
            self._predict = Function(_own_predict(self._model), "the model", 2)
        warm = _function(module, "model_warmup_fn", 2)
        if warm is not None:
            warm(context, model_dir, self._model)

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        """Take a request through the script's functions, the defaults in place of those it has not."""
        content_type = headers.get("content-type") or JSON
        accept = headers.get("accept", "")
        chosen = self._accept if accept in {"", "*/*"} else accept
        data = _as_text(body, content_type)
        if self._transform is not None:
            return make_reply(self._transform(context, self._model, data, content_type, chosen), chosen, context)
        prediction = self._run_predict(self._read(data, content_type, context), context)
        if self._output is not None:
            return make_reply(self._output(context, prediction, chosen), chosen, context)
        if is_stream(prediction):
            return make_reply(prediction, accept, context)
        return _default_output(prediction, accept or self._accept + ", */*", context)

    def _read(self, data: bytes | str, content_type: str, context: Context) -> object:
        """Decode the input; a ValueError of input_fn or of a default decoder is the caller's fault: 400."""
        try:
            if self._input is not None:
                return self._input(context, data, content_type)
            from stoker.modelserver.formats import decode  # noqa: PLC0415 - handlers with an input_fn never need it

            return decode(data, content_type)
        except ValueError as error:
            raise HttpError(400, describe(error), type(error).__name__) from error

    def _run_predict(self, data: object, context: Context) -> object:
        predict = self._predict
        if predict is None:  # only with transform_fn, which has been served before
            raise LoadError("the script has no predict_fn")
        return predict(context, data, self._model)


class EndpointModel:
    """Hugging Face's custom handler: `EndpointHandler(path)`, called with a dict."""

    __slots__ = ("_call",)

    def __init__(self, handler: Callable[[str], object], model_dir: str) -> None:
        """Make the handler, which loads the model."""
        instance = handler(model_dir)
        if not callable(instance):
            raise LoadError("class EndpointHandler has no method __call__")
        self._call = Function(instance, "EndpointHandler.__call__", 1)

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        """Call the handler with the JSON object sent, or with `{"inputs": bytes}` for other content types."""
        content_type = headers.get("content-type") or JSON
        data: object = {"inputs": body}
        if main_type(content_type) == JSON:
            from stoker.modelserver.formats import decode  # noqa: PLC0415 - callers that send bytes never need it

            try:
                data = decode(body, JSON)
            except ValueError as error:
                raise HttpError(400, describe(error), type(error).__name__) from error
            if not isinstance(data, dict):
                raise HttpError(400, 'The JSON body must be an object, such as {"inputs": ...}.')
        return make_reply(self._call(context, data), headers.get("accept", ""), context)


def _function(module: ModuleType, name: str, count: int) -> Function | None:
    call = getattr(module, name, None)
    return None if call is None else Function(call, name, count)


def _own_predict(model: object) -> Callable[[object, object], object]:
    """Without predict_fn the model itself predicts: by its `predict`, or when called."""
    predict = getattr(model, "predict", None)
    if callable(predict):
        return lambda data, _model: predict(data)
    if callable(model):
        return lambda data, _model: model(data)
    raise LoadError("the script defines no predict_fn, and what model_fn gave has no predict method and cannot be called")


def _as_text(body: bytes, content_type: str) -> bytes | str:
    if main_type(content_type) not in _TEXT_TYPES:
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HttpError(400, f"The body is not UTF-8: {error}", "UnicodeDecodeError") from error


def _default_output(prediction: object, accept: str, context: Context) -> Reply:
    from stoker.modelserver.formats import encode  # noqa: PLC0415 - handlers with an output_fn never need it

    body, content_type = encode(prediction, accept)
    return Reply(body, context.content_type or content_type)
