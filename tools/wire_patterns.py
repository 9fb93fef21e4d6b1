"""Java's regular expressions, as the service models write them, in the words of Python's `re`."""

import re
from typing import Final

JAVA_CLASSES: Final = {
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{Z}": r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""What Java's character classes hold, in Python's words; `\\p{L}` with `\\p{N}` is Python's own Unicode `\\w`."""


_OTHER: Final = r"\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff"
_SYMBOLS: Final = (
    r"$+<=>\^`|~\u00a2-\u00a6\u00a8\u00a9\u00ac\u00ae-\u00b1\u00b4\u00d7\u00f7\u20a0-\u20c0"
    r"\u2190-\u23ff\u2500-\u27bf"
)

WHOLE: Final = {
    r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*": f"[^{_OTHER}]*",
    r"[\p{L}\p{M}\p{Z}\p{N}\p{P}]{0,1024}": f"[^{_OTHER}{_SYMBOLS}]{{0,1024}}",
    r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,128}": r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*",
    r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}": r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*",
}
"""Expressions that Python has no words for piece by piece: what is left of Unicode without some of its categories."""


class UnknownPatternError(Exception):
    """A model holds a regular expression that this tool cannot put in Python's words."""


def translate(pattern: str) -> str:
    """Give a Java expression as one for `re.fullmatch`, ASCII-only unless it names Unicode classes."""
    if pattern in WHOLE:
        re.compile(WHOLE[pattern])
        return WHOLE[pattern]
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
