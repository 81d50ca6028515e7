"""ReportExtracted → ReportValidated and one ValidationFailed per issue."""
