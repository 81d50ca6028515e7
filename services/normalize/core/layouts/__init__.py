"""One module per way in which text files print tables; each reads a run of lines into rows."""
