"""Loaded by the fork server before there is any file: what every reader process finds ready.

The first document of a process waits for the tables of characters and labels, longer than for its
own reading. Made here, they are there at once in a worker that replaces one which a file took down.
"""

import contextlib
from typing import Final

from services.normalize.core import reading
from shared.errors import BadInput

_PAGE: Final = """<!DOCTYPE html><meta charset="utf-8"><title>年度报告</title>
<h1>某市信访局2021年政府信息公开工作年度报告</h1><p>一、总体情况</p>
<table><tr><th>信息内容</th><th>本年制发件数</th></tr><tr><td>规章</td><td>0</td></tr></table>"""

with contextlib.suppress(BadInput):
    reading.read(_PAGE.encode(), "warm.html")
