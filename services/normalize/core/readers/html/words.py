"""How the parts of a web page that are no article, or stand around it, give themselves away."""

import re

from services.normalize.core.furniture import is_furniture
from services.normalize.core.vocabulary import bare, section_titles
from shared.report.characters import fold

_LONGEST_TITLE = 90
_REPORT_TITLE = re.compile(
    r"(?:政[府务]|信息)公\s*开.{0,14}(?:年\s*度.{0,10}报\s*告|年\s*报|工作报告)"
    r"|(?:政[府務]|[資信][訊息])公\s*開.{0,14}(?:年\s*度.{0,10}[報报]\s*告|年\s*[報报]|工作[報报]告)"
)
_METADATA = re.compile(
    r"[【\[（(]?\s*(?:信息|公开)?(?:索\s*引\s*号?|发\s*布\s*(?:机\s*构|机\s*关|单\s*位|日\s*期|时\s*间)|发\s*文\s*(?:机\s*关|单\s*位|日\s*期|时\s*间|字\s*号)"
    r"|(?:公\s*开|公\s*布|成\s*文|生\s*成|印\s*发|更\s*新|信\s*息|责任|制发)\s*(?:日\s*期|时\s*间|机\s*构|机\s*关|单\s*位|方\s*式|主\s*体|责任部门)"
    r"|(?:信息|文章|稿件|内容)?来\s*源|日\s*期|时\s*间|文\s*号|主\s*题(?:词|分类)?|组配分类|体裁分类|服务对象|有\s*效\s*性|效\s*力|名\s*称|标\s*题"
    r"|發\s*布\s*(?:機\s*構|日\s*期|時\s*間)|來\s*源)\s*[】\]）)]?\s*[:：]"
)
_ITEM = re.compile(
    rf"\s*(?:{_METADATA.pattern}|(?:浏览|点击|阅读|访问)(?:次数|数|量|人次)?\s*[:：]|【?字[号体]|分享到?\s*[:：]|(?:作者|编辑|责任编辑)\s*[:：])"
)
_BETWEEN_NAMES = re.compile(r"[\s_\-]+")
_CHROME_NAME = re.compile(
    r"menu\w*|position|location|weizhi|dqwz|bottom\w*|copyright|banner|share\w*|tool(?:bar|s)?|side(?:bar|list|nav)?|relate[ds]?"
    r"|recommend\w*|hot\w*|pager|paging|search\w*|login\w*|qrcode|ewm|friend\w*|links?|topbar|wza\w*"
)
_CHROME_PARTS = ("nav", "crumb", "foot")
_LONGEST_METADATA = 200
_CHROME_TAGS = frozenset({"nav", "footer", "header", "aside", "select"})
_WHERE = re.compile(
    r"位置|首\s?页|[上下]一[篇条]|相关|主办|承办|协办|版权|[Cc]opyright|©|备案|备\d|标识码|网站地图|关于我们|联系我们|隐私|技术支持"
)


def is_form_title(text: str) -> bool:
    """Tell whether a line is the title of one of the six sections, numbered or not."""
    if not 2 <= len(text) <= 60:
        return False
    return bare(fold(text).rstrip(",.:")) in section_titles()


def is_report_title(text: str) -> bool:
    """Tell whether a line can be the title of a report."""
    return len(text) <= _LONGEST_TITLE and "。" not in text and bool(_REPORT_TITLE.search(text))


def is_metadata(text: str) -> bool:
    """Tell whether a line states date, publisher or index number of the page."""
    return len(text) <= _LONGEST_METADATA and _METADATA.search(text) is not None


def starts_metadata(text: str) -> bool:
    """Tell whether a piece of text begins with the name of such a statement."""
    return _ITEM.match(text[:_LONGEST_METADATA]) is not None


def is_chrome_name(tag: str, hint: str) -> bool:
    """Tell whether an element by its kind or its names is navigation, a bar or a foot."""
    if tag in _CHROME_TAGS:
        return True
    return any(map(_is_chrome_word, _BETWEEN_NAMES.split(hint.lower()))) if hint else False


def _is_chrome_word(word: str) -> bool:
    # parts are looked for one by one: as one pattern they took the square of a name's length
    if not word.isalnum():
        return False
    if word.endswith("share") or any(part in word for part in _CHROME_PARTS):
        return True
    return _CHROME_NAME.fullmatch(word) is not None


def ends_article(text: str) -> bool:
    """Tell whether a line is page furniture beyond which no article goes on."""
    trimmed = text.strip()
    return bool(trimmed) and is_furniture(trimmed) and _WHERE.search(trimmed) is not None
