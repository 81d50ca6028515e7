"""The pure part of the sink: events to rows, rows to neutral lines."""
