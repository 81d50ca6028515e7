-- file_states with what an archive held; the other views stand as they were made.

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
