"""What ingest touches outside."""
