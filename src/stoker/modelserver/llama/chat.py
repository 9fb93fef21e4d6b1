"""From messages to the prompt that the model was trained on, by the template in its file."""

from __future__ import annotations

from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stoker.modelserver.llama.surface import FieldError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{{ '<|im_start|>assistant\\n' }}"
)
"""For files that bring no template."""


class RefusedMessagesError(Exception):
    """A template does not take these messages; the text is its own."""


def _refuse(message: str) -> str:
    raise RefusedMessagesError(message)


class ChatTemplate:
    """A template of the Hub's kind; it comes with a model, so it runs in a sandbox."""

    __slots__ = ("_marks", "_template")

    def __init__(self, source: str, marks: Mapping[str, str]) -> None:
        """`marks` are the model's `bos_token` and `eos_token`."""
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
        environment.globals["raise_exception"] = _refuse
        self._template = environment.from_string(source or CHATML)
        self._marks = dict(marks)

    def prompt(self, messages: list[dict[str, str]]) -> str:
        """Write the prompt, up to where the assistant begins to speak."""
        try:
            return self._template.render(messages=messages, add_generation_prompt=True, tools=None, **self._marks)
        except (RefusedMessagesError, SecurityError, TemplateError, TypeError) as error:
            raise FieldError("messages", f"The model's chat template does not take these messages: {error}") from error
