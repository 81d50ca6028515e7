"""What commands write for other programs and people: tables, workbooks, SARIF, pages."""
