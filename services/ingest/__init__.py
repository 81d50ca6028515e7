"""Bucket → ReportReceived: every dropped file is archived by its hash, or refused."""
