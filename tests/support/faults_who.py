"""Faults of identity and of personal data: whose report it is, whom it names."""

from dataclasses import replace
from random import Random

from shared.report.record import Region
from tests.support.agencies import Agency
from tests.support.fill import fill
from tests.support.places import BUREAUS
from tests.support.planting import ANEW, added, replaced, touching, with_part
from tests.support.truth import Expected, Truth

_CLERKS = ("张建国", "李明华", "王秀英", "刘志强", "陈晓东")


@touching("title", "signature", "preamble", "opening", "who", "disclosed")
def no_agency(truth: Truth, rng: Random) -> Truth | None:
    """Name no body in title, signature or text."""
    title = f"{truth.year}年政府信息公开工作年度报告"
    changed = replace(
        truth, title=title, printed_name="", signature=None, preamble=(), unnamed=True
    )
    changed = replaced(changed, truth.agency, "本单位") or changed
    return changed.expecting(Expected("i_agency_missing"), Expected("d_period_statement_missing"))


@touching(ANEW, "title", "signature", "preamble", "opening", "who")
def ambiguous_place(truth: Truth, rng: Random) -> Truth | None:
    """Name a district that several cities have, and nothing that tells which."""
    bureau = rng.choice(BUREAUS)
    name = f"{rng.choice(('鼓楼区', '新华区', '市中区', '城关区', '铁西区'))}{bureau}"
    who = Agency(name, name, Region(), "county", "department", "own", "我局")
    recipe = {**truth.recipe, "agency": who}
    changed = fill(truth.seed, **recipe)  # type: ignore[arg-type]
    if changed.scope != truth.scope:
        return None
    return replace(changed, preamble=(), unnamed=True).expecting(
        *truth.expected, Expected("i_agency_ambiguous"), Expected("d_period_statement_missing")
    )


@touching("signature", "who")
def other_signature(truth: Truth, rng: Random) -> Truth | None:
    """Sign with the name of another bureau of the same place."""
    if truth.agency_kind != "department":
        return None
    own = next(b for b in BUREAUS if truth.agency.endswith(b))
    other = rng.choice([b for b in BUREAUS if not set(b[:-1]) & set(own[:-1])])
    signature = truth.agency.replace(own, other)
    return replace(truth, signature=signature).expecting(Expected("i_agency_conflict"))


@touching("opening", "who")
def foreign_agency(truth: Truth, rng: Random) -> Truth | None:
    """Open with another body as the one that acts: a text taken over from elsewhere."""
    if truth.agency_kind not in ("department", "township_government"):
        return None
    other = rng.choice([b for b in BUREAUS if b[:2] not in truth.agency])
    opening = f"{truth.year}年，于洪区{other}认真贯彻落实《条例》，扎实推进政府信息公开工作，取得了新进展。"
    changed = replaced(truth, truth.parts[0].before[0], opening)
    return changed and changed.expecting(Expected("i_foreign_agency"))


@touching("s1", "who")
def alien_self(truth: Truth, rng: Random) -> Truth | None:
    """Speak as a bureau in the report of a township."""
    if truth.agency_kind not in ("township_government", "subdistrict_office"):
        return None
    own = "我镇" if truth.agency_kind == "township_government" else "我街道"
    texts = tuple(p.replace(own, "我局") for p in truth.parts[0].before)
    texts = (*texts, "我局强化责任落实，我局各科室分工协作，做好信息公开工作。")
    changed = with_part(truth, 1, before=texts)
    five = next(p for p in changed.parts if p.number == 5)
    changed = with_part(changed, 5, before=tuple(p.replace(own, "我局") for p in five.before))
    six = next((p for p in changed.parts if p.number == 6), None)
    if six is not None:
        changed = with_part(changed, 6, before=tuple(p.replace(own, "我局") for p in six.before))
    return changed.expecting(Expected("i_foreign_agency"))


@touching("s1")
def placeholder(truth: Truth, rng: Random) -> Truth | None:
    """Leave a placeholder of the model text in place."""
    left = rng.choice(("XX局将", "××局将", "XXX局将", "20XX年，本单位将", "（单位名称）将"))
    changed = added(truth, 1, f"{left}继续做好政府信息公开工作。")
    return changed and changed.expecting(Expected("i_placeholder"))


@touching("s1")
def brand(truth: Truth, rng: Random) -> Truth | None:
    """Carry the advertising of a hijacked copy."""
    word = rng.choice(("bet365", "新葡京", "亚博", "百家乐"))
    changed = added(truth, 1, f"更多信息请访问{word}官方网站。")
    return changed and changed.expecting(Expected("i_brand_contamination"))


@touching("contact")
def no_contact(truth: Truth, rng: Random) -> Truth | None:
    """Give neither address nor telephone."""
    words = ("联系", "电话：")
    parts = tuple(
        replace(p, before=tuple(t for t in p.before if not any(w in t for w in words)))
        for p in truth.parts
    )
    return replace(truth, parts=parts).expecting(Expected("i_contact_missing"))


@touching("contact")
def contact_person(truth: Truth, rng: Random) -> Truth | None:
    """Name the clerk to be called."""
    text = f"联系人：{rng.choice(_CLERKS)}，联系电话：0571-83001234。"
    changed = no_contact(truth, rng)
    changed = changed and added(replace(changed, expected=truth.expected), 6, text)
    return changed and changed.expecting(Expected("p_personal_name"))


@touching("s1", "contact")
def mobile(truth: Truth, rng: Random) -> Truth | None:
    """Print the mobile number of a private person."""
    number = f"13{rng.randint(100000000, 999999999)}"
    changed = added(truth, 1, f"群众来电（手机{number}）反映的问题已当场答复。")
    return changed and changed.expecting(Expected("p_mobile"))


@touching("s1")
def identity_number(truth: Truth, rng: Random) -> Truth | None:
    """Print the identity number of a private person."""
    number = f"3301{rng.randint(10, 99)}19{rng.randint(50, 99)}0{rng.randint(1, 9)}1{rng.randint(0, 9)}{rng.randint(100, 999)}X"
    changed = added(truth, 1, f"对身份证号{number}的申请材料依法予以核验。")
    return changed and changed.expecting(Expected("p_id_number"))


@touching("s1")
def applicant_named(truth: Truth, rng: Random) -> Truth | None:
    """Print the name of an applicant."""
    changed = added(truth, 1, f"申请人{rng.choice(_CLERKS)}向本机关申请公开的征地材料已依法答复。")
    return changed and changed.expecting(Expected("p_applicant"))
