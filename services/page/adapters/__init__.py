"""The page's own doors: database, users, sessions, templates, the live feed."""
