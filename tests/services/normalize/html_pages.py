"""Small web pages and short ways to look at what was read from them."""

import pytest

from services.normalize.core.reading import read, read_document
from shared.errors import BadInput
from shared.report.document import Document

HEAD = "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
RULES = "<tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr>"
NORMS = "<tr><td>行政规范性文件</td><td>4</td><td></td><td>6</td></tr>"
TABLE = f"<table>{HEAD}{RULES}{NORMS}</table>"
READ = [
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "1", "2", "3"],
    ["行政规范性文件", "4", "", "6"],
]
TITLE = "某县水利局2022年政府信息公开工作年度报告"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16


def page(body: str, head: str = "", charset: str = "utf-8") -> bytes:
    return f'<html><head><meta charset="{charset}">{head}</head><body>{body}</body></html>'.encode()


def of(body: str, head: str = "") -> Document:
    return read_document(page(body, head), "report.html")


def aside(document: Document) -> list[str]:
    return [p.text for p in document.furniture]


def refusal(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(data, "report.html")
    return caught.value
