"""What a webhook wants, what is sent to it, and what its answer means."""
