"""From positions on pages (characters, ruling lines) to paragraphs and grids: PDF, OFD and scans."""
