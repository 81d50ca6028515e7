"""From the bytes of a file to the neutral document: decode, clean, find tables and paragraphs."""
