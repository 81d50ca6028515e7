"""Administrative divisions of China as data, and how to find them in a string."""
