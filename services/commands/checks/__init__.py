"""What `gouji check` does here and now, and how it shows what it found."""
