"""Sans-I/O machines made of decisions: events and time in, commands out."""
