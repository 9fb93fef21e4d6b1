"""The face that clients of OpenAI's API see."""
