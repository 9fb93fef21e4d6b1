"""How much capacity policies want, and why."""
