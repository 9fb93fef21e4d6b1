"""The main job, live: a real model from zero and back, seen step by step."""
