"""The doors of the ingest service: the bucket, and the feeders that fill it."""
