"""Sentences with figures, in several wordings, true to the tables; every figure is kept."""

from collections.abc import Callable
from random import Random

from shared.report.record import Edition
from tests.support.agencies import Agency
from tests.support.figures import APPLICANTS, T2, T3, T4
from tests.support.truth import Figure, Said, Value

Cells = dict[str, Value]
GROUPS = (
    ("予以公开", "granted"), ("部分公开", "partially_granted"), ("不予公开", "denied"),
    ("无法提供", "unavailable"), ("不予处理", "not_processed"), ("其他处理", "other_processing"),
)  # fmt: skip
NUMERALS = "零一二三四五六七八九"


class Speaker:
    """Makes sentences about one report and remembers what they state."""

    def __init__(self, rng: Random, agency: Agency, year: int, cells: Cells) -> None:
        self.rng = rng
        self.agency = agency
        self.year = year
        self.cells = cells
        self.edition: Edition = "2021" if f"{T2}.fees@amount_wanyuan" in cells else "2019"
        self.figures: list[Figure] = []
        self.said: dict[str, Said] = {}

    def tell(self, subject: str, sentence: Callable[[], str]) -> str:
        """Make a sentence and remember it with its figures under its subject."""
        first = len(self.figures)
        text = sentence()
        self.said[subject] = (text, tuple(self.figures[first:]))
        return text

    def get(self, address: str) -> int:
        """Return a whole number of the tables."""
        value = self.cells.get(address, 0)
        return value if isinstance(value, int) else 0

    def say(self, value: float, unit: str, key: str | None = None) -> str:
        """Return a figure as printed and keep it."""
        self.figures.append(Figure(value, unit, key))
        return f"{value}{unit}"

    def disclosed(self) -> str:
        """State what was disclosed on own initiative."""
        rng = self.rng
        parts = [rng.randint(1, 60) for _ in range(3)]
        whole = sum(parts)
        names = rng.sample(
            ("机构职能", "工作动态", "财政预决算", "规划计划", "通知公告", "统计数据"), 3
        )
        wording = rng.randrange(6)
        if wording == 0:
            return f"全年通过政府网站主动公开政府信息{self.say(whole, '条', 'disclosed_items')}。"
        if wording == 1:
            # an open list need not add up
            some = "、".join(
                f"{n}{self.say(p, '条')}" for n, p in zip(names[:2], parts, strict=False)
            )
            total = self.say(whole + 50, "条", "disclosed_items")
            return f"累计主动公开政府信息{total}，其中{some}等。"
        if wording == 2:
            return f"全年通过各类平台发布信息{whole * 10}余条，政务新媒体阅读量持续提升。"
        total = self.say(whole, "条", "disclosed_items")
        listed = "，".join(f"{n}{self.say(p, '条')}" for n, p in zip(names, parts, strict=True))
        verb = rng.choice(("共主动公开政府信息", "主动公开各类政府信息", "累计发布信息"))
        return f"全年{verb}{total}，其中{listed}。"

    def powers(self) -> str:
        """State documents and decisions of table two, now and then."""
        if self.rng.random() < 0.6 or self.edition == "2019":
            return ""
        issued = self.get(f"{T2}.normative_documents@issued")
        penalties = self.get(f"{T2}.penalty@decisions")
        return (
            f"制发行政规范性文件{self.say(issued, '件', 'normative_documents')}，"
            f"作出行政处罚决定{self.say(penalties, '件', 'penalty')}。"
        )

    def applications(self) -> str:
        """State the year's applications."""
        new, carried = (self.get(f"{T3}.{r}@total") for r in ("received_new", "carried_over_in"))
        who = self.rng.choice(("", self.agency.spread))
        if new + carried == 0:
            return self._nothing_received(who)
        wordings = [self._received, self._received, self._by_outcome]
        if carried:
            wordings.append(self._with_carried)
        elif not self.get(f"{T3}.carried_over_out@total"):
            wordings.append(self._all_answered)
        return self.rng.choice(wordings)(who, new, carried)

    def _nothing_received(self, who: str) -> str:
        wording = self.rng.randrange(5)
        if wording == 0:
            nil = self.say(0, "件", "received")
            return f"{self.year}年，{who}共收到政府信息公开申请{nil}。"
        return (
            f"{self.year}年，{who}未收到政府信息公开申请。",
            f"全年{who}未收到公民、法人或其他组织提出的政府信息公开申请。",
            f"{self.year}年{who}没有收到政府信息公开申请。",
            f"{self.year}年度，{who}无依申请公开事项。",
        )[wording - 1]

    def _received(self, who: str, new: int, carried: int) -> str:
        handled, left = (self.get(f"{T3}.{r}@total") for r in ("total", "carried_over_out"))
        verb = self.rng.choice(
            (
                "共收到政府信息公开申请",
                "新收政府信息公开申请",
                "受理政府信息公开申请",
                "收到依申请公开申请",
            )
        )
        text = f"{self.year}年，{who}{verb}{self.say(new, '件', 'received')}"
        if self.rng.random() < 0.3:
            person = self.get(f"{T3}.received_new@natural_person")
            others = sum(self.get(f"{T3}.received_new@{c}") for c in APPLICANTS[1:])
            text += (
                f"（其中自然人申请{self.say(person, '件', 'received_natural_person')}，"
                f"法人或其他组织申请{self.say(others, '件', 'received_organisations')}）"
            )
        elif self.rng.random() < 0.3:
            text += f"，较上年{self.rng.choice(('增加', '减少'))}{self.rng.randint(1, 9)}件"
        if carried:
            text += f"，上年结转{self.say(carried, '件', 'carried_over_in')}"
        text += f"，办结{self.say(handled, '件', 'handled')}"
        if left:
            text += f"，结转下年度继续办理{self.say(left, '件', 'carried_over_out')}"
        return f"{text}。"

    def _by_outcome(self, who: str, new: int, carried: int) -> str:
        sums = {
            key: sum(
                self.get(a) for a in self.cells
                if a.endswith("@total") and a.split("@")[0].split(".", 1)[1].split(".")[0] == key
                and a.startswith(T3)
            )
            for _, key in GROUPS
        }  # fmt: skip
        listed = "，".join(
            f"{label}{self.say(sums[key], '件', key)}" for label, key in GROUPS if sums[key]
        )
        text = f"{self.year}年，{who}新收政府信息公开申请{self.say(new, '件', 'received')}"
        if carried:
            text += f"，上年结转申请{self.say(carried, '件', 'carried_over_in')}"
        return f"{text}。本年度办理结果为：{listed}。" if listed else f"{text}。"

    def _with_carried(self, who: str, new: int, carried: int) -> str:
        both = self.say(new + carried, "件", "received_and_carried")
        old = self.say(carried, "件", "carried_over_in")
        return f"{self.year}年，{who}共办理政府信息公开申请{both}（含上年结转{old}）。"

    def _all_answered(self, who: str, new: int, carried: int) -> str:
        if 1 <= new <= 9 and self.rng.random() < 0.4:
            self.figures.append(Figure(new, "件", "received"))
            return f"{self.year}年，{who}共收到政府信息公开申请{NUMERALS[new]}件，均已按时答复。"
        return (
            f"{self.year}年，{who}共收到政府信息公开申请{self.say(new, '件', 'received')}，"
            f"{self.rng.choice(('已全部办结', '均在法定期限内答复', '办结率100%'))}。"
        )

    def remedies(self) -> str:
        """State reviews and litigation."""
        review = self.get(f"{T4}.review@total")
        litigation = sum(
            self.get(f"{T4}.{r}@total") for r in ("litigation_direct", "litigation_after_review")
        )
        if review + litigation:
            return (
                f"因政府信息公开被申请行政复议{self.say(review, '件', 'review')}，"
                f"被提起行政诉讼{self.say(litigation, '件', 'litigation')}。"
            )
        wording = self.rng.randrange(4)
        if wording == 0:
            nil = self.say(0, "件", "review"), self.say(0, "件", "litigation")
            return f"因政府信息公开引起的行政复议{nil[0]}、行政诉讼{nil[1]}。"
        return (
            "全年未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。",
            "无因政府信息公开引起的行政复议和行政诉讼案件。",
            "",
        )[wording - 1]

    def service(self) -> str:
        """State figures that have nothing to do with the tables."""
        wording = self.rng.randrange(5)
        if wording == 0:
            return f"组织业务培训{self.say(self.rng.randint(1, 6), '次')}，"
        if wording == 1:
            calls = self.rng.randint(50, 900)
            closed = calls - self.rng.randint(0, calls // 10)
            share = f"{100 * closed / calls:.2f}%"
            return f"受理12345热线工单{self.say(calls, '件')}，办结{self.say(closed, '件')}，办结率{share}，"
        if wording == 2:
            return "自2014年成立政务公开领导小组以来，坚持24小时值班制度，接听来电2000余个，"
        return ""

    def fee(self) -> str:
        """State the processing fee, as asked for since FY2021."""
        wording = self.rng.randrange(5)
        if wording == 0:
            return "本年度未收取政府信息公开信息处理费。无其他需要报告的事项。"
        if wording == 1:
            return "本年度依申请公开信息处理费收取情况：无。"
        # both tariffs are multiples of ten yuan
        amount = 0 if self.get(f"{T3}.received_new@total") < 20 else 10 * self.rng.randint(0, 90)
        said = self.say(amount, "元", "processing_fee")
        return (
            f"{self.year}年，{self.agency.we}收取信息处理费{said}。无其他需要报告的事项。",
            f"按照《政府信息公开信息处理费管理办法》规定，本年度收取信息处理费{said}。",
            f"依据《政府信息公开信息处理费管理办法》，{self.agency.spread}收取信息处理费共计{said}。",
        )[wording - 2]
