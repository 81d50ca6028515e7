"""The running text against the tables and against itself."""
