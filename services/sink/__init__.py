"""ReportValidated, refusals, aliases and dead letters → database, then ReportRecorded."""
