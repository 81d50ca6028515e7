"""The only part of shared that touches the outside: bus, archive, bucket, clock, logs, settings."""
