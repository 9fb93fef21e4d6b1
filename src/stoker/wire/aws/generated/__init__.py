"""Written by `tools/gen_wire.py` from botocore's service models; never edited by hand."""
