"""Java's regular expressions, as the service models write them, in the words of Python's `re`."""

import re
from typing import Final

JAVA_CLASSES: Final = {
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{Z}": r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""What Java's character classes hold, in Python's words; `\\p{L}` with `\\p{N}` is Python's own Unicode `\\w`."""


class UnknownPatternError(Exception):
    """A model holds a regular expression that this tool cannot put in Python's words."""


def translate(pattern: str) -> str:
    """Give a Java expression as one for `re.fullmatch`, ASCII-only unless it names Unicode classes."""
    out = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff").replace(r"\z", r"\Z")
    letters = r"\p{L}" in out
    if letters:
        if r"\p{N}" not in out or re.search(r"\\[wdsWDS]", out):
            raise UnknownPatternError(pattern)
        out = out.replace(r"\p{L}", r"\w").replace(r"\p{N}", "")
    for java, python in JAVA_CLASSES.items():
        # A class that stands alone needs brackets of its own.
        alone = out.startswith(java)
        out = f"[{python}]{out.removeprefix(java)}" if alone else out
        out = out.replace(java, python)
    if r"\p" in out or r"\P" in out:
        raise UnknownPatternError(pattern)
    if not letters:
        out = f"(?a:{out})" if re.search(r"\\[wdsWDSbB]", out) else out
    re.compile(out)
    return out
