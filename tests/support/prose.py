"""The running text of made-up reports, in several wordings, true to the tables."""

from random import Random

from tests.support.agencies import Agency
from tests.support.figures import APPLICANTS, T2, T3, T4
from tests.support.truth import Figure, Part, Value

Cells = dict[str, Value]

TITLES = {
    1: ("总体情况",) * 5 + ("政府信息公开总体情况", "工作概述", "概述"),
    2: ("主动公开政府信息情况",) * 5 + ("行政机关主动公开政府信息情况",),
    3: ("收到和处理政府信息公开申请情况",) * 5 + ("行政机关收到和处理政府信息公开申请情况",),
    4: ("政府信息公开行政复议、行政诉讼情况",) * 5
    + ("因政府信息公开工作被申请行政复议、提起行政诉讼情况", "政府信息公开行政复议和行政诉讼情况"),
    5: ("存在的主要问题及改进情况",) * 5
    + ("政府信息公开工作存在的主要问题及改进情况", "存在问题及改进情况", "存在的主要问题和改进措施"),
    6: ("其他需要报告的事项",) * 5 + ("其它需要报告的事项",),
}  # fmt: skip


class Writer:
    """Writes the sections of one report and keeps every figure it states."""

    def __init__(self, rng: Random, agency: Agency, year: int, cells: Cells) -> None:
        self.rng = rng
        self.agency = agency
        self.year = year
        self.cells = cells
        self.figures: list[Figure] = []

    def parts(self) -> tuple[Part, ...]:
        """Return the six sections."""
        title = {n: self.rng.choice(t) for n, t in TITLES.items()}
        return (
            Part(1, title[1], self._overview()),
            Part(2, title[2]),
            Part(3, title[3]),
            Part(4, title[4]),
            Part(5, title[5], self._problems()),
            Part(6, title[6], self._other_matters()),
        )

    def preamble(self) -> tuple[str, ...]:
        """Return the paragraphs before section one, often none."""
        if self.agency.printed == self.agency.full and self.rng.random() < 0.4:
            return ()
        year = self.year
        return (
            (f"{self.agency.full}根据《中华人民共和国政府信息公开条例》（以下简称《条例》）要求编制本报告。"
            "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、"
            "政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等六个部分组成。"
            f"本报告所列数据的统计期限为{year}年1月1日至{year}年12月31日。"),
        )

    def _say(self, value: float, unit: str, key: str | None = None) -> str:
        self.figures.append(Figure(value, unit, key))
        return f"{value}{unit}"

    def _get(self, address: str) -> int:
        value = self.cells.get(address, 0)
        return value if isinstance(value, int) else 0

    def _overview(self) -> tuple[str, ...]:
        opening = self.rng.choice((
            (f"{self.year}年，{self.agency.full}认真贯彻落实《中华人民共和国政府信息公开条例》，"
            "坚持以公开为常态、不公开为例外，扎实推进政府信息公开工作。"),
            (f"{self.year}年，在上级党委、政府的正确领导下，{self.agency.we}严格执行《条例》规定，"
            "不断提高政府工作透明度，各项工作取得新进展。"),
        ))  # fmt: skip
        return (
            opening,
            f"（一）主动公开。{self._disclosed()}",
            f"（二）依申请公开。{self._applications()}{self._remedies()}",
            "（三）政府信息管理。严格执行信息发布审核制度，落实先审后发、一事一审，做好已公开信息的动态清理。",
            "（四）政府信息公开平台建设。加强门户网站政府信息公开专栏建设，规范栏目设置，及时更新维护。",
            f"（五）监督保障。明确专人负责，{self._training()}全年未发生因政府信息公开工作被追究责任的情形。",
        )

    def _disclosed(self) -> str:
        rng = self.rng
        parts = [rng.randint(1, 60) for _ in range(3)]
        whole = sum(parts)
        if rng.random() < 0.3:
            return f"全年通过政府网站主动公开政府信息{self._say(whole, '条', 'disclosed_items')}。"
        names = rng.sample(
            ("机构职能", "工作动态", "财政预决算", "规划计划", "通知公告", "统计数据"), 3
        )
        listed = "，".join(f"{n}{self._say(p, '条')}" for n, p in zip(names, parts, strict=True))
        verb = rng.choice(("共主动公开政府信息", "主动公开各类政府信息", "累计发布信息"))
        return f"全年{verb}{self._say(whole, '条', 'disclosed_items')}，其中{listed}。"

    def _applications(self) -> str:
        rng = self.rng
        new = self._get(f"{T3}.received_new@total")
        carried = self._get(f"{T3}.carried_over_in@total")
        handled = self._get(f"{T3}.total@total")
        left = self._get(f"{T3}.carried_over_out@total")
        who = rng.choice(("", self.agency.spread))
        if new + carried == 0:
            return rng.choice((
                f"{self.year}年，{who}未收到政府信息公开申请。",
                f"{self.year}年，{who}共收到政府信息公开申请{self._say(0, '件', 'received')}。",
                f"全年{who}未收到公民、法人或其他组织提出的政府信息公开申请。",
            ))  # fmt: skip
        verb = rng.choice(
            ("共收到政府信息公开申请", "新收政府信息公开申请", "受理政府信息公开申请")
        )
        text = f"{self.year}年，{who}{verb}{self._say(new, '件', 'received')}"
        person = self._get(f"{T3}.received_new@natural_person")
        if rng.random() < 0.3:
            organisations = sum(self._get(f"{T3}.received_new@{c}") for c in APPLICANTS[1:])
            text += (
                f"（其中自然人申请{self._say(person, '件', 'received_natural_person')}，"
                f"法人或其他组织申请{self._say(organisations, '件', 'received_organisations')}）"
            )
        if carried:
            text += f"，上年结转{self._say(carried, '件', 'carried_over_in')}"
        text += f"，办结{self._say(handled, '件', 'handled')}"
        if left:
            text += f"，结转下年度继续办理{self._say(left, '件', 'carried_over_out')}"
        return f"{text}。"

    def _remedies(self) -> str:
        review = self._get(f"{T4}.review@total")
        litigation = sum(
            self._get(f"{T4}.{r}@total") for r in ("litigation_direct", "litigation_after_review")
        )
        if review + litigation == 0:
            return self.rng.choice((
                "全年未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。",
                f"因政府信息公开引起的行政复议{self._say(0, '件', 'review')}、行政诉讼{self._say(0, '件', 'litigation')}。",
                "",
            ))  # fmt: skip
        return (
            f"因政府信息公开被申请行政复议{self._say(review, '件', 'review')}，"
            f"被提起行政诉讼{self._say(litigation, '件', 'litigation')}。"
        )

    def _training(self) -> str:
        if self.rng.random() < 0.5:
            return ""
        return f"组织业务培训{self._say(self.rng.randint(1, 6), '次')}，"

    def _problems(self) -> tuple[str, ...]:
        we = self.agency.we
        return (
            (f"{self.year}年，{we}政府信息公开工作取得一定成效，但仍存在一些不足："
            "一是公开内容的深度和广度有待拓展；二是政策解读形式较为单一；三是工作人员业务能力有待提升。"),
            (f"{self.year + 1}年，{we}将采取以下措施加以改进：一是强化学习培训，提升业务水平；"
            "二是丰富解读形式，增强解读效果；三是健全工作机制，提高公开质量。"),
        )

    def _other_matters(self) -> tuple[str, ...]:
        if self.year >= 2021:
            return (
                self.rng.choice((
                    f"{self.year}年，{self.agency.we}收取信息处理费{self._say(0, '元', 'processing_fee')}。无其他需要报告的事项。",
                    "本年度未收取政府信息公开信息处理费。无其他需要报告的事项。",
                    f"按照《政府信息公开信息处理费管理办法》规定，本年度收取信息处理费{self._say(0, '元', 'processing_fee')}。",
                )),
            )  # fmt: skip
        return (self.rng.choice(("无。", "无其他需要报告的事项。", "无")),)


def decisions(cells: Cells, row: str) -> int:
    """Return the decisions of one row of table two."""
    value = cells.get(f"{T2}.{row}@decisions", 0)
    return value if isinstance(value, int) else 0
