"""The answer to a claim: one sentence, made from a template that fits its headline."""

from __future__ import annotations

import re
from collections.abc import Mapping

from exile.audit.claims import Claim
from exile.audit.headline import Headline
from exile.audit.rules import Rules
from exile.errors import InputError

MOST_WORDS = 35
LANGUAGES = ("en", "ru")
GENERIC = {
    "en": "{word}, speaking of {people}.",
    "ru": "{word}: {people}.",
}


def answer(
    claim: Claim,
    headline: Headline,
    templates: Mapping[str, Mapping[str, str]],
    values: Mapping[str, object],
    rules: Rules,
    language: str,
) -> str:
    """The claim's answer in a language.

    Parameters
    ----------
    templates : mapping of claim id to (mapping of headline code to sentence)
        Those of the language. A headline without a sentence falls back to one made from
        the headline alone, so that the answer cannot contradict the verdicts.
    values : mapping of str to an amount
        For the places in the sentence; each has ``text(language)``.

    Raises
    ------
    InputError
        If a sentence has a place without a value, or more words than a reader keeps.
    """
    template = templates.get(claim.id, {}).get(headline.code)
    if template is None:
        words = next(r.words for r in rules.headlines if r.code == headline.code)
        people = rules.scopes[headline.scope].in_(language)
        return GENERIC[language].format(word=words.in_(language), people=people)
    where = f"answers/{language}.toml, {claim.id}.{headline.code}"
    for place in places(template):
        if place not in values:
            known = ", ".join(sorted(values)) or "none"
            raise InputError(where, f"no value for '{{{place}}}'", f"Values given: {known}.")
    text = template.format(**{k: values[k].text(language) for k in places(template)})  # type: ignore[attr-defined]
    if (count := words_in(text)) > MOST_WORDS:
        raise InputError(where, f"{count} words", f"Say it in {MOST_WORDS}.")
    return text


def places(template: str) -> tuple[str, ...]:
    """The names of the places in a sentence, in order."""
    return tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", template)))


def words_in(text: str) -> int:
    """Words as a reader counts them: a number with its unit is one, a dash is none."""
    joined = re.sub(r"(?<=\d)[\s\u202f\u00a0]+(?=%|\d)", "", text)
    return len(re.findall(r"\w[\w’'.,%–-]*", joined))
