"""Marks are kept of readings that stand alone: a replaced one would be met at every look-up of its text.

Which readings stand follows from all that are there, whatever order they came in; so do the marks.
"""

from typing import Final

from sqlalchemy import Connection, text

from services.sink.adapters.statements import Adding
from services.sink.core import parts
from services.sink.core.values import Row
from shared.report.stored import read_record

_OTHERS: Final = text("""
    SELECT report_id FROM revisions WHERE report_id = :report_id AND id <> :id
    UNION
    SELECT report_id FROM revisions WHERE document_id = :document_id AND id <> :id
    ORDER BY 1
""")
_REPLACED: Final = text("""
    DELETE FROM marks WHERE revision_id IN (SELECT id FROM revisions WHERE report_id = :report_id)
      AND revision_id NOT IN (SELECT revision_id FROM current_reports WHERE report_id = :report_id)
""")
_UNMARKED: Final = text("""
    SELECT v.id, v.record FROM current_reports c JOIN revisions v ON v.id = c.revision_id
    WHERE c.report_id = :report_id
      AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.revision_id = c.revision_id)
""")


def settle(connection: Connection, revision: Row, marks: Adding) -> None:
    """Take the marks of readings that stand no more, and give them back to those that stand again.

    `revision` was just written with its marks. A document that is read anew may be another body's: then
    what it replaced there stands again.
    """
    named = {name: revision[name] for name in ("id", "report_id", "document_id")}
    others = connection.execute(_OTHERS, named).scalars().all()
    for report_id in sorted({*others, revision["report_id"]}) if others else ():
        connection.execute(_REPLACED, {"report_id": report_id})
        for again in connection.execute(_UNMARKED, {"report_id": report_id}).all():
            for insert, values in marks.of(list(parts.marks(again.id, read_record(again.record)))):
                connection.exec_driver_sql(insert, values)
