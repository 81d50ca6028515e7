"""The three stores of a line as files, and back again."""
