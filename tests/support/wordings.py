"""Other spellings and forms of a printed sheet that a human reader would not even notice."""

from dataclasses import replace
from random import Random

from tests.support.sheets import Box, Sheet

VARIANTS: dict[str, tuple[str, ...]] = {
    "2.没有现成信息需要另行制作": ("2.没有现成信息需另行制作",),
    "行政规范性文件": ("规范性文件",),
    "3.危及“三安全一稳定”": ("3.危及“三安全一稳定“", "3.危及‘三安全一稳定’", "3.危及三安全一稳定", '3.危及"三安全一稳定"'),
    "（七）总计": ("总计", "(七)总计", "（七）合计"),
    "四、结转下年度继续办理": ("四、结转下一年度继续办理", "四、结转下年度继续办理数量"),
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": (
        "（二）部分公开", "（二）部分公开 (区分处理的，只计这一情形，不计其他情形)",
    ),
    "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请": (
        "1.申请人无正当理由逾期不补正，行政机关不再处理其政府信息公开申请", "1.逾期不补正",
    ),
    "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请": (
        "2.申请人逾期未按收费通知要求缴纳费用，行政机关不再处理其政府信息公开申请", "2.逾期不缴费",
    ),
    "第二十条第（一）项": ("第二十条  第（一）项", "第二十条第(一)项", "第二十条第一项"),
    "本年收费金额（单位：万元）": ("本年收费金额(单位：万元)", "本年收费金额（单位:万元）"),
    "本年增/减": ("本年增／减", "本年增减"),
    "三、本年度办理结果": ("三 、本 年 度办 理 结果", "三、本年度办理 结果"),
}  # fmt: skip
"""Spellings met in real reports (domain notes 3.4)."""

SPLIT_TITLES = {
    "本年新制作数量": ("本年新", "制作数量"),
    "本年新公开数量": ("本年新", "公开数量"),
    "商业企业": ("商业", "企业"),
    "科研机构": ("科研", "机构"),
    "社会公益组织": ("社会公益", "组织"),
    "法律服务机构": ("法律服务", "机构"),
}


def vary_labels(sheet: Sheet, rng: Random) -> Sheet:
    """Print some labels in another spelling, some with blanks inside or after their number."""
    return replace(sheet, boxes=tuple(_varied(b, rng) for b in sheet.boxes))


def _varied(box: Box, rng: Random) -> Box:
    if box.address is not None or not box.text:
        return box
    text = box.text
    if text in VARIANTS and rng.random() < 0.6:
        text = rng.choice(VARIANTS[text])
    if text[:2] in {"1.", "2.", "3.", "4.", "5.", "6.", "7.", "8."} and rng.random() < 0.3:
        text = text[0] + rng.choice(("．", ". ", "、", "、 ")) + text[2:]
    return replace(box, text=text)


def full_width_digits(sheet: Sheet, rng: Random) -> Sheet:
    """Print the numbers in full-width digits."""
    wide = {0x30 + i: 0xFF10 + i for i in range(10)}
    return replace(
        sheet,
        boxes=tuple(
            replace(b, text=b.text.translate(wide)) if b.address else b for b in sheet.boxes
        ),
    )


def split_titles(sheet: Sheet, rng: Random) -> Sheet:
    """Print long column titles as two rows, as converters do when a title breaks inside its cell."""
    rows = sorted({b.row for b in sheet.boxes if b.header and b.text in SPLIT_TITLES})
    for row in reversed(rows):
        sheet = _split_row(sheet, row)
    return sheet


def _split_row(sheet: Sheet, row: int) -> Sheet:
    boxes: list[Box] = []
    for box in sheet.boxes:
        if box.row > row:
            boxes.append(replace(box, row=box.row + 1))
        elif box.row == row and box.header and box.text in SPLIT_TITLES:
            first, second = SPLIT_TITLES[box.text]
            boxes += [replace(box, text=first), replace(box, text=second, row=row + 1)]
        elif box.row + box.rows > row:
            boxes.append(replace(box, rows=box.rows + 1))
        else:
            boxes.append(box)
    header_rows = sheet.header_rows + (1 if row < sheet.header_rows else 0)
    return replace(
        sheet, boxes=tuple(boxes), row_count=sheet.row_count + 1, header_rows=header_rows
    )
