"""Figures and statements of the running text, clause by clause."""

import json
from pathlib import Path

import pytest

from services.extract.core.narrative.figures import MOST, read_figures
from services.extract.core.narrative.scan import scan
from shared.report.record import Claim, NarrativeFigure, Section

REAL = Path(__file__).resolve().parents[5] / "shared"


def figures(text: str, *, section: int = 1, year: int | None = 2020) -> tuple[NarrativeFigure, ...]:
    return read_figures((Section(section, "", "", text),), year)[0]


def claims(text: str, *, section: int = 1) -> tuple[Claim, ...]:
    return read_figures((Section(section, "", "", text),), 2020)[1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("收到申请三件", [(3, "件")]),
        ("收到申请一百二十三件", [(123, "件")]),
        ("更新信息两次", [(2, "次")]),
        ("更新信息一条，", [(1, "条")]),
        ("召开一次专题会议", [(1, "次")]),
        ("二十五个领域公开目录", []),
        ("共梳理二十五个领域公开目录", [(25, "个")]),
        ("公开四十余条", [(40, "条")]),
        ("公开十余万条", [(100000, "条")]),
        ("提供2000多条", [(2000, "条")]),
        ("点击量14万余次", [(140000, "次")]),
        ("近2万人次", [(20000, "人次")]),
        ("共1,234条", [(1234, "条")]),
        ("共１２件", [(12, "件")]),
        ("配备1名兼职人员", [(1, "名")]),
        ("办结率95%", [(95, "%")]),
        ("办结率95％", [(95, "%")]),
        ("办结率百分之九十五", [(95, "%")]),
        ("提高1.05个百分点", [(1.05, "百分点")]),
        ("金额11750万元", [(11750, "万元")]),
        ("金额103.3879万元", [(103.3879, "万元")]),
        ("金额251000元", [(251000, "元")]),
        ("申请数为0。", [(0, None)]),
        ("行政处罚均为零。", [(0, None)]),
        ("申请数量：12", [(12, None)]),
        ("1.25个领域公开", [(25, "个")]),

        ("召开会议3场、培训2期", [(3, "场"), (2, "期")]),
        ("公开规章零件，", [(0, "件")]),
    ],
)  # fmt: skip
def test_a_counted_figure_is_found(text: str, found: list[tuple[float, str | None]]) -> None:
    assert [(f.value, f.unit) for f in scan(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "2020年1月9日", "20201231日", "3月份发布信息", "自2014年以来", "国办公开办函〔2019〕60号", "《条例》第二十条第（一）项",
        "第3季度", "第一批", "一是强化学习，二是完善制度", "（一）基本情况", "24小时热线", "形成之日起20个工作日内", "5个月内", "12345热线",
        "联系电话：83126452", "“一件事一次办”改革", "一网通办", "一站式服务", "只跑一次", "最多跑1次", "2个以上申请人", "10人以上参加", "10件以下免费",
        "一个中心", "一系列措施", "五个方面", "六个部分组成", "两个维护", "一件事", "1件事", "三级审核", "几十件", "数十条", "每季度召开1次例会",
        "每年不少于2次", "《2020年100件实事清单》", "开展“我为群众办3件实事”活动", "3-5个", "3至5件", "位列前10名", "排名第5位", "电话0599-8830330",
        "一人一岗", "一事一议", "统一部署", "零距离服务", "机械零件采购", "一律公开", "每月公示信息一条，", "A4纸", "7×24小时", "互联网+", "一条龙服务", "2021年度10月",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_count_is_left_out(text: str) -> None:
    assert scan(text) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("2000余个", "min"), ("2000多条", "min"), ("14万余条", "min"), ("十余万条", "min"), ("2000条以上", "min"), ("超过300条", "min"),
        ("近2万人次", "max"), ("不足20件", "max"), ("约30条", "approx"), ("30条左右", "approx"), ("共30条", "exact"),
    ],
)  # fmt: skip
def test_words_of_vagueness_become_bounds(text: str, bound: str) -> None:
    assert [f.bound for f in scan(text)] == [bound]


KEYS = [
    ("收到政府信息公开申请12件", ["received"]),
    ("2020年，我局共受理公民、法人和其他组织提出的政府信息公开申请7件", ["received"]),
    ("受理信息公开申请0件", ["received"]),
    ("收到3件政府信息公开申请", ["received"]),
    ("依申请公开3次", ["received"]),
    ("依申请公开受理量为0件", ["received"]),
    ("政府信息公开申请数量：12件", ["received"]),
    ("通过网络、信函等渠道共收到政府信息公开申请12件", ["received"]),
    ("收到申请人提交的政府信息公开申请7件", ["received"]),
    ("全市收办政府信息公开申请3646件（含上年结转121件）", ["received_and_carried", "carried_over_in"]),
    ("共办理政府信息公开申请17件（含上年结转2件）", ["received_and_carried", "carried_over_in"]),
    ("收到政府信息公开申请9件，办结8件，结转下年度继续办理1件", ["received", "handled", "carried_over_out"]),
    ("收到政府信息公开申请9件，答复9件", ["received", "handled"]),
    ("上年度结转政府信息公开申请2件", ["carried_over_in"]),
    ("收到依申请公开9件，2019年结转2件", ["received", "carried_over_in"]),
    ("收到依申请公开9件，结转至2021年2件", ["received", "carried_over_out"]),
    ("收到依申请公开9件，办结7件，结转2件", ["received", "handled", "carried_over_out"]),
    ("受理依申请公开件15件（上年结转2件，本年新收13件）", ["received_and_carried", "carried_over_in", "applications.received_new@total"]),
    ("收到政府信息公开申请12件，其中自然人10件，法人或其他组织2件", ["received", "received_natural_person", "received_organisations"]),
    ("收到政府信息公开申请12件，自然人申请10件，法人申请2件", ["received", "received_natural_person", "received_organisations"]),
    ("收到政府信息公开申请12件，其中自然人10件，商业企业2件", ["received", "received_natural_person", "applications.received_new@business"]),
    ("收到政府信息公开申请8件，其中6件予以公开，2件不予公开", ["received", "granted", "denied"]),
    ("对申请的答复中，予以公开2件，部分公开1件，无法提供1件，不予处理0件，其他处理0件", ["granted", "partially_granted", "unavailable", "not_processed", "other_processing"]),
    ("依申请公开答复中属于国家秘密1件，本机关不掌握相关政府信息2件", ["applications.denied.state_secret@total", "applications.unavailable.not_held@total"]),
    ("收到信息公开申请5件，其中信访举报投诉类申请2件，重复申请3件", ["received", "applications.not_processed.petition@total", "applications.not_processed.duplicate@total"]),
    ("因政府信息公开被申请行政复议3件，被提起行政诉讼2件", ["review", "litigation"]),
    ("信息公开类行政复议1起", ["review"]),
    ("行政复议数：2件；行政诉讼数：0件", ["review", "litigation"]),
    ("行政复议和行政诉讼均为0件", ["review", "litigation"]),
    ("行政复议、行政诉讼共5件", ["review_and_litigation"]),
    ("行政复议维持2件，纠正1件，尚未审结0件", ["review_litigation.review@maintained", "review_litigation.review@corrected", "review_litigation.review@pending"]),
    ("未经复议直接起诉2件，复议后起诉1件的行政诉讼", ["review_litigation.litigation_direct@total", "review_litigation.litigation_after_review@total"]),
    ("制发行政规范性文件5件", ["normative_documents"]),
    ("废止规范性文件3件", ["active_disclosure.normative_documents@repealed"]),
    ("作出行政许可决定350件，作出行政处罚决定12宗", ["licensing", "penalty"]),
    ("行政事业性收费12.5万元", ["fees"]),
    ("收取信息处理费2950元", ["processing_fee"]),
    ("主动公开政府信息47条", ["disclosed_items"]),
    ("收取信息处理费25件2950元", [None, "processing_fee"]),
    ("未收取信息处理费，免收信息处理费230元", [None]),
    ("2020年上半年部署工作，全年共收到政府信息公开申请9件", ["received"]),
    ("收到依申请公开95件，自然人申请90件（本年新收80件、上年结转10件）", ["received", "received_natural_person", None, None]),
    ("收到依申请公开12件，答复14件（含上年结转3件）", ["received", "handled", "carried_over_in"]),
    ("收到依申请公开12件，当场答复2件，15日内答复8件", ["received", None, None]),
    ("认真办理依申请公开15件，含新收和3件结转申请", ["received_and_carried", None]),
    ("政府信息公开行政诉讼方面：直接诉讼2件、复议后诉讼1件", ["review_litigation.litigation_direct@total", "review_litigation.litigation_after_review@total"]),
    ("被申请人的行政复议案件共6件，其中信息公开类4件", [None, None]),
    ("县政府信息公开行政复议案件9件中涉及我局4件", [None, None]),
    ("当面、传真申请公开均可，全年分别收到0件、1件", [None, None]),
    ("依申请公开方面良好。受理12345工单1120件，办结1118件", [None, None]),
    ("收到依申请公开9件，结转2021年办理2件", ["received", "carried_over_out"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys"), KEYS)
def test_a_clause_that_names_a_quantity_is_keyed(text: str, keys: list[str]) -> None:
    assert [f.key for f in figures(text)] == keys


@pytest.mark.parametrize(
    "text",
    [
        "收到市民热线工单1205件，办结1200件", "受理行政许可申请356件", "办理人大代表建议12件", "接受市民咨询和投诉举报0次",
        "受理行政复议申请12件", "行政应诉案件5件", "开展行政复议培训2次", "备案审查规范性文件3件", "解读规范性文件3件",
        "公开行政许可、行政处罚信息120条", "公布行政许可事项56项", "收到涉及征地的政府信息公开申请5件", "收到网上政府信息公开申请5件",
        "局行政复议办公室全年共收到行政复议申请12件",
        "上半年收到政府信息公开申请3件", "延期答复政府信息公开申请2件", "按时答复政府信息公开申请5件", "依申请公开工作培训2次", "收到听证申请1件",
        "办结信访事项12件", "政府采购60项", "接报办理热线投诉1782份", "市政府常务会议审议规范性文件6件",
        "2020年上半年，收到政府信息公开申请5件", "截至2020年6月底，收到政府信息公开申请8件", "近三年共收到政府信息公开申请120件",
        "全年受理群众查阅申请15件", "收到补正后重新提交的申请2件",
        "三年来，我局受理政府信息公开申请130件", "力争行政复议、行政诉讼案件为0件", "下一步计划公开规范性文件20件",
    ],
)  # fmt: skip
def test_another_matter_is_no_quantity_of_the_form(text: str) -> None:
    assert {f.key for f in figures(text)} <= {None, "disclosed_items"}


def test_a_heading_says_what_its_paragraph_is_about() -> None:
    text = "（二）依申请公开\n2020年，共收到申请5件，均按时答复。"
    assert [f.key for f in figures(text)] == ["received"]
    assert [f.key for f in figures("2020年，共收到申请5件。")] == [None]


def test_the_heading_a_paragraph_begins_with_holds_for_all_of_it() -> None:
    long = "按受理单位分，" + "、".join(f"第{n}区若干" for n in range(60))

    found = figures(f"（二）依申请公开方面。{long}。全年结转下年度继续办理121件。")
    other = figures(f"（二）热线方面。{long}。全年结转下年度继续办理121件。")

    assert found[-1].key == "carried_over_out"
    assert other[-1].key is None


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("收到申请12件，较上年增加5件", [False, True]),
        ("收到申请12件，同比增长20%", [False, True]),
        ("2019年收到依申请公开10件，2020年收到依申请公开12件", [True, False]),
        ("收到申请9件，较2019年的7件增加2件", [False, True, True]),
        ("上年收到申请10件", [True]),
        ("上年结转10件", [False]),
        ("2019年结转10件", [False]),
        ("结转至2021年1件", [False]),
        ("自2008年以来累计收到申请100件", [True]),
        ("今年以来收到申请10件", [False]),
    ],
)  # fmt: skip
def test_figures_of_other_years_and_changes_are_comparisons(text: str, marks: list[bool]) -> None:
    assert [f.comparison for f in figures(text)] == marks


def test_a_plan_in_section_five_is_no_figure_of_the_year() -> None:
    found = figures("下一步，我局将组织培训4次。", section=5)
    assert [f.comparison for f in found] == [True]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("全区共收到申请公开政府信息95件，区政府办代表区政府受理17件，办结17件", ["whole", "represented", "represented"]),
        ("2020年，全市各级行政机关收到申请5件", ["whole"]),
        ("我局收到政府信息公开申请5件", ["own"]),
        ("2020年，我区收到政府信息公开申请5件", ["whole"]),
        ("市本级收到政府信息公开申请5件", ["own"]),
        ("市政府办公室收到政府信息公开申请5件", ["unclear"]),
        ("围绕我区中心工作，收到政府信息公开申请5件", ["own"]),
        ("全市收到申请9件，市政府办公室收到申请5件", ["whole", "unclear"]),
        ("市政府办公室代表市政府受理申请214件，以本机关名义收到申请31件", ["represented", "own"]),
        ("全市案件由办公室汇总；涉及本机关的行政复议2件", ["own"]),
        ("受理公民向市政府及市政府办公室提出的政府信息公开申请5件", ["represented"]),
    ],
)  # fmt: skip
def test_words_of_scope_tell_whose_figure_it_is(text: str, subjects: list[str]) -> None:
    assert [f.subject for f in figures(text)] == subjects


def lists(text: str) -> list[tuple[float, list[float], bool]]:
    found = figures(text)
    made: dict[int, tuple[list[float], list[float], bool]] = {}
    for figure in found:
        if figure.group is not None:
            side = 0 if figure.role == "whole" else 1
            entry = made.setdefault(figure.group, ([], [], figure.complete))
            entry[side].append(figure.value)
        for head in figure.heads:
            made.setdefault(head, ([], [], True))[0].append(figure.value)
    return [(w[0], p, c) for w, p, c in (made[k] for k in sorted(made))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共公开信息47条，其中，部门文件类信息5条、动态类信息32条、其他信息10条。", [(47, [5, 32, 10], True)]),
        ("公开信息共49条。包括工作动态、年度报告等信息目录。其中：机构职能3条，工作动态34条，其他（人事任免事项）1条，年度报告等共5条。",
         [(49, [3, 34, 1, 5], True)]),
        ("共发布信息276条，其中动态216条，公告50条，其他100余条。", [(276, [216, 50, 100], False)]),
        ("共公开信息444条，其中政策类118条（其中规范性文件70条，政策解读48条），动态类294条，其他32条。",
         [(118, [70, 48], True), (444, [118, 294, 32], True)]),
        ("收到申请12件，其中自然人10件，法人2件，办结12件，结转0件。", [(12, [10, 2], True)]),
        ("收到申请12件（自然人10件、法人2件），办结12件。", [(12, [10, 2], True)]),
        ("发布信息100条：网站60条、微信40条。", [(100, [60, 40], True)]),
        ("发布信息100条，其中网站60条，微信30条等。", [(100, [60, 30], False)]),
        ("发布信息100条，主要包括网站60条，微信30条。", [(100, [60, 30], False)]),
        ("发布信息100条，其中网站60条。", [(100, [60], False)]),
        ("发布信息100条，其中网站60条，及时更新栏目，微信40条。", [(100, [60, 40], False)]),
        ("发布信息100条，其中网站60条，微信文章40篇。", [(100, [60], False)]),
        ("收到申请12件，其中网络8件，信函4件；其中自然人10件，法人2件。", [(12, [8, 4], True), (12, [10, 2], True)]),
        ("收到申请12件，同比增长20%，其中予以公开8件，占66.7%，不予公开4件，占33.3%。", [(12, [8, 4], True)]),
        ("召开会议3次，其中专题会议1次，部署会议2次。培训4次，参训120人次。", [(3, [1, 2], True)]),
        ("收到申请12件，办结12件。", []),
        ("收到申请3件，其中：当面申请1件，信函申请2件，申请办结数3件。", [(3, [1, 2], True)]),
        ("依申请公开复议14件：维持8件，纠正2件，其他1件，未审结3件；起诉10件。", [(14, [8, 2, 1, 3], True)]),
        ("公开信息1200条。其中：网站800条，公众号400条（含视频32条）；发布会2场。", [(1200, [800, 400], True)]),
        ("公开信息100条，其中网站60条（含图解5条），微信40条。", [(100, [60, 40], True)]),
        ("公开信息165条，其中：许可68条、处罚21条、其他76条；通过公众号推送193条。", [(165, [68, 21, 76], True)]),
        ("办结12件，其中予以公开5件，不予处理4件（均为信访举报投诉类），其他处理3件。", [(12, [5, 4, 3], True)]),
        ("收到申请6件，上年结转2件，共办结8件，其中新收6件，上年结转2件。", [(8, [6, 2], True)]),
    ],
)  # fmt: skip
def test_totals_are_joined_with_their_parts(text: str, found: list) -> None:
    assert sorted(lists(text), key=str) == sorted(found, key=str)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("未收到政府信息公开申请。", ["received"]),
        ("全年未收到公民、法人或其他组织提出的政府信息公开申请。", ["received"]),
        ("2020年没有收到政府信息公开申请。", ["received"]),
        ("我街办未接到提出公开政府信息的申请。", ["received"]),
        ("无依申请公开事项。", ["received"]),
        ("未收到依申请公开信件。", ["received"]),
        ("未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。", ["review", "litigation"]),
        ("无行政复议和行政诉讼案件发生。", ["review", "litigation"]),
        ("没有收到政府信息公开行政复议申请。", ["review"]),
        ("也没有因此引起行政诉讼。", ["litigation"]),
        ("本年度未收取政府信息公开信息处理费。", ["processing_fee"]),
        ("全年没有结转下年度的申请。", ["carried_over_out"]),
        ("未制发规范性文件。", ["normative_documents"]),
        ("依申请公开：无。", ["received"]),
    ],
)  # fmt: skip
def test_a_denial_is_a_zero_claim(text: str, keys: list[str]) -> None:
    assert [(c.kind, c.key) for c in claims(text)] == [("zero", k) for k in keys]


@pytest.mark.parametrize(
    "text",
    [
        "没有收到关于政府信息公开工作的投诉。", "未发生因政府信息公开引发的行政复议超期案件。", "无正当理由大量反复申请。",
        "无法提供的申请2件。", "未收到申请人补正材料。", "未收到网上申请。", "未经复议直接起诉2件。", "无其他需要报告的事项。", "2019年未收到政府信息公开申请。",
        "未发生失泄密事件。", "没有现成信息需要另行制作。", "未收到逾期未答复的申请。",
    ],
)  # fmt: skip
def test_a_denial_of_something_else_claims_nothing(text: str) -> None:
    assert claims(text) == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("行政诉讼3件，均获维持。", "all_upheld"),
        ("全年行政应诉零败诉。", "all_upheld"),
        ("没有发生因公开工作侵犯权利,被行政复议机关或法院认定违法的情况。", "all_upheld"),
        ("未发生行政复议被纠错或行政诉讼败诉案件。", "all_upheld"),
        ("收到政府信息公开申请5件，均在法定时限内予以答复。", "all_closed"),
        ("收到政府信息公开申请5件，已全部办结。", "all_closed"),
        ("收到政府信息公开申请5件，办结率100%。", "all_closed"),
    ],
)  # fmt: skip
def test_everything_upheld_or_closed_is_an_absolute_claim(text: str, key: str) -> None:
    assert [(c.kind, c.key) for c in claims(text)] == [("absolute", key)]


@pytest.mark.parametrize(
    "text",
    [
        "办理政协提案20件，全部办结。",
        "热线工单12件，办结率100%。",
        "收到公开申请5件，其余均已答复。",
        "力争收到的政府信息公开申请全部按期办结。",
        "2019年政府信息公开申请办结率100%。",
        "三年来，受理政府信息公开申请30件，办结率100%。",
    ],
)
def test_closing_other_matters_claims_nothing(text: str) -> None:
    assert claims(text) == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2020年共开展调查征集2次", "开展调查征集"),
        ("共主动公开信息47条", "主动公开信息"),
        (
            "全年共办理了 590 条网民在人民网《地方领导留言板》上给市委书记、市长，区委书记的留言",
            "办理网民留言",
        ),
        ("目前,街政务中心开通 271 项网上办理事项服务", "开通网上办理事项服务"),
        ("配备 1 名兼职工作人员负责政府信息公开工作", "配备兼职工作人员"),
    ],
)
def test_the_label_says_what_is_counted(text: str, label: str) -> None:
    assert figures(text)[0].label == label


def test_a_bare_verb_takes_the_object_named_before() -> None:
    found = figures("2020年共收到政府信息公开申请1件，办结1件")
    assert [f.label for f in found] == ["收到政府信息公开申请", "办结政府信息公开申请"]


def test_parts_say_that_they_are_parts() -> None:
    found = figures("共公开信息15条，其中，文件类信息5条、其他信息10条。")
    assert [f.label for f in found][1:] == ["其中：文件类", "其中：其他"]


def test_a_subject_shared_by_two_gives_two_figures_of_the_same_clause() -> None:
    found = figures("发生针对本单位有关事务的行政复议案和行政诉讼案均为0件。")
    assert [(f.label, f.value, f.text) for f in found] == [
        ("行政复议案", 0, "行政复议案和行政诉讼案均为0件"),
        ("行政诉讼案", 0, "行政复议案和行政诉讼案均为0件"),
    ]


def test_a_line_cut_by_a_page_break_reads_on() -> None:
    found = figures(
        "按要求公开依法行政报告等信息，及时更新办公时间和联系方式。2020年\n共主动公开信息47条。"
    )
    assert [(f.value, f.key) for f in found] == [(47, "disclosed_items")]
    assert [
        f.value
        for f in figures("收到政府信息公开申请的情况如下，全年共收到各类政府信息公开申请1\n2件。")
    ] == [12]


def test_lines_come_from_the_section() -> None:
    section = Section(1, "", "", "开展工作。\n收到申请5件。", line=3, lines=(4, 7))
    assert read_figures((section,), 2020)[0][0].line == 7


def test_the_preamble_has_no_section_number() -> None:
    found = read_figures((Section(0, "", "", "收到政府信息公开申请5件。"),), 2020)[0]
    assert [(f.section, f.key) for f in found] == [(None, "received")]


def test_groups_and_sentences_are_numbered_through_the_report() -> None:
    text = "共公开信息15条，其中文件5条、其他10条。\n共公开信息3条，其中文件1条、其他2条。"
    found = figures(text)
    assert [f.group for f in found] == [0, 0, 0, 1, 1, 1]
    assert found[0].sentence != found[3].sentence


def test_endless_junk_ends_at_the_limit() -> None:
    assert len(figures("发布3条、" * 5000)) == MOST


@pytest.mark.skipif(
    not (REAL / "expected").is_dir(), reason="../shared with the real reports is not here"
)
def test_the_real_reports_give_the_expected_figures_in_order() -> None:
    from services.extract.core.extraction import extract
    from services.normalize.core.reading import read_document

    for path in sorted((REAL / "reports").glob("*.txt")):
        wanted = json.loads((REAL / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))
        record = extract(
            read_document(path.read_bytes(), path.name), document_id="0" * 64, file=path.name
        )
        expected = [
            (f["value"], f["unit"], f.get("bound", "exact")) for f in wanted["narrative_figures"]
        ]
        assert [(f.value, f.unit, f.bound) for f in record.figures] == expected, path.name
