"""What the form's equations say about readings that are open or uncertain."""
