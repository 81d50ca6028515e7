"""Names of private persons, where the text says whose they are: 申请人张三, 原告李四、王五诉…."""

import re
from collections.abc import Iterator
from functools import cache

from shared.report.personal.words import listed, one_of

Name = tuple[int, int, int]
"""Start and end in the text, and how many characters are the surname."""

_HAN = r"\u4e00-\u9fff\u3400-\u4dbf"
_NEAR = 18
"""Characters before a number in which the name of its bearer stands."""
_HIDDEN = "某×xX*＊○〇"
_ENDS = (
    r"(?=\Z|[\s，,。.；;、：:（(）)！!？?“”\"'‘’《》<>【】\[\]/|\\_—–-]"
    r"|[诉向因于对就的与和及等以在称来系之依未所经将被按据自收拒补]|不服|提[出起交]|申请|要求|先生|女士|同志|反映|投诉|举报|起诉|上诉"
    r"|撤[诉回]|一案|认为|通过|关于|身份证|公民身份|电话|手机|联系|[男女住]|请求|诉讼|请|再次|多次|又|已|曾|同)"
)
_SAME_PERSON = r"(?:\s*[：:]\s*|\s*[（(]|[是系为即]|\s{1,2})?"


@cache
def _spoken() -> re.Pattern[str]:
    """Find the word for a private person; the name must follow at once."""
    return re.compile(rf"(?:(?P<party>{one_of('parties')})|{one_of('people')}){_SAME_PERSON}")


@cache
def _surname() -> str:
    single = "".join((*listed("common"), *listed("rarer")))
    return rf"(?:{one_of('compound')}|[{single}])"


@cache
def _names() -> tuple[re.Pattern[str], ...]:
    """Find a name, its surname and the rest: a longer one is preferred, if something ends it."""
    never = "".join(listed("never"))
    given = rf"(?![{never}])[{_HIDDEN}{_HAN}]"
    return tuple(
        re.compile(rf"(?P<surname>{_surname()})(?P<given>{given * length}){_ENDS}")
        for length in (2, 1)
    )


@cache
def _no_name() -> re.Pattern[str]:
    return re.compile(one_of("words"))


@cache
def _doubtful() -> frozenset[str]:
    return frozenset(listed("doubtful"))


@cache
def _common() -> frozenset[str]:
    return frozenset(listed("common"))


_CERTAIN = re.compile(r"\s?[（(，,]?\s?(?:[男女](?=[，,。）)])|(?:公民)?身份)")
"""What makes a name certain behind it: the sex, or an identity number."""


@cache
def _stated() -> re.Pattern[str]:
    """Find where a name stands that is certain by what follows, whatever comes before.

    That is the sex, an identity number, or a suit against an agency: 张三诉某某市政府.
    """
    return re.compile(
        rf"(?<![{_HAN}])(?={_surname()}[{_HAN}]{{1,2}}"
        r"(?:\s?[（(，,]\s?(?:[男女][，,]|(?:公民)?身份)"
        rf"|诉[{_HAN}]{{0,16}}(?:政府|[局厅委办院会]|机关|部门)))"
    )


@cache
def _bearer() -> re.Pattern[str]:
    """Find a name that a number of a person follows: 张三_138…, 李四（手机：139…."""
    return re.compile(
        rf"(?<![{_HAN}])(?P<surname>{_surname()})(?P<given>[{_HIDDEN}{_HAN}]{{1,2}}?)[\s_（(，,、:：-]{{0,2}}"
        r"(?:的?(?:手机|电话|联系方式|(?:公民)?身份证?)?(?:号码?)?)[\s：:为是]{0,2}\Z"
    )


def bearer(text: str, number: int) -> Name | None:
    """Return the name right before a number of a person that begins at `number`."""
    match = _bearer().search(text, max(0, number - _NEAR), number)
    if match is None or _is_hidden(match["given"]) or _no_name().match(match[0]):
        return None
    return match.start(), match.end("given"), len(match["surname"])


_CERTAINTIES = ("男", "女", "身份", "诉")
"""Without one of these nothing is stated of a name."""


@cache
def _persons() -> tuple[str, ...]:
    return (*listed("parties"), *listed("people"))


def mentions_a_person(text: str) -> bool:
    """Tell whether a name may stand in the text at all; nearly every text says no at once."""
    if any(word in text for word in _persons()):
        return True
    return any(sign in text for sign in _CERTAINTIES) and bool(_stated().search(text))


def names(text: str) -> Iterator[Name]:
    """Yield names of private persons in order; those that are masked already are left out."""
    starts = [(m.end(), _how_sure(m)) for m in _spoken().finditer(text) if not _is_agency(text, m)]
    starts += [(m.start(), _SURE) for m in _stated().finditer(text)]
    reached = 0
    for start, sure in sorted(starts):
        at: int | None = start
        while at is not None and at >= reached:
            found = _name_at(text, at, sure)
            if found is None:
                break
            reached = found[1]
            if not _is_hidden(text[found[0] + found[2] : found[1]]):
                yield found
            joint = _JOINT.match(text, reached)
            at = joint.end() if joint else None


_LIKELY, _USUAL, _SURE = range(3)
_TITLES = ("先生", "女士", "同志", "老师", "老人", "大爷", "大妈", "阿姨", "师傅")
_JOINT = re.compile("[、和与及]")


def _how_sure(match: re.Match[str]) -> int:
    """Tell how surely a name follows: behind 姓名： surely, behind 原告 usually."""
    if match["party"] is None:
        return _LIKELY
    return _SURE if match[0].rstrip().endswith(("：", ":")) else _USUAL


def _is_agency(text: str, match: re.Match[str]) -> bool:
    """Tell whether the word is part of one for an agency: 被申请人."""
    before = text[max(0, match.start() - 1) : match.start()]
    return (before + match[0]).startswith(tuple(listed("agencies")))


def _name_at(text: str, at: int, sure: int) -> Name | None:
    for pattern in _names():
        match = pattern.match(text, at)
        if match is not None and _is_name(text, match, sure):
            return match.start(), match.end(), len(match["surname"])
    return None


def _is_name(text: str, match: re.Match[str], sure: int) -> bool:
    surname = match["surname"]
    if any(sign in _HIDDEN for sign in match["given"]):
        return True
    if _no_name().match(match[0]) or match["given"] in _TITLES:
        return False
    if len(surname) > 1 or _CERTAIN.match(text, match.end()):
        return True
    if surname in _doubtful():
        return sure == _SURE
    return sure >= _USUAL or surname in _common()


def _is_hidden(given: str) -> bool:
    return all(sign in _HIDDEN for sign in given)
