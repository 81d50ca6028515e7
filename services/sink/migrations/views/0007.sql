-- which revision stands for each report, found out from all revisions; the table `standing` holds the same, kept by
-- triggers, and is what everything else asks
CREATE VIEW standing_readings AS
SELECT l.report_id, max(l.revision_id) AS revision_id
FROM latest_readings l
WHERE NOT EXISTS (
    SELECT 1 FROM latest_readings n WHERE n.report_id = l.report_id AND n.precedence > l.precedence
)
GROUP BY l.report_id;

-- one row a report: its newest revision
CREATE VIEW current_reports AS
SELECT r.id AS report_id, v.id AS revision_id, v.document_id, v.file,
       r.agency, v.agency_as_printed, r.province, r.city, r.county, r.township,
       r.region_code, r.level, r.kind, r.year, r.scope,
       v.title, v.published_on, v.published_source, v.template, v.damaged,
       v.received_at, v.engine_version, v.rulebook_version,
       v.errors + coalesce(p.errors, 0) AS errors,
       v.warnings + coalesce(p.warnings, 0) AS warnings,
       v.infos + coalesce(p.infos, 0) AS infos,
       v.from_source, v.from_extraction, v.from_unknown,
       r.series, r.place, r.upper_place
FROM standing s
JOIN revisions v ON v.id = s.revision_id
JOIN reports r ON r.id = s.report_id
LEFT JOIN comparisons p ON p.report_id = s.report_id;
