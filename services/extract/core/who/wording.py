"""The wording of names: which strings name a public body, a zone, a township, a gambling brand."""

import re

HAN = "\u3400-\u9fff"
"""Range of Chinese characters for a regular expression's character class."""

ZONE_END = (
    "经济技术开发区|高新技术产业开发区|高新技术开发区|高新技术产业园区|旅游度假区|国家级新区|开发区|高新区|经开区"
    "|工业园区|产业园区|科技园区|生物园区|食品区|工业区|保税港区|综合保税区|保税区|综保区|度假区"
    "|风景名胜区|名胜区|风景区|示范区|试验区|实验区|合作区|管理区|功能区|集聚区|经济区|自贸区|港区|园区|新区|新城|科学城|生态城|空港区"
)
ZONE = re.compile(rf"[{HAN}·]{{0,14}}?(?:{ZONE_END})")
"""A development zone with its name, read from the start of a string; zones are no divisions."""

TOWNSHIP = re.compile(
    rf"(?P<name>[{HAN}]{{1,10}}?(?:街道|镇|乡|苏木))"
    r"(?=人民政府|政府|办事处|街道办|办$|办公室|党政|便民|综合|社会事务|$)"
)
"""A township-level unit followed by its authority or by nothing."""

BODY_END = (
    "人民政府办公室|人民政府办公厅|政府办公室|政府办公厅|政府办|人民政府|办事处|街道办|政府|管理委员会|管委会|委员会|调查队"
    "|调查总队|委办公室|办公室|办公厅|监察专员办|专员公署|行政公署|监管分局|分局|总局|局|厅|部|署|司|海关|总站|边检站|检查站|监督站|服务站|管理站|总队|支队|大队"
    "|管理处|服务处|办事机构|中心|监狱|戒毒所|研究所|管理所|监督所|检察院|法院|联合会|总工会|工商联|供销合作社|供销社|合作联社|委|办|街道|人民银行|兵团|师|团场|银保监会|证监会|监会"
)
_BODY = re.compile(rf"(?:{BODY_END})(?:[（(][^（）()]{{1,30}}[）)])?$")
_OUTSIDER = re.compile(r"(?:大学|学院|学校|中学|小学|幼儿园|医院|卫生院|公司|集团|研究院)$")

BRAND = re.compile(
    r"bet\d*|\bbet|bet365|манбет|manbetx?|yabo|casino|poker|(?<!\d)\d{2,}(?:app|体育|娱乐|彩票|bet)|app下载|官网登录"
    r"|葡京|皇冠(?:体育|网|现金|比分)|威尼斯人|娱乐城|博彩|赌场|赌博|赌球|下注|投注|棋牌|彩票(?!管理|中心|发行|市场)|六合彩"
    r"|太阳城(?:集团|娱乐)|金沙(?:娱乐|官网|会|集团)|银河(?:娱乐|国际)|澳门新|开云(?:体育|官网|kaiyun)|kaiyun"
    r"|乐鱼(?:体育|官网)|亚博|万博(?:体育|官网|max)|体育官网|体育平台|体育app|真人(?:视讯|娱乐|荷官)|老虎机|百家乐|威廉希尔|伟德|必威|bwin|火狐体育|华体会",
    re.IGNORECASE,
)
"""Gambling names that replace the agency on hijacked copies of reports."""

PLACEHOLDER = re.compile(
    r"[XxＸ×＊*_＿]{2,}|[XxＸ×](?=[省市区县镇乡局委厅办])|单位名称|机关名称|填报单位|某"
)
"""A name left blank in a form."""


def is_body(name: str) -> bool:
    """Tell whether a string ends like the name of a public body."""
    return bool(_BODY.search(name))


def is_outsider(name: str) -> bool:
    """Tell whether a string names a school, hospital or company: no filer of this report."""
    return bool(_OUTSIDER.search(name))


def is_brand(text: str) -> bool:
    """Tell whether a string carries a gambling name."""
    return bool(BRAND.search(text))


def bare(name: str) -> str:
    """Return the name without a closing gloss in brackets: 教育局（体育局） is 教育局."""
    return re.sub(r"[（(][^（）()]{1,40}[）)]$", "", name)
