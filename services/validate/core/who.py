"""Rules about the body that reports: named, unambiguous, the same in title and signature."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import Levenshtein

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.verdicts import Verdict
from shared.report.characters import fold
from shared.report.document import Place
from shared.report.issue import Evidence

_OFFICES = ("办公室", "办公厅", "政务公开办", "府办", "政务服务中心", "政务公开科")
_BODY_END = re.compile(
    r"(?:局|委员会|委|办公室|办公厅|政府|办事处|管委会|厅|部|署|院|中心|支队|大队|分局)$"
)
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?:特别行政区|自治区|自治州|自治县|省|市|州|盟|县|旗|区|镇|乡|街道)"
)
_PLACEHOLDER = re.compile(
    r"20[XxＸｘ×*]{2}\s*年|[XxＸｘ×]{2,4}(?:省|市|县|区|镇|乡|街道|局|委员会|办公室|部门|单位|机关)"
    r"|[（(](?:单位名称|机关名称|单位全称|填报单位)[）)]|(?:^|[。\n])\s{0,20}[（(]单位[）)]|【\s{0,40}】|[XxＸｘ×]{1,2}月[XxＸｘ×]{1,2}日"
)
_EXAMPLE = re.compile(r"(?:如|例如|比如|诸如|格式)[：:“\"]?$")
_QUOTED = re.compile(r"[“‘「『][^“”‘’「」『』。\n]{0,12}$")
_STOP = re.compile(r"[。；\n]")
_SENTENCE = 60
"""Characters of a sentence that are looked at on either side."""
_AGAINST = re.compile(r"抵制|打击|整治|查处|反诈|曝光|防范|严禁|禁止|取缔|侦破|破获|专项行动|治安")
_SELF = re.compile(r"我(局|委|厅|镇|乡|街道|街|校|院|中心)")
_SUBJECT = re.compile(
    r"(?:20\d\d\s*年度?[，,]?\s*)?(?!在|根据|按|为|由|经|对|依|围绕|认真|坚持)(?:我|本)?([\u4e00-\u9fff]{2,24}?(?:局|街道办事处|镇人民政府|乡人民政府))"
    r"(?=认真|严格|高度|积极|坚持|始终|全面|切实|深入|紧紧|按照|以|在|政府信息)"
)
_SELF_OF_KIND = {
    "township_government": frozenset(("镇", "乡", "街", "街道")),
    "subdistrict_office": frozenset(("镇", "乡", "街", "街道")),
}

_MISREAD = 0.75
"""Likeness from which two recognised names may be one: some characters of each may be wrong."""


def judge_who(facts: Facts) -> Iterator[Verdict]:
    """Yield verdicts on the name of the reporting body."""
    who = facts.record.identity
    yield _ambiguous(facts)
    if who.agency_as_printed is None or who.signature is None:
        yield open_question("i_agency_conflict")
    elif same_body(who.agency_as_printed, who.signature, who.agency):
        yield passed("i_agency_conflict")
    else:
        misread = _misread(facts, who.signature, who.agency_as_printed, who.agency)
        yield Verdict(
            "i_agency_conflict", "", "fail", expected=who.agency_as_printed, observed=who.signature,
            evidence=(
                Evidence(who.title_raw or who.agency_as_printed, None, Place(line=who.title_line)),
                Evidence(who.signature, None, Place(line=who.signature_line)),
            ),
            message_zh=f"标题中的机关是“{who.agency_as_printed}”，落款却是“{who.signature}”。",
            message_en=f"The title names {who.agency_as_printed}, the signature {who.signature}.",
            severity="info" if misread else None,
            origin="unknown" if facts.record.damaged or misread else "source",
        )  # fmt: skip


def _ambiguous(facts: Facts) -> Verdict:
    rule = "i_agency_ambiguous"
    who = facts.record.identity
    if not who.ambiguous_places:
        return passed(rule)
    resolved = who.place_resolved_by in ("body", "signature", "title")
    places = "、".join(who.ambiguous_places[:6])
    how_zh = f"据正文确定为“{who.agency}”" if resolved else "文中没有线索可以确定"
    how_en = f"resolved to {who.agency} from the document" if resolved else "nothing resolves it"
    return Verdict(
        rule, "", "fail", observed=who.agency_as_printed, expected=who.agency if resolved else None,
        evidence=(Evidence(who.title_raw or who.agency_as_printed or "", None, Place(line=who.title_line)),),
        message_zh=f"“{who.agency_as_printed}”的地名在多地重名（{places} 等），{how_zh}。",
        message_en=f"The place in {who.agency_as_printed} exists in several regions ({places}); {how_en}.",
        severity="info" if resolved else "warning",
    )  # fmt: skip


def same_body(printed: str, signed: str, full: str | None = None) -> bool:
    """Tell whether two names can be the same body: short and full forms are; doubt means yes."""
    first, second = fold(printed), fold(signed)
    names = (first, fold(full)) if full else (first,)
    if any(_within(n, second) or _within(second, n) for n in names):
        return True
    if not _BODY_END.search(first) or not _BODY_END.search(second):
        return True
    if first.endswith("政府") and any(second.endswith(o) or o in second for o in _OFFICES):
        # a government's own report is signed by the office that compiles it
        return True
    core, other = _core(first), _core(second)
    if len(core) < 2 or len(other) < 2 or _within(core, other) or _within(other, core):
        return _places_agree(first, second)
    common = len(set(core) & set(other)) / min(len(set(core)), len(set(other)))
    return common > 0.6


def _misread(facts: Facts, name: str, *others: str | None) -> bool:
    """Tell whether two names of a scan differ by characters that recognition may have confused."""
    return facts.recognised and any(
        other is not None and Levenshtein.normalized_similarity(name, other) >= _MISREAD
        for other in others
    )


def _within(short: str, long: str) -> bool:
    """Tell whether the characters of one name stand in the other, in order."""
    rest = iter(long)
    return all(c in rest for c in short)


def _core(name: str) -> str:
    return _PLACE.sub("", name) if _PLACE.sub("", name) != "" else name


def _places_agree(first: str, second: str) -> bool:
    mine, other = _PLACE.findall(first), _PLACE.findall(second)
    if not mine or not other:
        return True
    return any(_within(a[:-1], b) or _within(b[:-1], a) for a in mine[-1:] for b in other[-1:])


def judge_placeholder(facts: Facts) -> Iterator[Verdict]:
    """Yield words of a blank form that were never filled in."""
    rule = "i_placeholder"
    title = facts.record.identity.title_raw or ""
    for text in (title, facts.text):
        for found in _PLACEHOLDER.finditer(text):
            if _is_example(text, found):
                continue
            yield Verdict(
                rule, "", "fail", observed=found[0],
                evidence=(Evidence(_around(text, found)),),
                message_zh=f"文中留有未填写的占位文字“{found[0]}”（{_around(text, found)}）。",
                message_en=f"Left-over placeholder text: {found[0]} ({_around(text, found)}).",
            )  # fmt: skip
            return
    yield passed(rule)


def _is_example(text: str, found: re.Match[str]) -> bool:
    """Tell whether a placeholder is spoken of (如“XX局”, “XX局”等表述), not left over."""
    before = text[max(0, found.start() - 14) : found.start()]
    if _EXAMPLE.search(before[-6:]):
        return True
    after = text[found.end() : found.end() + 12]
    return bool(_QUOTED.search(before)) and any(c in after for c in "”’」』")


def judge_brand(facts: Facts) -> Iterator[Verdict]:
    """Yield gambling names on hijacked copies, in the title or anywhere in the text."""
    rule = "i_brand_contamination"
    words = facts.rule(rule).words("brands")
    title = (
        f"{facts.record.identity.title_raw or ''}\n{facts.record.identity.agency_as_printed or ''}"
    )
    low, text = title.lower(), facts.text.lower()
    found = [w for w in words if w in low or (w in text and _advertised(text, w))]
    if not found:
        yield passed(rule)
        return
    yield Verdict(
        rule, "", "fail", observed=found[0], evidence=tuple(Evidence(w) for w in found[:5]),
        message_zh=f"文中混入赌博或广告字样（{'、'.join(found[:5])}），疑为被篡改的转载页，不宜采信。",
        message_en=f"Gambling or advertising strings in the text ({', '.join(found[:5])}): "
        "probably a hijacked copy; do not rely on it.",
    )  # fmt: skip


def _advertised(text: str, word: str) -> bool:
    """Tell whether a brand stands anywhere but in a sentence against gambling."""
    for found in re.finditer(re.escape(word), text):
        before = _STOP.split(text[max(0, found.start() - _SENTENCE) : found.start()])[-1]
        after = _STOP.split(text[found.end() : found.end() + _SENTENCE], maxsplit=1)[0]
        if not _AGAINST.search(f"{before}{word}{after}"):
            return True
    return False


def judge_foreign(facts: Facts) -> Iterator[Verdict]:
    """Yield text in which another kind of body, or another bureau, speaks as the reporter."""
    rule = "i_foreign_agency"
    who = facts.record.identity
    text = facts.section_text(1)
    if text is None or who.agency is None or who.kind not in (*_SELF_OF_KIND, "department"):
        yield open_question(rule)
        return
    found = _alien_self(facts, who.kind) or _alien_subject(text, who.agency)
    if not found:
        yield passed(rule)
        return
    misread = _misread(facts, found, who.agency)
    yield Verdict(
        rule, "", "fail", expected=who.agency, observed=found, evidence=(Evidence(found),),
        message_zh=f"报告机关是“{who.agency}”，正文却以“{found}”的口吻叙述，疑套用其他单位文本。",
        message_en=f"The report is by {who.agency}, but the text speaks as {found}; "
        "it may have been copied from another body.",
        severity="info" if misread else None, origin="unknown" if misread else None,
    )  # fmt: skip


def _alien_self(facts: Facts, kind: str) -> str | None:
    """我局 in a township's report, or 我镇 in a bureau's, and never the body's own word."""
    said = _SELF.findall(facts.text)
    if kind in _SELF_OF_KIND:
        own, alien = _SELF_OF_KIND[kind], frozenset(("局", "委", "厅", "校"))
    else:
        own, alien = frozenset("局委厅院") | {"中心"}, frozenset(("镇", "乡", "街道"))
    foreign = [w for w in said if w in alien]
    if len(foreign) >= 2 and not any(w in own for w in said):
        return f"我{foreign[0]}"
    return None


def _alien_subject(text: str, agency: str) -> str | None:
    """Section one opens with another bureau as the one that acts."""
    found = _SUBJECT.match(text.strip())
    if found is None or (same_body(found[1], agency) and not _elsewhere(found[1], agency)):
        return None
    return found[1]


def _elsewhere(name: str, agency: str) -> bool:
    """Tell whether a name is that of another bureau in another place, whatever else they share."""
    cores = [_BODY_END.sub("", _core(n)) for n in (name, agency)]
    if any(len(c) < 2 for c in cores) or _within(*cores) or _within(*cores[::-1]):
        return False
    common = len(set(cores[0]) & set(cores[1])) / min(len(set(c)) for c in cores)
    return common <= 0.5 and not _places_agree(name, agency)


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 10) : found.end() + 10].replace("\n", " ").strip()
