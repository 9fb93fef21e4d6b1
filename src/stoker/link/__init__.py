"""What control plane and gateways say to each other."""
