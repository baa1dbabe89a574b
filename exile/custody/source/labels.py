"""Levels from labels, in English and Russian: recognised with certainty, or not at all.

A label that negates, qualifies or joins two levels gets none, and a person fills it in.
"""

from __future__ import annotations

import re

from exile.custody.catalogue import MISSING, Variable
from exile.custody.source.countries import country

# Whole labels that stand for no answer.
_SILENT = re.compile(
    r"((no|without an?) (answer|response|data|reply)|no opinion|not (asked|applicable|stated|answered)"
    r"|refus(ed|al)( to answer)?|(i )?(do not|don.?t|cannot|can.?t) (know|remember|say|answer)"
    r"|(hard|difficult) to (say|answer)|prefer not to (say|answer)|missing( value)?|system missing"
    r"|n/?a|nan|null|#null!|d/?k|none given|unknown|skipped"
    r"|нет (ответа|данных)|без ответа|не (знаю|помню|ответил\w*|указано|применимо|задавал\w*)"
    r"|затрудня\w+( ответить| с ответом)?|затруднил\w+( ответить| с ответом)?|трудно сказать"
    r"|отказ(ался|алась|ываюсь)?( от ответа| отвечать)?|пропуск|н/?[до])"
)
_NOT = r"\b(not?|never|cannot|can.?t|don.?t|doesn.?t|without|except|but|нет|не|ни|без|кроме|но)\b"
_YES = re.compile(
    r"yes|y|да|true|(was )?(selected|checked|ticked|mentioned)|took part|participated"
    r"|отмечено|выбрано|упомянуто|участвовал(и|а|\(а\))?|принимал(и|а|\(а\))? участие"
)
_NO = re.compile(
    r"no|n|нет|false|(was )?(not|un)[ -]?(selected|checked|ticked|mentioned)"
    r"|(did not|didn.?t) (take part|participate)|not"
    r"|не (отмечено|выбрано|упомянуто|участвовал(и|а|\(а\))?|принимал(и|а|\(а\))? участия)"
)
_THINGS = (  # from the cheapest; each step of "means" is what one cannot yet afford
    ("not_enough_for_food", r"\bfood|еду\b|еды\b|питани|продукт"),
    ("food_but_not_clothing", r"cloth|одежд"),
    ("clothing_but_not_durables", r"durable|applianc|техник|длительн|холодильник|телевизор"),
    ("durables_but_not_car", r"\bcars?\b|автомобил|машин(у|ы)\b"),
    ("car", r"\b(flat|apartment|house|dacha|property)\b|квартир|жиль|дом\b|дач"),
)
# Words that turn a sentence round in ways that no pattern follows.
_TWISTS = re.compile(
    r"\b(only|just|if|unless|except|problem|no longer|used to|both|depends|someone|some|few)\b"
    r"|только|лишь|если|кроме|проблем|больше не|раньше|зависит|некотор|кому-то|кое|немног|и да"
)
_PLAIN = {
    "sex": {
        "man": r"(male|man|men|m|м|муж(ской|чина|чины|\.)?)( пол)?",
        "woman": r"(female|woman|women|f|ж|жен(ский|щина|щины|\.)?)( пол)?",
    },
    "industry": {
        "it": r"(the )?(it|ит|it-сфера|айти|information technolog\w+|software( development)?"
        r"|информационные технологии|программирование)( ?(sector|industry|/|\(|,).{0,30})?",
        "science": r"(science|research|academia|наука|научная (сфера|деятельность))",
        "education": r"(education|teaching|образование|преподавание)",
        "non_commercial": r"(non-?(profit|commercial)( sector| organisations?| organizations?)?"
        r"|ngos?|charity|нко|некоммерчески\w+( сектор\w*| организаци\w+)?|благотворительность)",
        "other": r"(other|another|something else|друг(ое|ая)( отрасль| сфера)?|иное)",
    },
    "interest": {
        "not_at_all": r"(not at all|not interested at all|(совсем|вообще|совершенно) не.{0,20})",
        "rather_not": r"(rather not|not (very|much|particularly)|hardly|скорее не.{0,20}|не очень.{0,20})"
        r"( interested)?",
        "rather": r"(rather|quite|fairly|somewhat)( interested)?|скорее (да|интерес\w+)",
        "very": r"very( much)?( interested)?|очень( сильно)?( интерес\w+)?",
    },
    "war_stance": {
        "opposes": r"(strongly |rather |definitely |totally )?(oppose[sd]?|against|do(es)? not support"
        r"|don.?t support)( (it|the war|the special military operation))?"
        r"|(скорее |полностью |категорически |однозначно )?(не поддерживаю|против)( войны| сво)?",
        "supports": r"(strongly |rather |definitely |totally )?(supports?|in favou?r)( (it|the war))?"
        r"|(скорее |полностью |однозначно )?(поддерживаю|за)( войну| сво)?",
        "neither": r"neither( nor| one nor the other)?|neutral|ни то,? ни другое|нейтрально",
    },
    "trust": {
        "yes": r"(rather |completely |fully |mostly )?trusts?( them)?"
        r"|(скорее |полностью |в основном )?доверяю",
        "no": r"(rather |completely |at all |fully )?(distrusts?|do(es)? not trust|don.?t trust)"
        r"( them)?( at all)?|(совсем |скорее |полностью |вообще )?не доверяю",
    },
}  # fmt: skip
_HIGHER = re.compile(
    r"\b(bachelor|master|ph\.?d|doctorate|doctoral|postgraduate|university (degree|education))"
    r"|^(completed? )?higher( education)?$|академическ\w+ степен|учен\w+ степен|кандидат наук"
    r"|доктор наук|бакалавр|магистр|аспирантур|^(полное |законченное |оконченное )?высшее"
    r"|(два|несколько|более).* высш|^post-?graduate"
)
_LOWER = re.compile(
    r"^school\b|\b(secondary|high school|primary|vocational|elementary|incomplete|unfinished|dropped out)\b"
    r"|средн|школ|начальн|пту\b|техникум|колледж|неполн|незаконч|неоконч|не закончен"
)
_UNSURE = re.compile(
    r"associate|two-year|foundation|equivalent|parent|partner|spouse|отец|мать|родител|супруг"
    r"|\bthan\b|выше|student|студент|учусь|studying|in progress|currently|below|under|less than|ниже|\bor\b|или"
)


def level(variable: Variable, label: str) -> str | None:
    """The level that a label names, ``missing`` if it names no answer, None if unsure."""
    text = " ".join(label.casefold().replace("ё", "е").split()).strip(" .,;:!?\"'«»()")
    if _silent(text):
        return MISSING
    if text.replace(" ", "_") in variable.levels:
        return text.replace(" ", "_")
    if variable.kind == "country":
        return country(label)
    if variable.kind == "years":
        band = re.sub(r"\s*(-|–|—|to|до)\s*", "-", text)
        return band if band in variable.levels else None
    name = "trust" if variable.name.startswith("trust") else variable.name
    by_name = {"means": _means, "education": _education, "departure": _departure}
    if name in by_name:
        return by_name[name](text)
    if variable.kind == "yes_no":
        said = [w for w, p in (("yes", _YES), ("no", _NO)) if p.fullmatch(text)]
        if said:
            return said[0]
    found = [
        word
        for word, pattern in _PLAIN.get(name, {}).items()
        if re.fullmatch(pattern.replace("ё", "е"), text)
    ]
    return found[0] if len(found) == 1 else None


def _silent(text: str) -> bool:
    """Whether every part of a label, as between slashes, names no answer."""
    return (
        bool(text)
        and all(
            _SILENT.fullmatch(part.strip())
            for part in re.split(r"\s*[/,;]\s*|\s+(?:or|или)\s+", text)
        )
        or bool(_SILENT.fullmatch(text))
    )


def _means(text: str) -> str | None:
    """The step whose thing a label says one cannot afford; a car, if it names one freely."""
    if _TWISTS.search(text):
        return None
    negation = re.search(_NOT.replace("|but", "").replace("|но", ""), text)
    free, barred = (text[: negation.start()], text[negation.start() :]) if negation else (text, "")
    can = [i for i, (_, thing) in enumerate(_THINGS) if re.search(thing, free)]
    cannot = [i for i, (_, thing) in enumerate(_THINGS) if re.search(thing, barred)]
    if len(cannot) == 1 and (not can or max(can) < cannot[0]):
        # "Not enough for a car" alone does not say what there is enough for.
        return _THINGS[cannot[0]][0] if can or cannot[0] == 0 else None
    return "car" if not negation and can and max(can) == 3 else None


def _education(text: str) -> str | None:
    if _UNSURE.search(text):
        return None
    if _LOWER.search(text):
        both = _HIGHER.search(text) and not re.search(
            r"incomplete|unfinished|неполн|незаконч|неоконч|не закончен|dropped", text
        )
        return None if both or re.search(_NOT.replace("|не", ""), text) else "other"
    if re.search(_NOT, text):
        return None
    return "higher" if _HIGHER.search(text) else None


def _departure(text: str) -> str | None:
    """By the dates that the levels are defined by, and the events of those days."""
    february = re.search(
        r"24(th)?( of)? february|february 24|24 февраля|24[./]0?2[./](20)?22", text
    )
    september = re.search(
        r"2[01](st|th)?( of)? september|september 2[01]|2[01] сентября|2[01][./]0?9[./](20)?22",
        text,
    )
    war = february or re.search(r"\b(war|invasion)\b|войны|вторжени", text)
    call_up = september or re.search(r"mobili[sz]ation|мобилизаци", text)
    before = re.match(r"(before|until|prior to|earlier than|до|раньше|перед)\b", text)
    after = re.match(r"(after|since|from|после|начиная с|с)\b", text)
    if re.search(_NOT, text) or _TWISTS.search(text):
        return None
    if war and call_up:
        return "february_to_september_2022" if not before else None
    if war and before:
        return "before_the_war"
    return "after_mobilisation" if call_up and after else None
