-- Views for analysts, for SQLite and PostgreSQL alike. docs/database.md describes them.
-- "Newest" always goes by precedence (arrival, document, corrections, engine, re-judgement, rulebook), never by when a
-- row was written.

-- the newest engine's reading of each document
CREATE VIEW latest_readings AS
SELECT v.id AS revision_id, v.report_id, v.document_id, v.precedence
FROM revisions v
WHERE NOT EXISTS (
    SELECT 1 FROM revisions n WHERE n.document_id = v.document_id AND n.precedence > v.precedence
);

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
FROM latest_readings l
JOIN revisions v ON v.id = l.revision_id
JOIN reports r ON r.id = l.report_id
LEFT JOIN comparisons p ON p.report_id = l.report_id
WHERE NOT EXISTS (
    SELECT 1 FROM latest_readings n WHERE n.report_id = l.report_id AND n.precedence > l.precedence
);

-- one row a cell
CREATE VIEW current_cells AS
SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
       c.township, c.region_code, c.level, c.kind, c.year, c.scope, c.template,
       x.address, x.position, x.form_table, x.form_row, x.form_column, x.state, x.value,
       x.unit, x.yuan, x.raw, x.line, x.page, x.place_row, x.place_column, x.confidence,
       x.notes, x.derived
FROM current_reports c JOIN cells x ON x.revision_id = c.revision_id;

-- the decision that stands on each issue
CREATE VIEW current_decisions AS
SELECT d.issue_id, d.verdict, d."by", d.at, d.note, d.id AS decision_id
FROM decisions d
WHERE NOT EXISTS (
    SELECT 1 FROM decisions n
    WHERE n.issue_id = d.issue_id AND (n.at > d.at OR (n.at = d.at AND n.id > d.id))
);

-- one row a finding, those of the report alone first, then those beside other reports; with the decision on it
CREATE VIEW current_issues AS
SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
       c.township, c.region_code, c.level, c.kind, c.year, c.scope,
       i.id AS issue_id, i.position, i.rule, i.severity, i.origin, i.addresses,
       i.expected, i.observed, i.difference, i.formula, i.message_zh, i.message_en,
       i.legal_basis, i.suggestion,
       d.verdict, d."by" AS decided_by, d.at AS decided_at, d.note AS decision_note, 0 AS across
FROM current_reports c
JOIN issues i ON i.revision_id = c.revision_id
LEFT JOIN current_decisions d ON d.issue_id = i.id
UNION ALL
SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
       c.township, c.region_code, c.level, c.kind, c.year, c.scope,
       i.id AS issue_id, i.position, i.rule, i.severity, i.origin, i.addresses,
       i.expected, i.observed, i.difference, i.formula, i.message_zh, i.message_en,
       i.legal_basis, i.suggestion,
       d.verdict, d."by" AS decided_by, d.at AS decided_at, d.note AS decision_note, 1 AS across
FROM current_reports c
JOIN compared_issues i ON i.report_id = c.report_id
LEFT JOIN current_decisions d ON d.issue_id = i.id;

-- one row a number in the running text
CREATE VIEW current_figures AS
SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
       c.township, c.region_code, c.level, c.kind, c.year, c.scope,
       f.position, f.key, f.label, f.value, f.unit, f.text, f.section, f.line, f.bound,
       f.subject, f.comparison
FROM current_reports c JOIN figures f ON f.revision_id = c.revision_id;

-- one row a dropped name. A failure before the bytes had an identity counts no longer
-- once the same name arrived and ended well.
CREATE VIEW file_states AS
SELECT f.id AS file_id, f.name, f.document_id, f.state, f.stage, f.reason, f.detail_zh,
       f.detail_en, f.error_class, f.attempts, f.failed_at, f.replay, f.members, f.skipped,
       d.file AS first_name, d.received_at, v.report_id, v.id AS revision_id,
       v.errors, v.warnings, v.infos
FROM files f
LEFT JOIN documents d ON d.id = f.document_id
LEFT JOIN latest_readings l ON l.document_id = f.document_id
LEFT JOIN revisions v ON v.id = l.revision_id
WHERE NOT (
    f.state = 'dead' AND f.document_id IS NULL AND EXISTS (
        SELECT 1 FROM files g JOIN documents e ON e.id = g.document_id
        WHERE g.name = f.name AND g.state <> 'dead' AND e.received_at >= f.failed_at
    )
);

-- applications in all, one row a report: the column "total" of the main rows of table three. The sum of a group is
-- given only when each of its cells is a number: blank is not 0.
CREATE VIEW applications_by_year AS
SELECT c.report_id, c.revision_id, c.agency, c.province, c.city, c.county, c.township,
       c.region_code, c.level, c.kind, c.year, c.scope, c.template,
       max(x.value) FILTER (WHERE x.form_row = 'received_new') AS received_new,
       max(x.value) FILTER (WHERE x.form_row = 'carried_over_in') AS carried_over_in,
       max(x.value) FILTER (WHERE x.form_row = 'granted') AS granted,
       max(x.value) FILTER (WHERE x.form_row = 'partially_granted') AS partially_granted,
       CASE WHEN count(*) FILTER (WHERE x.form_row LIKE 'denied.%')
                 = count(x.value) FILTER (WHERE x.form_row LIKE 'denied.%')
            THEN sum(x.value) FILTER (WHERE x.form_row LIKE 'denied.%') END AS denied,
       CASE WHEN count(*) FILTER (WHERE x.form_row LIKE 'unavailable.%')
                 = count(x.value) FILTER (WHERE x.form_row LIKE 'unavailable.%')
            THEN sum(x.value) FILTER (WHERE x.form_row LIKE 'unavailable.%') END AS unavailable,
       CASE WHEN count(*) FILTER (WHERE x.form_row LIKE 'not_processed.%')
                 = count(x.value) FILTER (WHERE x.form_row LIKE 'not_processed.%')
            THEN sum(x.value) FILTER (WHERE x.form_row LIKE 'not_processed.%') END AS not_processed,
       CASE WHEN count(*) FILTER (WHERE x.form_row LIKE 'other_processing%')
                 = count(x.value) FILTER (WHERE x.form_row LIKE 'other_processing%')
            THEN sum(x.value) FILTER (WHERE x.form_row LIKE 'other_processing%') END AS other_processing,
       max(x.value) FILTER (WHERE x.form_row = 'total') AS total,
       max(x.value) FILTER (WHERE x.form_row = 'carried_over_out') AS carried_over_out
FROM current_reports c
JOIN cells x ON x.revision_id = c.revision_id
            AND x.form_table = 'applications' AND x.form_column = 'total'
GROUP BY c.report_id, c.revision_id, c.agency, c.province, c.city, c.county, c.township,
         c.region_code, c.level, c.kind, c.year, c.scope, c.template;
