"""Dead letters, and what else the line lost."""
