"""Labels become the right level or none: a table of hostile ones, in English and Russian."""

from __future__ import annotations

import pytest

from exile.custody.catalogue import MISSING, catalogue
from exile.custody.source.labels import level

# None: it cannot be known, and a person fills it in.
LABELS = {
    "before_rally": {
        "Да": "yes", "Нет": "no", "Нет ответа": MISSING, "Не помню": MISSING, "Yes": "yes",
        "No": "no", "Yes, but not after 2014": None, "No, never": None, "Не участвовал": "no",
        "Участвовал": "yes", "Скорее да": None, "Not selected": "no", "Refused": MISSING,
        "Hard to say / no answer": MISSING, "Yes or no": None, "Don't know": MISSING,
        "Митинги": None, "1": None, "": None, "Don't know, rather yes": None,
    },
    "education": {
        "Bachelor's degree": "higher", "Master": "higher", "PhD": "higher", "Secondary": "other",
        "Higher education, incomplete": "other", "Два и более высших": "higher",
        "Неполное среднее": "other", "Среднее": "other", "Среднее специальное": "other",
        "Высшее": "higher", "Учёная степень": "higher", "Неоконченное высшее": "other",
        "No degree": None, "Student": None, "High school": "other", "Не высшее": None,
        "Higher than secondary": None, "Высшее, но не законченное": None, "Associate degree": None,
        "Нет образования": None, "Parents with a university degree": None, "Ниже высшего": None,
    },
    "means": {
        "Cannot afford food": "not_enough_for_food", "Can afford a car": "car",
        "Can afford durables but not a car": "durables_but_not_car", "Only a car": None,
        "Не хватает даже на еду": "not_enough_for_food", "Cannot afford a car": None,
        "Хватает на еду, но не на одежду": "food_but_not_clothing", "Нет ответа": MISSING,
        "Хватает на одежду, но не на бытовую технику": "clothing_but_not_durables",
        "Хватает на технику, но не на автомобиль": "durables_but_not_car",
        "Можем купить автомобиль": "car", "Can afford a car, but not a flat": "car",
        "Ни в чём себе не отказываем": None, "A car is not a problem": None, "Food": None,
        "A car, if we save": None, "Раньше могли купить автомобиль": None,
    },
    "departure": {
        "До 24 февраля 2022": "before_the_war", "После 24 февраля": None, "After the war": None,
        "24 февраля - 20 сентября 2022": "february_to_september_2022",
        "После 21 сентября 2022": "after_mobilisation", "Before mobilisation": None,
        "Not before the war": None,
    },
    "host": {
        "Грузия": "GEO", "Турция": "TUR", "Кыргызстан": "KGZ", "США": "USA", "Georgia": "GEO",
        "Другая страна": None, "Not Georgia": None, "XXX": None, "ZZZ": None, "GEO": "GEO",
    },
    "trust_emigrants": {
        "Совсем не доверяю": "no", "Скорее не доверяю": "no", "И да, и нет": None,
        "Скорее доверяю": "yes", "Полностью доверяю": "yes", "Затрудняюсь ответить": MISSING,
        "Доверяю лишь некоторым": None, "Do not trust": "no", "Trust some, distrust others": None,
    },
    "interest": {
        "Совсем не интересуюсь": "not_at_all", "Скорее не интересуюсь": "rather_not",
        "Скорее интересуюсь": "rather", "Очень интересуюсь": "very", "Отказ": MISSING,
        "Not very interested": "rather_not", "Very": "very", "Neither": None,
    },
    "war_stance": {
        "Не поддерживаю": "opposes", "Ни то ни другое": "neither", "Поддерживаю": "supports",
        "Не против": None, "Not against": None, "Oppose": "opposes",
        "Не могу сказать, что не поддерживаю": None,
    },
    "sex": {"Мужской": "man", "Женский": "woman", "Not a man": None, "Refused": MISSING},
    "industry": {
        "IT": "it", "Not IT": None, "Science and education": None, "Construction": None,
        "Other": "other", "I like it": None, "НКО": "non_commercial",
    },
    "would_fight": {"I refused to fight": None, "Отказался бы воевать": None, "Нет": "no"},
    "age": {"18-34": "18-34", "18 – 34": "18-34", "55+": "55+", "18-30": None, "Under 18": None},
}  # fmt: skip


@pytest.mark.parametrize("variable", LABELS)
def test_a_label_gives_the_right_level_or_none(variable):
    known = catalogue().variables[variable]
    found = {label: level(known, label) for label in LABELS[variable]}
    assert found == LABELS[variable]
