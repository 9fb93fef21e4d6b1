"""The nouns: frozen values with their invariants, free of any wire protocol."""
