"""Sentences that look like a fault and are none: what clean reports say besides, true to their tables.

Every aside is something real reports say. None of them may raise an error or a warning; those that
speak of the table's own figures in another way of counting may raise an info at most.
"""

from random import Random

from tests.support.agencies import Agency
from tests.support.figures import T3, T4
from tests.support.truth import Value

_NAMES = ("张建国", "李明", "王秀英", "刘志强")
_SHARES = (("20条", "33.3%"), ("20条", "33.3%"), ("20条", "33.3%"))


def lay(rng: Random, agency: Agency, year: int, cells: dict[str, Value]) -> dict[str, str]:
    """Return asides by the subject they follow; about half of the subjects get one."""
    layer = _Layer(rng, agency, year, cells)
    makers = {
        "主动公开": layer.disclosed,
        "依申请公开": layer.applications,
        "政府信息管理": layer.management,
        "政府信息公开平台建设": layer.platforms,
        "监督保障": layer.supervision,
        "plans": layer.plans,
        "contact": layer.contact,
    }
    return {subject: make() for subject, make in makers.items() if rng.random() < 0.6}


class _Layer:
    def __init__(self, rng: Random, agency: Agency, year: int, cells: dict[str, Value]) -> None:
        self.rng, self.agency, self.year, self.cells = rng, agency, year, cells

    def get(self, address: str) -> int:
        value = self.cells.get(address, 0)
        return value if isinstance(value, int) else 0

    def disclosed(self) -> str:
        """Bounds, open lists, overlapping parts, shares by rounding and by cutting off, history."""
        rng, year = self.rng, self.year
        site, both = rng.randint(80, 400), rng.randint(20, 60)
        part, whole = rng.randint(3, 60), rng.randint(70, 390)
        cut = int(1000 * part / whole) / 10
        shares = "、".join(
            f"{n}{c}（占{p}）"
            for n, (c, p) in zip(("政策文件", "工作动态", "通知公告"), _SHARES, strict=True)
        )
        return rng.choice((
            "发布民生信息2000余条，总浏览量14万余次，阅读近2万人次。",
            "发布政策解读四十余条，制作图解一件。",
            f"政务新媒体发布信息{site + both}条，其中网站发布{site}条、微信公众号同步转载{site}条、微博转发{both}条。",
            f"门户网站更新信息{whole}条，主要包括机构职能{part}条、规划计划2条等。",
            f"政务微信推送信息{whole}条，其中原创{part}条，占{100 * part / whole:.2f}%。",
            f"政务微信推送信息{whole}条，其中原创{part}条，占{cut:.1f}%。",
            f"政务微博推送信息60条，其中{shares}。",
            f"网站信息更新量较2018年增加{site}条，同比增长{rng.randint(3, 40)}.5%。",
            f"{year - 1}年发布信息{site}条，{year}年较上年增长{rng.randint(2, 30)}%。",
            f"与{year - 1}年相比，公开数量增加{both}条，增幅{rng.randint(2, 30)}.3%。",
            f"完成“双公示”数据报送{site + both}条，其中行政许可{site}条，行政处罚{both}条。",
            f"梳理行政许可事项{both}项、行政处罚事项{site}项、行政强制事项16项。",
            "办理行政许可事项12000余件，平均办理时限压缩80%。",
            f"微博{site}条、微信{both}条、头条90条，共计{site + both + 90}条。",
            f"解读政策性文件23件，其中主要负责人解读5件，占21.7%。公开“三公”经费信息{both}条。",
            f"审查规范性文件草案15件，常务会议审议规范性文件6件，备案审查{both}件。",
            f"全年共发布信息{site}条，其中网站发布信息{site - 9}条，微信发布信息{both}条，部分信息多平台同步发布。",
            f"回应群众诉求{site}件次，满意率96.03%，门户网站浏览量达1,286,000余次。",
        ))  # fmt: skip

    def applications(self) -> str:
        """Other scopes, other ways of counting, other matters."""
        rng, roll_up = self.rng, self.agency.scope == "roll_up"
        place = self.agency.we[-1] if roll_up else "县"
        choices = [
            f"全年接待群众咨询{rng.randint(20, 90)}人次，受理信访投诉{rng.randint(2, 9)}件，均已办结。",
            f"办理人大建议、政协提案{rng.randint(12, 30)}件，办结率100%。",
            "上半年收到群众关于信息公开的电话咨询一百二十余次。",
            f"{self.year - 1}年收到政府信息公开申请{rng.randint(2, 90)}件。",
            "所有申请均未收取费用。",
            f"{self.year}年上半年，收到政府信息公开申请的电话咨询{rng.randint(3, 30)}次。",
            f"自2008年《条例》施行以来，累计受理政府信息公开申请{rng.randint(300, 2000)}件。",
            f"近三年共收到政府信息公开申请{rng.randint(900, 2000)}件。",
            f"截至{self.year}年6月底，收到政府信息公开申请{rng.randint(1, 3)}件。",
            f"全年办理行政复议案件{rng.randint(3, 40)}件，行政应诉案件{rng.randint(3, 20)}件。",
            "行政机关负责人出庭应诉12件，出庭率100%。",
            f"申请人主动撤回申请3件，延期答复政府信息公开申请{rng.randint(1, 9)}件。",
            "申请人王某某对答复无异议，第三人曾提出意见，当事人马上得到告知。",
            "未发生因信息公开不当引发的负面舆情，未收到对政务公开工作的投诉举报。",
            f"政府信息公开申请答复均在法定期限内作出。为申请人提供查阅服务{rng.randint(3, 20)}次。",
            "参照先进地区做法，依申请公开数量同比下降12.3%，环比增加2件。",
        ]
        if roll_up:
            choices.append(f"其中，{place}政府办公室代表{place}政府受理政府信息公开申请17件。")
            choices.append(f"{place}本级收到政府信息公开申请{rng.randint(1, 30)}件。")
        else:
            choices.append(f"全{place}各级各部门共收到政府信息公开申请{rng.randint(200, 900)}件。")
        return rng.choice(choices) + self._other_counts()

    def _other_counts(self) -> str:
        """Say again what the table holds, in another way of counting."""
        rng = self.rng
        new, carried, out = (
            self.get(f"{T3}.{r}@total")
            for r in ("received_new", "carried_over_in", "carried_over_out")
        )
        said = []
        if carried:
            said.append(f"全年收办政府信息公开申请{new + carried}件（含上年结转{carried}件）。")
        if new and not out and not carried:
            said.append("收到的政府信息公开申请已全部按期答复。")
        if new >= 10:
            people = self.get(f"{T3}.received_new@natural_person")
            said.append(
                f"新收政府信息公开申请{new}件，其中自然人申请{people}件，占{100 * people / new:.1f}%。"
            )
        total, pending, corrected = (
            self.get(f"{T4}.review@{c}") for c in ("total", "pending", "corrected")
        )
        if total > pending > 0:
            said.append(f"因政府信息公开被申请行政复议{total - pending}件（不含尚未审结）。")
        if not corrected and not any(
            self.get(f"{T4}.{r}@corrected")
            for r in ("litigation_direct", "litigation_after_review")
        ):
            said.append("未发生因政府信息公开被认定违法或败诉的情况。")
        return rng.choice(said) if said else ""

    def management(self) -> str:
        """Dates of laws, instruments and meetings."""
        year = self.year
        return self.rng.choice((
            "严格落实2019年5月15日起施行的新修订《条例》。",
            f"{year}年12月15日召开政务公开工作专题会议，学习2007年公布、2019年修订的《条例》。",
            "自2014年成立政务公开领导小组以来，坚持24小时值班制度。",
            f"清理2015年以来的规范性文件，公布继续有效的{self.rng.randint(3, 40)}件、废止的{self.rng.randint(1, 9)}件。",
            "对“XX局”“20XX年”等不规范表述逐一整改，例如“XX镇”字样已全部改正。",
            "落实国办发〔2019〕54号、浙政办发〔2019〕60号文件要求，编制标准目录。",
            "开展专项行动，打击六合彩等违法信息，网站未发现博彩网站链接。",
            "各部门（单位）、镇（街道）按职责分工落实，主管机关（单位）严格审核。",
            "在市财政局、市司法局的指导下完善审查机制，市教育局认真落实校务公开要求。",
            "减免企业行政事业性收费1200余万元，公布收费目录清单。",
        ))  # fmt: skip

    def platforms(self) -> str:
        """Long-term totals and things that are no count of the form."""
        return self.rng.choice((
            "自2014年开通微信公众号以来，累计推送信息1.2万余条。",
            f"政府网站设置一级栏目{self.rng.randint(5, 12)}个、二级栏目三十余个，全部按要求更新。",
            "网站可用性达99.9%，办事指南准确率100%。",
            "公布行政许可事项120项、行政处罚事项480项的办事指南。",
        ))  # fmt: skip

    def supervision(self) -> str:
        """Leaders and official contacts by name, Chinese numerals, satisfaction."""
        name = self.rng.choice(_NAMES)
        return self.rng.choice((
            f"成立由主要负责人{name}任组长的政务公开领导小组，召开专题会议四次。",
            "全年组织培训一次，参训人员四十余人次。",
            "社会评议满意率98.5%，未发现违规问题。",
            f"联系人{name}负责日常工作。",
            f"对照考核指标抽查{self.rng.randint(5, 30)}次，发现问题一件，已整改完毕。",
            "公众可拨打0571-88881234或13577778888进行咨询。",
            "统一社会信用代码11330000002482001X，档案编号202301011234567890。",
            "抽查信息1000条，其中表述不规范3条，占0.3%，均已改正。",
        ))  # fmt: skip

    def plans(self) -> str:
        """Plans for the year to come."""
        return self.rng.choice((
            f"{self.year + 1}年计划公开信息{self.rng.randint(100, 900)}条以上，组织培训4次。",
            "力争收到的政府信息公开申请全部按期办结，办结率100%。",
            f"力争到{self.year + 2}年实现网上申请占比80%。",
            "下一步计划公开规范性文件20件，力争行政复议、行政诉讼案件为0件。",
            "预计明年收到申请将超过100件。",
        ))  # fmt: skip

    def contact(self) -> str:
        """Contact data as reports print it."""
        phone = f"0571-{self.rng.randint(60000000, 88999999)}"
        return self.rng.choice((
            f"联系地址：人民路{self.rng.randint(1, 200)}号，联系电话：{phone}。",
            f"如对本报告有疑问，请与本单位联系（电话：{phone}，邮箱：zwgk@example.gov.cn）。",
            f"联系人：{self.rng.choice(_NAMES)}，联系电话：{phone}。",
        ))  # fmt: skip
