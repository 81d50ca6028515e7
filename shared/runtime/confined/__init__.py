"""Worker processes that read strangers' files: what they give up, and how they are kept."""
