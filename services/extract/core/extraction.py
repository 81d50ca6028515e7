"""Document to record: tables, sections, identity and narrative figures put together."""

from dataclasses import replace

from services.extract.core.aligning.tables import Tables, read_tables
from services.extract.core.ending import broken_off
from services.extract.core.narrative.figures import read_figures
from services.extract.core.outline import outline_of
from services.extract.core.recognition import recognise
from services.extract.core.sections import read_sections
from services.extract.core.who.identity import read_identity
from shared.report.document import Document, Paragraph
from shared.report.record import Edition, Record, Section


def extract(document: Document, *, document_id: str, file: str) -> Record:
    """Return the record of one document.

    Raises `BadInput` when the document is no annual report (a notice about reports, an index page,
    a budget, the blank form).
    """
    outline = outline_of(document)
    sections, preamble, section_notes = read_sections(document, outline=outline)
    tables = read_tables(document, sections=frozenset(s.number for s in sections))
    identity, identity_notes = read_identity(document, file=file, outline=outline)
    recognise(document, identity, sections, tables.rows_found)
    ending = broken_off(document, sections)
    opening = (Section(0, "", "", preamble),) if preamble else ()
    figures, claims = read_figures((*opening, *sections), identity.year)
    if document.recognised:
        unsure = _unsure_lines(document)
        figures = tuple(replace(f, confidence=unsure.get(f.line, 1.0)) for f in figures)
        claims = tuple(replace(c, confidence=unsure.get(c.line, 1.0)) for c in claims)
    return Record(
        document_id=document_id,
        file=file,
        identity=identity,
        template=_template(tables),
        templates=tables.templates,
        cells=tables.cells,
        sections=sections,
        figures=figures,
        claims=claims,
        leftovers=tables.leftovers,
        observations=(
            *document.observations,
            *identity_notes,
            *section_notes,
            *tables.observations,
            *((ending,) if ending else ()),
        ),
        preamble=preamble,
        damaged=tables.damaged,
        arbitrated=tables.arbitrated,
    )


def _unsure_lines(document: Document) -> dict[int | None, float]:
    """Return how surely recognition read each line of the running text."""
    found: dict[int | None, float] = {}
    for block in document.blocks:
        if isinstance(block, Paragraph) and block.line is not None:
            found[block.line] = min(block.confidence, found.get(block.line, 1.0))
    return found


def _template(tables: Tables) -> Edition | None:
    """Return the edition of the report as a whole: table two decides, then table three."""
    for table_id in ("active_disclosure", "applications"):
        if table_id in tables.templates:
            return tables.templates[table_id]
    return None
