"""Who reports on which year: the title, the body, its place, signature and dates."""
