"""The words that fuzzed texts are made of: what stands in reports, and what stands in the way."""

from functools import cache
from typing import Final

from shared import forms
from tests.fuzz.draws import Draws

_ODD: Final = (
    "", " ", "\u3000", "\t", "\n", "\r", "\x0b", "\x0c", "\x00", "\x07", "\ufeff", "\u200b", "\u202e", "\u2028", "\x85",
    "|", "||", "/", "-", "—", "＿", "…", "*", "**", "#", "<td>", "&nbsp;", "=1+1", "\ufffd", "\U0010ffff", "𠀀", "①", "⑳", "Ⅷ",
    "½", "²", "٣", "६", "߀", "𝟗", "０", "９", "（", "）", "(", ")", "〔2020〕", "《", "》", "、", "。", "；", "：", ":", "%", "‰",
)  # fmt: skip
_NUMBERS: Final = (
    "0", "1", "7", "12", "305", "1,234", "１２", "3.5", "0.1", "-3", "+4", "1e9", "1.2.3", "00012", "9" * 15, "9" * 40, "9" * 400,
    "O", "l2", "〇", "零", "两", "十", "一百零三", "三万", "九亿", "万", "亿亿亿亿", "十十", "2千", "1.5万", "0.00001", "NaN", "inf", "²",
)  # fmt: skip
_PHRASES: Final = (
    "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况", "六、其他需要报告的事项", "（一）", "1.", "第一条", "第二十条第（一）项", "本年新收政府信息公开申请数量",
    "杭州市", "西湖区", "浙江省", "人民政府办公室", "教育局", "北京市朝阳区", "新疆生产建设兵团第八师", "街道办事处", "乡", "经济技术开发区",
    "政府信息公开工作年度报告", "2021年", "2019年度", "二〇二一年", "2021年1月9日", "二〇二二年一月三十一日", "2021.13.45", "2021-02-30",
    "99年", "0000年0月0日", "2021年2月29日", "本年度", "去年", "同比增长", "较上年", "共", "其中", "分别为", "收到", "受理", "办结", "件", "条", "项",
    "万元", "元", "亿元", "未收到", "无", "均", "全部", "以来", "余件", "约", "不足", "联系电话", "0571-12345678", "邮编",
    "自然人", "法人或其他组织", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计", "信息内容", "规章", "行政规范性文件", "行政许可",
    "制作数量", "处理决定数量", "结果维持", "结果纠正", "其他结果", "尚未审结", "合计", "复议后起诉",
)  # fmt: skip


@cache
def tokens() -> tuple[str, ...]:
    """Return all words: odd characters, numbers, phrases, and every label of both forms."""
    labels = [
        label
        for form in forms.editions()
        for table in form.tables
        for block in table.blocks
        for part in (*block.rows, *block.columns)
        for label in part.labels
    ]
    return tuple(dict.fromkeys((*_ODD, *_NUMBERS, *_PHRASES, *labels)))


def text(draws: Draws, most: int = 6) -> str:
    """Return a text of words, and now and then of any characters."""
    known = tokens()
    parts: list[str] = []
    for _ in range(draws.below(most + 1)):
        if draws.below(8) == 7:
            parts.append(draws.raw(12).decode(errors="replace"))
        else:
            parts.append(draws.pick(known))
    return "".join(parts)


def number(draws: Draws) -> int | float:
    """Return a number as cells may hold it, small ones most often."""
    kind = draws.below(8)
    if kind < 5:
        return draws.below(40)
    if kind == 5:
        return draws.below(60_000)
    return draws.pick((0.5, 12.34, 10**9, 10**12 - 1, -1, -7, 0.1, 1e11, 2**31, 3.0, 1e-9))
