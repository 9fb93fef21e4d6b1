"""The simulator: the engine of the running server, on a heap of events and a virtual clock.

`stoker.sim` is public: `simulation.simulate` runs a trace through a policy and gives what it cost and how long invocations
waited.
"""
