"""What people decide, correct and expect, and judging again because of it."""
