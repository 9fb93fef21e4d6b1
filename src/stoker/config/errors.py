"""The error of everything a person configures."""

from collections.abc import Sequence

from stoker.errors import StokerError


class ConfigError(StokerError):
    """Settings or files of the platform's own that cannot be used; `problems` holds one sentence for each fault found."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
        else:
            super().__init__(
                f"{len(self.problems)} settings cannot be used:\n" + "\n".join(f"- {text}" for text in self.problems)
            )
