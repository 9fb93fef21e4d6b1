"""The lean server inside a copy, for the image `stoker/python`: a model directory with a handler script behind HTTP.

It imports nothing of the rest of stoker and as little of the standard library as it can, since the time from process
start to a listening socket is what a caller waits for at a cold start. Hence the private C modules (`_socket`,
`_thread`, `_signal`) in place of their Python faces, which bring `enum`, `selectors` and `collections` along, and plain
classes with `__slots__` for values. Run it as `python -m stoker.modelserver` or by the path of this directory.
"""
