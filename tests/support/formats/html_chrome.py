"""What stands around an article on made-up government web pages."""

from html import escape
from random import Random

from tests.support.truth import Truth

NAVIGATION = (
    '<div class="header"><div class="logo">某市人民政府门户网站</div><ul class="nav">'
    + "".join(
        f'<li><a href="/c{i}/">{w}</a></li>'
        for i, w in enumerate(("首页", "政务公开", "办事服务", "互动交流", "数据开放", "走进某市"))
    )
    + '</ul><form action="/s"><input type="text" value="请输入关键字"><select><option>全站</option><option>标题</option></select></form></div>'
)
FOOT = (
    '<div class="footer"><p><a href="/about">关于我们</a> | <a href="/map">网站地图</a> | <a href="/contact">联系我们</a></p>'
    "<p>主办：某市人民政府办公室　承办：某市大数据中心</p><p>网站标识码：0000000000　某ICP备00000000号</p></div>"
)


def crumbs(truth: Truth, rng: Random) -> str:
    """Return the path to the page, the last step being the report or its column."""
    last = rng.choice((escape(truth.title), "政府信息公开年报", "正文"))
    links = " &gt; ".join(
        f'<a href="/{w}">{w}</a>' for w in ("首页", "政务公开", "政府信息公开年报")
    )
    return f'<div class="{rng.choice(("position", "BreadcrumbNav", "dqwz", "loc"))}">您现在的位置：{links} &gt; {last}</div>'


def metadata_table(truth: Truth, rng: Random) -> str:
    """Return index number, publisher and dates as government sites print them above an article."""
    day = truth.published_on.isoformat() if truth.published_on else ""
    pairs = [
        ("索引号", f"{rng.randrange(10**9):09d}/2024-00{rng.randrange(100):02d}"), ("主题分类", "政务公开/年度报告"),
        ("发布机构", truth.agency), ("文号", ""), ("发布日期", day), ("名称", truth.title), ("有效性", "有效"), ("主题词", ""),
    ]  # fmt: skip
    colon = rng.choice(("：", ":", ""))
    cells = [
        f"<td class=label><b>{escape(k)}{colon}</b></td><td>{escape(v)}</td>" for k, v in pairs
    ]
    rows = "".join(f"<tr>{a}{b}</tr>" for a, b in zip(cells[::2], cells[1::2], strict=True))
    return f'<div class="xxgk_head"><table>{rows}</table></div>'


def bars(rng: Random) -> str:
    """Return the bars for letter size, sharing and printing."""
    return rng.choice((
        '<span>浏览次数：<b id="hits">128</b>次</span><span>字号：[<a href="javascript:f(1)">大</a> <a href="javascript:f(2)">中</a> <a href="javascript:f(3)">小</a>]</span>',
        '<div class="share">分享到：<a href="https://share.example/wb">微博</a> <a href="https://share.example/wx">微信</a></div><a href="javascript:window.print()">打印本页</a>',
        "<span>【字体：大 中 小】</span> <span>【打印】</span><span>【关闭】</span>",
    ))  # fmt: skip


def side_list(rng: Random) -> str:
    """Return a list of other pages: reports of other agencies, dated, all of them links."""
    names = ("市财政局", "市教育局", "市民政局", "市水利局", "市司法局", "市审计局")
    rows = "".join(
        f'<li><a href="/x{i}.html">{n}{rng.randrange(2019, 2025)}年政府信息公开工作年度报告</a><span>2025-06-{i + 10}</span></li>'
        for i, n in enumerate(names)
    )
    return f"<h3>最新公开</h3><ul>{rows}</ul>"


def neighbours(rng: Random) -> str:
    """Return the links to the pages before and after."""
    return rng.choice((
        '<div class="page">上一篇：<a href="/1.html">关于做好防汛工作的通知</a></div><div>下一篇：没有了</div>',
        '<ul class="xgxx"><li><a href="/2.html">一图读懂</a></li><li><a href="/3.html">政策解读：一、总体情况</a></li></ul>',
        "",
    ))  # fmt: skip
