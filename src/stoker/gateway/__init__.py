"""The data plane: carries invocations, holds those that wait for capacity, counts them; relays the rest to the control plane."""
