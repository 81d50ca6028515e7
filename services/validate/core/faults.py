"""What can be wrong with a rulebook, in both languages, with the file and line."""

from collections.abc import Mapping
from typing import Any, Final

from shared.errors import GoujiError
from shared.language import spoken

_COMPLAINTS: Final = {
    "missing": ("缺少 {}", "{} is missing"),
    "extra_forbidden": ("不认识的键 {}", "unknown key {}"),
    "tuple_type": ("{} 须为列表", "{} must be a list"),
    "dict_type": ("{} 须为表", "{} must be a table"),
    "model_type": ("{} 须为表", "{} must be a table"),
    "string_type": ("{} 须为文字", "{} must be a text"),
    "bool_parsing": ("{} 须为 true 或 false", "{} must be true or false"),
    "bool_type": ("{} 须为 true 或 false", "{} must be true or false"),
    "float_type": ("{} 须为数字", "{} must be a number"),
    "int_type": ("{} 须为整数", "{} must be a whole number"),
    "finite_number": ("{} 须为有限的数", "{} must be a finite number"),
}
"""What is wrong, by the name of pydantic's complaint; `{}` stands for the name of the value."""


class RulebookError(GoujiError):
    """The rulebook cannot be used; its text names file, line, entry and reason on one line."""

    def __init__(
        self, zh: str, en: str, *, file: str = "", line: int | None = None, entry: str = ""
    ) -> None:
        """Keep the reason in both languages and where it is, as far as that is known."""
        self.zh = zh
        self.en = en
        self.file = file
        self.line = line
        where = f"{file}:{line}" if file and line else file
        text = ": ".join(part for part in (where, entry, spoken(zh, en, " / ")) if part)
        super().__init__(" ".join(text.split()))


class Impossible(ValueError):
    """A parameter that can never work, with the reason in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep the reason in both languages."""
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


def reason(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return in both languages what pydantic found wrong with one value (one of its `errors()`)."""
    context = error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, Impossible):
        return cause.zh, cause.en
    name = str(error["loc"][-1]) if error["loc"] else ""
    zh, en = _complaint(error["type"], str(error["msg"]), context)
    return zh.format(name).strip(), en.format(name).strip()


def _complaint(kind: str, message: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return the sentences, with `{}` for the name of the value."""
    if kind in _COMPLAINTS:
        return _COMPLAINTS[kind]
    if kind == "literal_error":
        wanted = str(context.get("expected", "")).replace(" or ", ", ")
        return f"{{}} 只能是 {wanted} 之一", f"{{}} must be one of {wanted}"
    if kind == "string_too_short":
        least = context.get("min_length")
        return f"{{}} 太短（至少 {least} 字）", f"{{}} has fewer than {least} characters"
    safe = message.replace("{", "(").replace("}", ")")
    return "{} 取值不对", f"{{}}: {safe}"
