"""What holds for every test: generated examples are the same in each run, so that a run that was green stays green.

`HYPOTHESIS_PROFILE=search` draws new ones, to look for more.
"""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
