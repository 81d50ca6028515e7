"""Say which quantity of the form a clause counts, or that it counts none of them."""

import re
from typing import Final

from services.extract.core.narrative.context import is_within_one_applicant
from services.extract.core.narrative.money import MONEY, money_key
from shared.report import quantities as q
from shared.report.values import value

T2: Final = "active_disclosure"
T3: Final = "applications"
T4: Final = "review_litigation"
_CASES: Final = frozenset(
    {"件", "份", "宗", "起", "例", "个", "次", "条", "项", "封", "人次", "件次", None}
)

_APPLICATIONS: Final = re.compile(
    r"依申请|信息公开申请|公开申请|申请公开|信息的?申请|申请[^，,。；;]{0,4}信息"
    r"|对[^，,。；;]{0,6}申请|申请[^，,。；;]{0,4}(?:答复|办理|处理)"
)
_OTHER_MATTER: Final = re.compile(
    r"提案|建议|议案|热线|投诉(?!类)|信访(?!举报投诉|类)|留言|咨询|工单|来信|来电|电话|舆情|信箱|(?<!不)补正(?!后)|听证|转办|转送"
    r"|撤回|延期|延长|逾期未|征求|救助|登记(?!申请)|许可|业务|网民|举报(?!投诉)|查阅|重新提交"
)
_OTHER_CASES: Final = re.compile(r"提案|议案|人大代表建议|热线|工单|投诉(?!类)|留言|来信|来电|信箱")
"""Cases of another kind, told in the same sentence: 受理工单120件，办结118件."""
_SENTENCE_END: Final = re.compile(r"[。！？!?]")
_REMEDY: Final = re.compile(r"复议|诉讼")
_OTHER_REMEDY: Final = re.compile(
    r"应诉|备案|规范性文件|审查|作出[^#]{0,8}决定|受理|审理|审结(?<!未审结)|办理|答复书|意见|培训|建议|机关[^#]{0,6}人"
    r"|复议(?:办|机构|机关|委员会)|(?:收到|接到|接收|收悉)[^#]{0,6}复议申请"
)
_OF_ALL_KINDS: Final = re.compile(r"[，,：:（(]?其中[：:]?[^，,。；;\d]{0,6}信息公开")
"""复议案件6件，其中信息公开类4件: the six are of all kinds."""
_OURS_AMONG: Final = re.compile(r"中[^，,。；;\d]{0,4}(?:我|本)(?:局|办|委|厅|镇|乡|街|单位|机关)")
_REMEDY_OUTCOMES: Final = (
    (re.compile(r"维持[^#]{0,6}#|维持的#"), "maintained"),
    (re.compile(r"(?:纠正|撤销|确认违法|责令履行)[^#]{0,6}#"), "corrected"),
    (re.compile(r"其[他它]结果[^#]{0,4}#"), "other"),
    (re.compile(r"(?:尚未审结|未审结|正在审理|尚未办结|审理中)[^#]{0,6}#"), "pending"),
)
_REMEDY_DIVIDED: Final = re.compile(
    r"维持|纠正|纠错|撤销|驳回|败诉|胜诉|违法|审结|其[他它]结果|撤回|终止|审理"
)

_OUTCOMES: Final = tuple(
    (re.compile(pattern + r"[^#]{0,16}#|#[^#]{0,8}(?:" + pattern + ")"), key)
    for pattern, key in (
        (r"国家秘密", f"{T3}.denied.state_secret@total"),
        (r"法律(?:、)?(?:行政)?法规禁止公开", f"{T3}.denied.law_prohibited@total"),
        (r"三安全一稳定", f"{T3}.denied.three_securities@total"),
        (r"第三方合法权益", f"{T3}.denied.third_party@total"),
        (r"内部事务", f"{T3}.denied.internal_affairs@total"),
        (r"过程性信息", f"{T3}.denied.deliberative@total"),
        (r"行政执法案卷", f"{T3}.denied.enforcement_file@total"),
        (r"行政查询", f"{T3}.denied.admin_query@total"),
        (r"不掌握", f"{T3}.unavailable.not_held@total"),
        (r"没有现成信息|另行制作", f"{T3}.unavailable.must_be_created@total"),
        (r"仍不明确", f"{T3}.unavailable.still_unclear@total"),
        (r"信访(?:、)?举报(?:、)?投诉类", f"{T3}.not_processed.petition@total"),
        (r"重复申请", f"{T3}.not_processed.duplicate@total"),
        (r"公开出版物", f"{T3}.not_processed.publication@total"),
        (r"大量反复", f"{T3}.not_processed.excessive@total"),
        (r"重新出具", f"{T3}.not_processed.reconfirm@total"),
        (r"逾期不补正", f"{T3}.other_processing.no_correction@total"),
        (r"逾期[^#]{0,12}缴[费纳]", f"{T3}.other_processing.fee_unpaid@total"),
        (r"部分(?:予以)?公开", q.PARTIALLY_GRANTED),
        (r"不予公开|不同意公开", q.DENIED),
        (r"无法提供", q.UNAVAILABLE),
        (r"不予处理", q.NOT_PROCESSED),
        (r"其[他它]处理", q.OTHER_PROCESSING),
        (r"予以公开|同意公开", q.GRANTED),
    )
)
_ANY_OUTCOME: Final = re.compile(
    r"公开|无法提供|不予处理|其[他它]处理|秘密|三安全|第三方|内部事务|过程性|案卷|行政查询|不掌握|现成|另行制作|不明确"
    r"|信访|重复申请|出版物|反复|重新出具|逾期"
)

_CARRIED: Final = re.compile(r"结转|转入|转至")
_CARRIED_IN: Final = re.compile(
    r"(?:上一?年度?|去年|往年|20\d\d年度?|跨年度?|年初)[^#，,]{0,10}(?:结转|转入|遗留)|结转(?:至|到|入)?(?:本|今)年"
)
_CARRIED_APPLICATIONS: Final = re.compile(r"#.{0,2}结转的?申请")
_CARRIED_OUT: Final = re.compile(
    r"(?:结转|转入|转至|转)[^#，,]{0,3}(?:下一?年|次年|明年|20\d\d年|翌年)|(?:下一?年度?|次年)[^#，,]{0,6}(?:办理|结转)"
)

_CHANNEL: Final = re.compile(
    r"(?:网上|网络|在线|线上|线下|平台|网站|信函|邮寄|邮政|书面|现场|当面|传真|邮件|邮箱|窗口|微信|柜台|来函|口头|其他方式|其他形式)"
    r"[^#，,]{0,10}#|(?:网上|网络|在线|线上|线下|信函|邮寄|书面|现场|当面|传真|邮件|窗口)[^#，,、]{0,6}申请"
)
_ALL_CHANNELS: Final = re.compile(
    r"各种|多种|各类|渠道共|方式共|等[^#]{0,8}共|等(?:渠道|方式|途径|形式)|渠道|途径"
)
_SUBSET: Final = re.compile(
    r"涉及|关于(?!政府信息|政务|信息)|有关(?!政府信息|政务|信息)|针对|属于|拟|内容为|主要(?:是|为|集中)"
    r"|分别|当场|当天|当日|日内|[国省市区县]内|较为|同一|批量|超期|需要|按时|按期|法定期限内|平均"
)
_RECEIVE: Final = r"(?:收到|收悉|受理|接到|接收|接受|新收|共收|登记|收办)"
_FILL: Final = (
    r"(?:[共计为有达总了件数量表的和或及:：]|政府|政务|信息|公开|申请|依|事项|案件|累计|合计|全部|按时|按期|均|完毕|完成"
    r"|受理|收到|办件|各类){0,12}"
)
_RECEIVED: Final = re.compile(
    rf"{_RECEIVE}[^#]{{0,44}}申请{_FILL}#|{_RECEIVE}[^#]{{0,12}}#[^#]{{0,34}}申请"
    rf"|(?:依申请公开|信息公开申请|公开申请|申请公开|公开的申请){_FILL}#|^#.?(?:政府信息)?(?:依申请公开|公开申请)"
)
_RECEIVED_BARE: Final = re.compile(
    r"(?:收到|受理|接到|新收|接收)(?:申请)?(?:数量?|量|了|共|共计)*为?#"
)
_RECEIVED_NEW: Final = re.compile(r"新收|本年(?:度)?(?:新)?收到|新增|新受理|当年(?:收到|受理)")
_WITH_CARRIED: Final = re.compile(
    r"收办|收到(?:和|并|及|、)(?:处理|办理)|受理(?:和|并)(?:处理|办理)|(?:含|包括|加上)[^#，,]{0,8}结转"
)
_CARRIED_WITHIN: Final = re.compile(
    r"[（(][^，,。；;）)]{0,8}结转|[，,]其?中?(?:含|包括|包含)[^，,。；;]{0,6}结转"
)
_HANDLE: Final = re.compile(
    rf"(?:办结|答复|办复|办理|处理|回复){_FILL}#|#.?(?:政府信息公开)?(?:申请)?(?:已|均|全部|按时|按期|依法)+(?:办结|答复)"
)
_FINISHED: Final = re.compile(rf"^(?![^#]*{_RECEIVE})[^#]*(?:办结|答复|办复|回复){_FILL}#")
"""答复14件（含上年结转3件）: of those that came in only what was closed."""
_NATURAL: Final = re.compile(r"自然人|公民")
_ORGANISATIONS: Final = re.compile(r"法人|其他组织")
_ORGANISATION_KINDS: Final = {
    "商业企业": "business", "科研机构": "research", "社会公益组织": "nonprofit",
    "法律服务机构": "legal_service",
}  # fmt: skip

_NORMATIVE: Final = re.compile(r"规范性文件")
_NORMATIVE_OTHER: Final = re.compile(
    r"备案|审查|审核|审议|解读|评估|征求|修改|修订|涉及|清理|失效|继续有效|拟|草案|培训|等"
)
_DECISION_KINDS: Final = (
    ("行政许可", q.LICENSING), ("行政处罚", q.PENALTY), ("行政强制", q.COERCION),
)  # fmt: skip
_DECIDE: Final = re.compile(r"作出|做出|实施|办理|决定|共有?#|行政(?:许可|处罚|强制)#")
_ITEM_LISTS: Final = re.compile(r"事项|清单|目录|公示|指南|流程|公开|信息|公布|种类|裁量")
_DISCLOSED: Final = re.compile(
    r"(?:公开|发布|公布)[^#]{0,24}(?:信息|文件)?[^#]{0,8}#|(?:公开|发布)[^#]{0,8}#[^#]{0,8}信息"
)
_AN_OUTCOME: Final = re.compile(r"(?:予以|同意|不予|部分|依申请|申请)公开|复议|诉讼|申请")
_WEB_UNITS: Final = frozenset({"条", "件", "篇", "份", "条次", "则"})


@value
class Setting:
    """What surrounds a clause: the sentence up to it, its section, the keys said before it.

    `head` is the key of the list total it is part of, `previous` that of the figure before it,
    `following` the words right after the clause.
    """

    sentence: str
    section: int | None
    part: bool = False
    head: str | None = None
    previous: str | None = None
    following: str = ""


def key_of(words: str, unit: str | None, setting: Setting) -> str | None:
    """Return the quantity a clause counts (`#` stands for the number), None for any other."""
    if unit in MONEY:
        return money_key(words, setting.sentence)
    if unit not in _CASES:
        return None if setting.part else _disclosure(words, unit)
    key = None
    remedy = _REMEDY.search(words) is not None
    if remedy or setting.previous in _REMEDY_KEYS:
        key = _remedy(words, setting)
    if key is None and not remedy and _about_applications(words, setting):
        key = _application(words, setting)
    if key is None and not remedy and not setting.part:
        key = _disclosure(words, unit)
    return key


_REMEDY_KEYS: Final = frozenset(
    {q.REVIEW, *(f"{T4}.review@{c}" for c in ("maintained", "corrected", "other", "pending"))}
)


def _remedy(words: str, setting: Setting) -> str | None:
    if _OF_ALL_KINDS.match(setting.following) or _OURS_AMONG.match(setting.following):
        return None
    review, litigation = "复议" in words, "诉讼" in words
    if _REMEDY_DIVIDED.search(words):
        own = not litigation and (review or setting.previous in _REMEDY_KEYS)
        return _remedy_outcome(words) if own else None
    if not (review or litigation) or setting.part or _OTHER_REMEDY.search(words):
        return None
    for pattern, row in _COURT_WAYS:
        if pattern.search(words):
            return f"{T4}.{row}@total"
    if review and litigation:
        return q.REVIEW_AND_LITIGATION
    return q.REVIEW if review else q.LITIGATION


_COURT_WAYS: Final = (
    (re.compile(r"复议后[^#]{0,4}(?:起诉|诉讼|提起)"), "litigation_after_review"),
    (re.compile(r"未经复议|直接(?:起诉|提起|诉讼)"), "litigation_direct"),
)


def _remedy_outcome(words: str) -> str | None:
    if _OTHER_REMEDY.search(words.replace("审理", "")):
        return None
    columns = (c for pattern, c in _REMEDY_OUTCOMES if pattern.search(words))
    column = next(columns, None)
    return None if column is None else f"{T4}.review@{column}"


def _about_applications(words: str, setting: Setting) -> bool:
    if _OTHER_MATTER.search(words):
        return False
    if setting.head in _APPLICATION_KEYS:
        return True
    if setting.section == 3:
        said = _SENTENCE_END.split(setting.sentence)[-1]
        return not _OTHER_MATTER.search(said) or _APPLICATIONS.search(said) is not None
    if _APPLICATIONS.search(words) is not None:
        return True
    said = _SENTENCE_END.split(setting.sentence)[-1]
    if _OTHER_CASES.search(said) and _APPLICATIONS.search(said) is None:
        return False
    return _APPLICATIONS.search(setting.sentence) is not None


_APPLICATION_KEYS: Final = frozenset({
    q.RECEIVED, q.RECEIVED_AND_CARRIED, q.HANDLED, q.DENIED, q.UNAVAILABLE, q.NOT_PROCESSED,
    q.OTHER_PROCESSING,
})  # fmt: skip


def _application(words: str, setting: Setting) -> str | None:
    if is_within_one_applicant(setting.sentence):
        return _applicant(words, setting)
    if _CARRIED.search(words):
        key = _carried(words, setting)
        if key is not None or not _WITH_CARRIED.search(words):
            return key
    if _ANY_OUTCOME.search(words):
        for pattern, key in _OUTCOMES:
            if pattern.search(words):
                return key
    who = _applicant(words, setting)
    if who is not None:
        return who
    return _volume(words, setting)


def _carried(words: str, setting: Setting) -> str | None:
    if _WITH_CARRIED.search(words) and _RECEIVED.search(words):
        return None
    if _CARRIED_APPLICATIONS.search(words):
        # which ones, those of last year or those left over, is not said
        return None
    incoming, outgoing = _CARRIED_IN.search(words), _CARRIED_OUT.search(words)
    if incoming is not None and outgoing is None:
        return q.CARRIED_IN
    if outgoing is not None:
        return q.CARRIED_OUT
    return q.CARRIED_OUT if setting.previous == q.HANDLED else None


def _applicant(words: str, setting: Setting) -> str | None:
    counted = setting.head in {q.RECEIVED, q.RECEIVED_AND_CARRIED} or (
        setting.head is None and setting.previous in _APPLICANT_LINE
    )
    if not counted:
        return None
    for name, column in _ORGANISATION_KINDS.items():
        if name in words:
            return f"{T3}.received_new@{column}"
    natural, organisations = _NATURAL.search(words), _ORGANISATIONS.search(words)
    if natural is not None and organisations is None:
        return q.RECEIVED_NATURAL
    return q.RECEIVED_ORGANISATIONS if organisations is not None and natural is None else None


_APPLICANT_LINE: Final = frozenset({q.RECEIVED, q.RECEIVED_AND_CARRIED, q.RECEIVED_NATURAL})


def _volume(words: str, setting: Setting) -> str | None:
    if setting.part:
        return f"{T3}.received_new@total" if _RECEIVED_NEW.search(words) else None
    if _SUBSET.search(words) or (_CHANNEL.search(words) and not _ALL_CHANNELS.search(words)):
        return q.HANDLED if _on_time(words) else None
    if _WITH_CARRIED.search(words) or _CARRIED_WITHIN.match(setting.following):
        return q.HANDLED if _FINISHED.search(words) else q.RECEIVED_AND_CARRIED
    if _HANDLE.search(words) and not re.search(_RECEIVE + r"[^#]{0,30}#", words):
        return q.HANDLED
    if _RECEIVED.search(words) or _RECEIVED_BARE.search(words):
        return q.RECEIVED
    return None


def _on_time(words: str) -> bool:
    """`全部按时办结12件` counts all of them, `按时办结11件` may leave some out."""
    return re.search(r"(?:全部|均)[^#]{0,8}(?:办结|答复)[^#]{0,12}#", words) is not None


def _disclosure(words: str, unit: str | None) -> str | None:
    if _NORMATIVE.search(words) and unit in {"件", "份", "个", "部", None}:
        if "废止" in words:
            return f"{T2}.normative_documents@repealed"
        return None if _NORMATIVE_OTHER.search(words) else q.NORMATIVE_DOCUMENTS
    for name, key in _DECISION_KINDS:
        if name in words and unit in {"件", "宗", "起", "例", None}:
            others = sum(n in words for n, _ in _DECISION_KINDS) > 1 or _ITEM_LISTS.search(words)
            return key if not others and _DECIDE.search(words) else None
    web = unit in _WEB_UNITS and _DISCLOSED.search(words) is not None
    return q.DISCLOSED_ITEMS if web and not _AN_OUTCOME.search(words) else None
