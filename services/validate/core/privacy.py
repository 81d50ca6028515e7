"""Personal data in the text: phone numbers, identity numbers, names of applicants."""

import re
from collections.abc import Iterator

from services.validate.core.facts import Facts, passed
from services.validate.core.verdicts import Verdict
from shared.report.issue import Evidence, Severity
from shared.report.neutral import masked_name

_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d.])")
_TO_CALL = re.compile(r"拨打|热线|(?:咨询|联系|监督|投诉|举报|值班|办公|受理)电话")
_OF_A_PERSON = re.compile(r"(?:举报|申请|当事|投诉|信访|来访)人|群众|市民|村民|居民|先生|女士|本人")
_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛"
    "叶阎余潘杜戴夏钟汪姜范姚谭廖邹熊陆郝孔崔康邱秦史顾侯邵孟龙段雷钱汤黎贺龚"
)
_APPLICANT = re.compile(
    rf"(?:申请人|原告|第三人|当事人)(?:[：:]\s*|是|系)?"
    rf"(?!何[时处种人地]|马上|许可|程序|任何|陈[述情]|杨某)([{_SURNAMES}](?:(?!某|先生|女士|等)[\u4e00-\u9fff]){{1,2}})"
    r"(?=[，,；;（(]|向|因|诉|不服|于20|$)"
)


def judge_privacy(facts: Facts) -> Iterator[Verdict]:
    """Yield personal data; what is official contact data is a note only."""
    contact = facts.record.identity.contact
    if contact and contact.name and "某" not in contact.name:
        name = masked_name(contact.name)
        yield _found(
            "p_personal_name", name, "info",
            f"刊有联系人姓名“{name}”，属公务联系信息，对外提供时应遮蔽。",
            f"A named contact person ({name}): official contact data, mask in public output.",
        )  # fmt: skip
    else:
        yield passed("p_personal_name")
    phone = contact.phone if contact else None
    yield _mobile(facts.text, phone)
    yield _id_number(facts.text)
    yield _applicant(facts.text)


def _mobile(text: str, phone: str | None) -> Verdict:
    numbers = [m[0] for m in _MOBILE.finditer(text)]
    official = {
        m[0]
        for m in _MOBILE.finditer(text)
        if _is_official(text[max(0, m.start() - 20) : m.start()])
    }
    if phone and _MOBILE.fullmatch(phone):
        numbers.append(phone)
    if not numbers:
        return passed("p_mobile")
    private = [n for n in numbers if n != phone and n not in official]
    severity: Severity = "warning" if private else "info"
    masked = _masked((private or numbers)[0])
    return _found(
        "p_mobile", masked, severity,
        f"刊有手机号码 {masked}，发布前应核实是否必要。", f"A mobile number is printed: {masked}.",
    )  # fmt: skip


def _is_official(before: str) -> bool:
    """Tell whether a number is given for the public to call."""
    return bool(_TO_CALL.search(before)) and not _OF_A_PERSON.search(before)


def _id_number(text: str) -> Verdict:
    found = _ID.search(text)
    if found is None:
        return passed("p_id_number")
    masked = _masked(found[0])
    return _found(
        "p_id_number", masked, "warning",
        f"刊有疑似公民身份号码 {masked}，应删除。", f"An identity number seems to be printed: {masked}.",
    )  # fmt: skip


def _applicant(text: str) -> Verdict:
    found = _APPLICANT.search(text) if "人" in text or "原告" in text else None
    if found is None:
        return passed("p_applicant")
    masked = found[1][0] + "某"
    return _found(
        "p_applicant", masked, "warning",
        f"刊有申请人或当事人姓名（{masked}），应删除或遮蔽。",
        f"The name of an applicant or party is printed ({masked}); remove or mask it.",
    )  # fmt: skip


def _masked(number: str) -> str:
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def _found(rule: str, observed: str, severity: Severity, zh: str, en: str) -> Verdict:
    return Verdict(
        rule, "", "fail", observed=observed, evidence=(Evidence(observed),),
        message_zh=zh, message_en=en, severity=severity,
    )  # fmt: skip
