"""Examples of rules: a made-up clean report, changed, and what a rule must say about it."""
