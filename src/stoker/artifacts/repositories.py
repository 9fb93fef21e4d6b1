"""Model repositories by the names that Hugging Face's clients call them."""

from pathlib import Path

from stoker.errors import InvalidParameterError

FIELD = "model.repository"


class Repositories:
    """Finds the files of repositories: directories of this machine by their paths, all others on the Hub."""

    __slots__ = ()

    def locate(self, repository: str, revision: str | None) -> str:
        """Give the URL of a repository's files. Raises `InvalidParameterError` for none that can be."""
        if repository.startswith(("file://", "hf://")):
            return repository
        if repository.startswith("/"):
            path = Path(repository)
            if "\0" in repository or not path.is_dir():
                raise InvalidParameterError(f"{FIELD}: there is no directory {repository[:200]}.", field=FIELD)
            return path.as_uri()
        return f"hf://{repository}" + (f"@{revision}" if revision else "")
