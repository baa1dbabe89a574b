"""How leaks look: names of columns, identifiers, small counts, printed tables."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from exile.limits import RESPONDENT_COLUMNS

# A heading that counts people; a number under it is a cell.
COUNT = re.compile(
    r"^(n|n_\w+|\w+_n|base|unweighted_?n?|count\w*|freq\w*|frequency|people|persons?|respondents|"
    r"interviews|interviewees|numerator|denominator|cases|obs(ervations)?|sample_?size|__count|.*\(n\))$",
    re.IGNORECASE,
)
SHARE = re.compile(
    r"^(.*_)?(share|percent|percentage|pct|proportion|prop)s?(_.*)?$|^%$", re.IGNORECASE
)
_AGGREGATE = re.compile(
    r"^(.*_)?(mean|median|estimate|low|lower|high|upper|value|rate|ratio|se|total|sum|gap|"
    r"difference|p_value|w|w2)$",
    re.IGNORECASE,
)
# Columns that tables of single people have, though none singles out by itself.
_ANSWERS = re.compile(
    r"^((q|v|var|item)_?\d+\w*|age|agea|sex|gender|gndr|education|eduyrs|income|marital\w*|"
    r"occupation|religion|ethnicity|nationality|citizenship|weight|wt|pspwght|birth_?year|yrbrn)$",
    re.IGNORECASE,
)
_PERSON = {
    "an id": r"(resp|respondent|case|user|person|people|participant|response|record|row|session|interview|subject|"
    r"member|panel)_?(id|no|number|code|key)|uu?id|guid|token|id_?(respondent|person|user)",
    "a time": r"(start|end|submit|submitted|completed?|recorded|response)_?(ed)?_?(time|date|at|on)|"
    r"time_?stamp|date_?(of_?)?(birth|left|departure|arrival|interview)|dob|birth_?(day|date)|"
    r"(departure|arrival|left|leaving|crossing)_?(date|day|on)",
    "a place": r"village|post_?(al_?)?code|zip(_?code)?|(home_?|street_?)address|street|neighbou?rhood|"
    r"municipality|home_?town|birth_?place|place_of_birth",
    "coordinates": r"lat|latitude|lon|lng|longitude|geo_?(hash|point|location)|gps\w*",
    "a device": r"ip|ip_?(address|addr|v4|v6)|user_?agent|device\w*|browser\w*|fingerprint|"
    r"mac_?addr\w*|imei|imsi|idfa|gaid|advertising_?id|cookie\w*",
    "a contact": r"(tele)?phone\w*|mobile_?(no|number|phone)|e?_?-?mail(_?addr\w*)?|telegram\w*|"
    r"whats_?app\w*|signal_?(no|number)|instagram|facebook|vk(ontakte)?|handle|user_?name|"
    r"nick_?name|screen_?name|contact(_\w+)?",
    "a name": r"(first|last|given|family|full|middle|sur|respondents?_?)_?name|surname|patronymic",
    "free text": r"\w*verbatim\w*|free_?text\w*|open_?(ended|text|answer)\w*|other_?(specify|text)|"
    r"\w+_specify|\w+_other_?text|quotes?|quotation|answer_?text|own_?words",
}
_PERSON_COLUMNS = {
    what: re.compile(rf"^({names})$", re.IGNORECASE) for what, names in _PERSON.items()
}


def singles_out(name: str, values: list) -> str:
    """What a column tells of a person, in words; empty if nothing.

    Parameters
    ----------
    name : str
        The column's heading or the key in JSON.
    values : list
        Some of what stands under it. A region of parameters, which is a pair of
        bounds, shares its name with a region of a country.
    """
    name = re.sub(r"[\s.-]+", "_", name.strip())
    if name.lower() in _DEGREES and not any(_is_precise(v) for v in values):
        return ""
    if not any(isinstance(v, (str, int, float)) and str(v).strip() for v in values):
        return ""
    for what, pattern in _PERSON_COLUMNS.items():
        if pattern.match(name):
            return what
    if RESPONDENT_COLUMNS.match(name) and not COUNT.match(name):
        return "a person or a small place"
    return ""


def telling(value: object) -> bool:
    """Whether a single value is long enough to be an address, a time or a number of someone.

    An index of words maps "telegram" to the few pages that hold it.
    """
    return isinstance(value, float) or len(str(value).strip()) >= 4


_DEGREES = frozenset(("lat", "latitude", "lon", "lng", "long", "longitude"))


def _is_precise(degrees: object) -> bool:
    """Whether a coordinate is finer than a tenth of a degree, some ten kilometres."""
    try:
        tenths = float(str(degrees)) * 10
    except ValueError:
        return False
    return abs(tenths - round(tenths)) > 1e-6


def of_single_people(columns: list[str]) -> bool:
    """Whether a table has answers of people and no column that aggregates them."""
    names = [re.sub(r"[\s.-]+", "_", c.strip()) for c in columns]
    if any(p.match(name) for p in (COUNT, SHARE, _AGGREGATE) for name in names):
        return False
    return sum(bool(_ANSWERS.match(name)) for name in names) >= 2


_EMAIL = re.compile(
    r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+(?!png|svg|jpe?g|webp|gif|js|css)[^\W\d_]{2,24}\b"
    r"|[\w.+-]{1,64}\s?[\[({]\s?(?:at|@)\s?[\])}]\s?[\w-]+\s?(?:\.|[\[({]\s?dot\s?[\])}])\s?\w{2,}"
)
_ACCOUNT = re.compile(
    r"(?:https?://|(?<![\w.]))(?:www\.|m\.)?(?:t\.me|telegram\.(?:me|dog)|vk\.com|ok\.ru|"
    r"facebook\.com|fb\.com|instagram\.com|tiktok\.com|twitter\.com|x\.com|threads\.net|"
    r"linkedin\.com/in|youtube\.com/@?|wa\.me|signal\.me|discord\.gg)/[\w@.+#-]{2,}[\w/]*"
    r"|tg:/{2}\S+",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@./&=+-])@[A-Za-z][A-Za-z0-9_]{4,31}(?![\w(]|\.\w)")
_PHONE = re.compile(
    r"(?<![\w.+-])\+\d(?:[\s().-]{0,2}\d){8,14}(?![\d.])"
    r"|(?<![\w.,-])8[\s(-]{1,2}\d{3}[\s)-]{1,2}\d{3}[\s-]?\d\d[\s-]?\d\d(?![\d.])"
    r"|tel:[+\d][\d().-]{6,}"
)
_IP4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
# Addresses in use begin with four digits, unlike slices of Python ("1::2") and times.
_IP6 = re.compile(r"(?<![\w:])[0-9a-fA-F]{4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])")
_PAIR = re.compile(
    r"(?<![\w.(,-])([-−]?\d{1,2}\.\d{4,})\s*°?\s*[NS]?\s*[,;/ ]\s*([-−]?\d{1,3}\.\d{4,})(?![\w,.])"
    r"|\d{1,2}\s?°\s?\d{1,2}\s?[′'](?:\s?\d{1,2}(?:\.\d+)?\s?[″\"])?\s?[NS]|geo:-?\d+\.\d+,-?\d+"
)
_DEVICE = re.compile(
    r"(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])"
    r"|(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])"
    r"|\bIMEI\W{0,3}\d{15}\b",
    re.IGNORECASE,
)


def identifiers(text: str, *, code: bool) -> Iterator[tuple[str, re.Match]]:
    """Kinds and places of what may identify a person.

    In code ``@`` begins decorators and rules of style sheets, and dotted and paired
    numbers are shapes, so that only what is unmistakable is looked for.
    """
    yield from (("e-mail address", m) for m in _EMAIL.finditer(text))
    yield from (("account or handle", m) for m in _ACCOUNT.finditer(text))
    yield from (("device id", m) for m in _DEVICE.finditer(text))
    yield from (("phone number", m) for m in _PHONE.finditer(text) if _is_phone(m[0]))
    yield from (("IP address", m) for m in _IP6.finditer(text) if _is_address(m[0]))
    if not code:
        yield from (("account or handle", m) for m in _HANDLE.finditer(text))
        yield from (("IP address", m) for m in _IP4.finditer(text) if _is_address(m[0]))
        yield from (("coordinates", m) for m in _PAIR.finditer(text) if _on_earth(m))


def _is_phone(found: str) -> bool:
    return 7 <= sum(c.isdigit() for c in found) <= 15


def _is_address(found: str) -> bool:
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return False
    # "::" and the reader's own machine are nobody's.
    return not (address.is_loopback or address.is_unspecified)


def _on_earth(found: re.Match) -> bool:
    if found[1] is None:
        return True
    north, east = (abs(float(part.replace("−", "-"))) for part in (found[1], found[2]))
    return 2 < north <= 90 and 2 < east <= 180


_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
EXACT_DATE = re.compile(
    rf"\b20\d\d-[01]\d-[0-3]\d\b|\b{_DAY}[./][01]?\d[./](?:20)?\d\d\b|\b{_DAY}(?:st|nd|rd|th)?\s"
    rf"{_MONTH}\b|\b{_MONTH}\s{_DAY}(?:st|nd|rd|th)?,?\s20\d\d\b"
)
# Midnight is how a day is written where a time is asked for.
MOMENT = re.compile(r"\b20\d\d-[01]\d-[0-3]\d[T ](?!00:00)[0-2]\d:[0-5]\d")
FINE_SHARE = re.compile(r"\b\d{1,3}[.,]\d+\s?(?:%|per ?cent\b|percentage points?\b)", re.IGNORECASE)
_NUMBERS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
        range(1, 11),
        strict=True,
    )
)
_PEOPLE = (
    r"(?:respondents?|people|persons?|interviewees?|participants?|migrants?|emigrants?|women|woman|"
    r"men|man|answers?|cases)"
)
_SMALL = re.compile(
    rf"\b(?:n|base|count|freq|people|persons|respondents)\s*[=:]\s*(?P<a>\d+)(?![\d,.]\d)"
    rf"|(?<![\d.,–-])(?P<b>\d+)\s+{_PEOPLE}\b"
    r"|(?<![\d.,–-])(?P<c>\d+)\s+(?:out\s)?of\s+(?:the\s)?\d+\b"
    rf"|\b(?P<d>{'|'.join(_NUMBERS)})\s+(?:{_PEOPLE}|(?:out\s)?of\s+(?:the\s)?\d+)\b",
    re.IGNORECASE,
)


def small_counts(text: str, min_cell: int) -> Iterator[re.Match]:
    """Counts of people in prose that are above zero and below ``min_cell``."""
    for found in _SMALL.finditer(text):
        said = found["a"] or found["b"] or found["c"]
        count = int(said) if said else _NUMBERS[found["d"].lower()]
        if 0 < count < min_cell:
            yield found


FOOTER = re.compile(r"\[(\d+) rows? x \d+ columns?\]")
# A shortened print of fewer rows may be wide rather than long.
PRINTED_ROWS = 25
SERIES = re.compile(r"Length: (\d+), dtype: \w+")
_PRINTED = re.compile(r"^[ \t]+(\S.*)\n((?:\d+[ \t]+\S.*(?:\n|\Z)){3,})", re.MULTILINE)


def printed_tables(text: str) -> Iterator[tuple[int, list[str], list[list[str]]]]:
    """Place, columns and rows of frames printed with a running index."""
    for found in _PRINTED.finditer(text):
        rows = [line.split() for line in found[2].splitlines()]
        if [row[0] for row in rows[:3]] == ["0", "1", "2"]:
            yield found.start(), found[1].split(), [row[1:] for row in rows]


_LITERAL_KEY = re.compile(
    r"""[{,]\s*["']?([A-Za-z_][\w-]{1,40})["']?\s*:\s*["'\d.-]"""
    r"""|^[ \t]*-?[ \t]+([A-Za-z_]\w{1,40}):[ \t]+["'\w.-]""",
    re.MULTILINE,
)
_NUMBERED = re.compile(r"[ \t]*\d+[ \t,;|]+[\d.-]")
_INNERMOST = re.compile(r"\{[^{}]*\}|\[[^\[\]{}]*\]")


def literal_keys(text: str) -> dict[str, int]:
    """Keys of objects written out in a script or printed, with how often each occurs."""
    counts: dict[str, int] = {}
    for found in _LITERAL_KEY.finditer(text):
        key = found[1] or found[2]
        counts[key] = counts.get(key, 0) + 1
    return counts


def numbered(text: str, longest: int) -> bool:
    """Whether more lines than ``longest`` follow each other that are numbers in columns."""
    run = 0
    for line in text.splitlines():
        run = run + 1 if _NUMBERED.match(line) else 0
        if run > longest:
            return True
    return False


def longest_run(text: str) -> tuple[int, int]:
    """Length and place of the longest array of objects or arrays written out in a script."""
    best, at, run, begin, previous = 0, 0, 0, 0, None
    for found in _INNERMOST.finditer(text):
        follows = previous is not None and text[previous : found.start()].strip() == ","
        if not follows:
            run, begin = 0, found.start()
        # An empty pair of brackets or a single entry is no record.
        run += "," in found[0]
        previous = found.end()
        if run > best:
            best, at = run, begin
    return best, at
