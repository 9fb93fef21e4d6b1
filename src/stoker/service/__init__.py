"""The use cases that every API calls: they check, make domain values, and hand them to the engine."""
