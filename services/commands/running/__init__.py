"""A whole line on one machine, as `gouji up` runs it: its bus, its processes, its keys, its state."""
