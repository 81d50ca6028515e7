"""ReportReceived → ReportNormalized: the file becomes paragraphs and tables with places."""
