"""ReportNormalized → ReportExtracted: the document becomes a record of cells and figures."""
