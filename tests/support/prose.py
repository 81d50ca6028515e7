"""The running text of made-up reports: preamble and six sections, in several styles."""

from random import Random

from tests.support.statements import Speaker
from tests.support.truth import Part

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
    """Writes the sections of one report; the speaker keeps every figure it states."""

    def __init__(self, rng: Random, speaker: Speaker, asides: dict[str, str] | None = None) -> None:
        """Take also what is said besides, by the subject it follows."""
        self.rng = rng
        self.speaker = speaker
        self.asides = asides or {}
        self.agency, self.year = speaker.agency, speaker.year

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
        period = self.rng.choice((
            f"本报告所列数据的统计期限为{year}年1月1日至{year}年12月31日。",
            f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
            f"报告中所列数据的统计期限为{year}年1月1日至12月31日。",
        ))  # fmt: skip
        six = (
            "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、"
            "政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等六个部分组成。"
        )
        opening = f"{self.agency.full}根据《中华人民共和国政府信息公开条例》（以下简称《条例》）要求编制本报告。"
        return (f"{opening}{self.rng.choice((six, ''))}{period}",)

    def _overview(self) -> tuple[str, ...]:
        say = self.speaker
        topics = (
            ("主动公开",
             f"{say.tell('disclosed', say.disclosed)}{say.tell('powers', say.powers)}"),
            ("依申请公开",
             f"{say.tell('applications', say.applications)}{say.tell('remedies', say.remedies)}"),
            ("政府信息管理", "严格执行信息发布审核制度，落实先审后发、一事一审，做好已公开信息的动态清理。"),
            ("政府信息公开平台建设", "加强门户网站政府信息公开专栏建设，规范栏目设置，及时更新维护。"),
            ("监督保障", (
                f"明确专人负责，{say.tell('service', say.service)}"
                "全年未发生因政府信息公开工作被追究责任的情形。"
            )),
        )  # fmt: skip
        topics = tuple((head, f"{text}{self.asides.get(head, '')}") for head, text in topics)
        return (self._opening(), *self._numbered(topics))

    def _opening(self) -> str:
        year, agency = self.year, self.agency
        return self.rng.choice((
            (f"{year}年，{agency.full}认真贯彻落实《中华人民共和国政府信息公开条例》，"
             "坚持以公开为常态、不公开为例外，扎实推进政府信息公开工作。"),
            (f"{year}年，在上级党委、政府的正确领导下，{agency.we}严格执行《条例》规定，"
             "不断提高政府工作透明度，各项工作取得新进展。"),
            (f"{year}年，{agency.we}深入学习贯彻党的二十大精神，" if year > 2022 else f"{year}年，{agency.we}")
            + "按照上级政务公开工作要点要求，聚焦群众关切，持续提升公开质量和实效。",
        ))  # fmt: skip

    def _numbered(self, topics: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        numbers = "一二三四五"
        style = self.rng.randrange(4)
        if style == 0:
            return tuple(
                line for i, (head, text) in enumerate(topics)
                for line in (f"（{numbers[i]}）{head}", text)
            )  # fmt: skip
        if style == 1:
            return tuple(f"{numbers[i]}是{h}方面。{t}" for i, (h, t) in enumerate(topics))
        if style == 2:
            return tuple(f"{i + 1}.{h}。{t}" for i, (h, t) in enumerate(topics))
        return tuple(f"（{numbers[i]}）{h}。{t}" for i, (h, t) in enumerate(topics))

    def _problems(self) -> tuple[str, ...]:
        we = self.agency.we
        return (
            (f"{self.year}年，{we}政府信息公开工作取得一定成效，但仍存在一些不足："
             "一是公开内容的深度和广度有待拓展；二是政策解读形式较为单一；三是工作人员业务能力有待提升。"),
            (f"{self.year + 1}年，{we}将采取以下措施加以改进：一是强化学习培训，提升业务水平；"
             f"二是丰富解读形式，增强解读效果；三是健全工作机制，提高公开质量。{self.asides.get('plans', '')}"),
        )  # fmt: skip

    def _other_matters(self) -> tuple[str, ...]:
        contact = self.asides.get("contact")
        more = (contact,) if contact else ()
        if self.year >= 2021:
            return (self.speaker.tell("fee", self.speaker.fee), *more)
        return (self.rng.choice(("无。", "无其他需要报告的事项。", "无")), *more)
