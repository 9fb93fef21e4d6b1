"""What the operations of each AWS service do: generated inputs to use cases, domain values to generated outputs."""
