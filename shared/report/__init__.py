"""The domain as frozen values: documents, figures, records, issues. No I/O."""
