"""From document to record: one aligner for every layout, identity, sections, narrative figures."""
