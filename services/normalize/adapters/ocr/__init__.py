"""Recognition of the characters and tables in pictures, offline, with models that ship in wheels."""
