"""One codec for each AWS protocol: bytes to generated structs, and back."""
