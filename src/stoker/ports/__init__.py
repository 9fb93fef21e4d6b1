"""What the platform needs of the world outside, as Protocols; each has a fake and one contract test suite."""
