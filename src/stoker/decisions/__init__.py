"""Pure functions: specification, observation and `now` in; a proposal with its cause out."""
