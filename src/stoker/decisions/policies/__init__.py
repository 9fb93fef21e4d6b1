"""Policies that follow demand: our own, and those of the systems that users come from.

Each is a decision like any other, in a file of its own. A new one takes a struct of options with a `follower()`, and a line in
`POLICIES`.
"""

from stoker.decisions.policies.chosen import POLICIES as POLICIES
from stoker.decisions.policies.chosen import Chosen as Chosen
from stoker.decisions.policies.chosen import parse as parse
from stoker.decisions.policies.follower import Follower as Follower
from stoker.decisions.policies.follower import Seen as Seen
from stoker.decisions.policies.follower import Wish as Wish
