"""The S3 API, as far as models' files need it, over the buckets on this machine's disk."""
