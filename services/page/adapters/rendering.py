"""Templates: escaped always, strict about what is missing, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.page.core.wording import Language, words
from shared.database.reading import shown_moment
from shared.report.printable import printable

_LONGEST: Final = 20_000


class Renderer:
    """Draws pages."""

    def __init__(self) -> None:
        """Load the templates when first used."""
        self._environment = Environment(
            loader=PackageLoader("services.page", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self._environment.filters["moment"] = _moment

    def draw(self, template: str, language: Language, values: Mapping[str, Any]) -> str:
        """Return a page; `t(key)` in a template is the page's word, `either(zh, en)` a text that has both."""
        return self._environment.get_template(template).render(
            lang=language, t=_word(language), either=_either(language), **values
        )


def _word(language: Language) -> Callable[..., str]:
    known = words(language)

    def word(key: str, part: str | None = None) -> str:
        """Return a word; a value that came from the database and has no word is itself."""
        if part is None:
            return known[key]
        return known.get(f"{part}.{key}", key)

    return word


def _either(language: Language) -> Callable[[Any, Any], Any]:
    return lambda zh, en: zh if language == "zh" else en


def _shown(value: Any) -> Any:
    """Show nothing for None, and no character that turns or breaks what is around it."""
    if value is None:
        return ""
    if type(value) is str:
        if value.isascii() and value.isprintable():
            return value
        return "\n".join(printable(line) for line in value[:_LONGEST].split("\n"))
    return value


def _moment(value: datetime | str | date | None) -> str:
    return "" if value is None else shown_moment(value)  # type: ignore[arg-type] # rows of both databases
