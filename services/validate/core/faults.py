"""What can be wrong with a rulebook, in both languages, with the file and line."""

from pydantic_core import ErrorDetails

from shared.errors import GoujiError


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
        text = ": ".join(part for part in (where, entry, f"{zh} / {en}") if part)
        super().__init__(" ".join(text.split()))


class Impossible(ValueError):
    """A parameter that can never work, with the reason in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep the reason in both languages."""
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


def reason(error: ErrorDetails) -> tuple[str, str]:
    """Return in both languages what a schema found wrong with one value."""
    context = error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, Impossible):
        return cause.zh, cause.en
    name = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing":
            return f"缺少 {name}", f"{name} is missing"
        case "extra_forbidden":
            return f"不认识的键 {name}", f"unknown key {name}"
        case "literal_error":
            wanted = str(context.get("expected", "")).replace(" or ", ", ")
            return f"{name} 只能是 {wanted} 之一", f"{name} must be one of {wanted}"
        case "string_too_short":
            least = context.get("min_length")
            return f"{name} 太短（至少 {least} 字）", f"{name} has fewer than {least} characters"
        case _:
            return f"{name} 取值不对", f"{name}: {error['msg']}"
