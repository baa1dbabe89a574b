"""What a page loads beyond itself: one style sheet with the rules that the book's pages use.

The theme brings ten style sheets and draws a dozen icons by a script of 1.5 MB. Here the
sheets become one, without rules for classes that occur on no page, and the icons become
shapes in it, cut from that script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SHEET = "site.css"
TEMPLATES = Path(__file__).parent / "templates"
ICONS = Path(pydata_sphinx_theme.__file__).parent.joinpath(
    "theme", "pydata_sphinx_theme", "static", "scripts", "fontawesome.js"
)
# The theme's own, in the order in which it loads them; those of extensions and the book follow.
SHEETS = (
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
)
# Scripts by what must occur in a page's text for them to have work to do.
NEEDED_FOR = {
    "togglebutton.js": re.compile(r'class="(?:[^"]* )?(?:toggle|dropdown)[ "]'),
    "design-tabs.js": re.compile("sd-tab-set"),
    "clipboard.min.js": re.compile("<pre"),
    "copybutton.js": re.compile("<pre"),
}
# Inline scripts set its values, which they could not if it came after them.
AT_ONCE = "documentation_options.js"
# Names that scripts put together or give to what they add.
COMPOSED = ("bs-tooltip", "vega-")

LICENCE = re.compile(r"/\*!.*?\*/", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Strings and addresses may hold braces.
TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)\"']*\)|[{};]")
CLASS = re.compile(r"\.(-?[A-Za-z_](?:[\w-]|\\.)*)")
# A rule may hold for an element that has none of the classes named in these.
OPTIONAL = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
ICON = re.compile(r"(?<![\w-])fa-[a-z-]+(?![\w-])")
# What draws an icon as a letter of a font of 156 kB.
FONT = re.compile(r"Font Awesome|--fa-")
NOT_ICONS = {"fa-solid", "fa-regular", "fa-brands", "fa-lg", "fa-fw", "fa-sm", "fa-xs"}
SAFE = "/:= '"
SHAPE = """.fa-solid, .fas { display: inline-block; font-style: normal; line-height: 1; }
.fa-lg { font-size: 1em; }
.fa-solid::before, .fas::before {
  content: ""; display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em;
  background: currentColor; -webkit-mask: var(--icon) center / contain no-repeat;
  mask: var(--icon) center / contain no-repeat;
}
@media (forced-colors: active) {
  .fa-solid::before, .fas::before { forced-color-adjust: none; background: CanvasText; }
}
"""


def slim(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: name the one sheet, and keep the scripts that the page needs."""
    context["site_sheet"] = f"{SHEET}?v={app.config.exile_static}"
    if pagename == "search":
        return  # its script must run at once, and needs all that come before
    body = context.get("body", "")
    folds = NEEDED_FOR["togglebutton.js"].search(body)
    kept = []
    for script in context["script_files"]:
        name = Path(str(script.filename or "")).name
        needed_for = NEEDED_FOR.get(name)
        if needed_for and not needed_for.search(body):
            continue
        if not name and "oggle" in script.attributes.get("body", "") and not folds:
            continue  # a setting of togglebutton.js
        if name and name != AT_ONCE:
            # A new one: the other is shared with pages yet to come.
            attributes = {"defer": "defer"} | script.attributes
            script = type(script)(script.filename, priority=script.priority, **attributes)
        kept.append(script)
    context["script_files"] = kept


def write_sheet(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``, once the pages are there to be looked through."""
    if problem is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    pages = [p.read_text(encoding="utf-8") for p in sorted(Path(app.outdir).rglob("*.html"))]
    scripts = [
        p.read_text(encoding="utf-8")
        for p in sorted(static.rglob("*.js"))
        if p.name not in ("fontawesome.js", "vega.js")
    ]
    used = {
        word
        for page in pages
        for attr in re.findall(r'class="([^"]*)"', page)
        for word in attr.split()
    }
    used |= set(re.findall(r"[A-Za-z_][\w-]*", "\n".join(scripts)))
    names = [*SHEETS]
    names += [name for name, _ in (*app.registry.css_files, *app.config.html_css_files)]
    sheets = [p.read_text(encoding="utf-8") for n in names if (p := static / n).exists()]
    icons = {i for text in (*pages, *scripts) for i in ICON.findall(text)} - NOT_ICONS
    text = "\n".join(sheets)
    licences = "\n".join(dict.fromkeys(LICENCE.findall(text)))
    # The one sheet lies a folder higher than the theme's.
    text = COMMENT.sub("", text).replace("url(../", "url(")
    used = {name for name in used if not re.fullmatch(r"fa[srb]?|fa-.+", name)}
    lean = "".join(only_used(text, lambda name: name in used or name.startswith(COMPOSED)))
    (static / SHEET).write_text(f"{licences}\n{draw(icons)}{lean}", encoding="utf-8")


def only_used(css: str, used: Callable[[str], bool]) -> Iterator[str]:
    """The rules of a sheet, without selectors for classes that are not in use."""
    for prelude, block in rules(css):
        if block is None:
            if not prelude.startswith("@charset"):
                yield f"{prelude};\n"
        elif prelude.startswith(("@media", "@supports", "@layer")):
            inner = "".join(only_used(block, used))
            if inner:
                yield f"{prelude}{{{inner}}}\n"
        elif FONT.search(block):
            continue
        elif prelude.startswith("@"):
            yield f"{prelude}{{{block}}}\n"
        else:
            kept = [
                selector
                for selector in split_selectors(prelude)
                if all(used(name) for name in CLASS.findall(OPTIONAL.sub("", selector)))
            ]
            if kept:
                yield f"{','.join(kept)}{{{block}}}\n"


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Prelude and block of each rule at the top; None for a statement without a block."""
    depth = start = opened = 0
    for token in TOKEN.finditer(css):
        match token[0]:
            case "{":
                depth += 1
                if depth == 1:
                    opened = token.start()
            case "}":
                depth -= 1
                if depth == 0:
                    yield css[start:opened].strip(), css[opened + 1 : token.start()].strip()
                    start = token.end()
            case ";" if depth == 0:
                yield css[start : token.start()].strip(), None
                start = token.end()


def split_selectors(prelude: str) -> list[str]:
    """The alternatives of a selector list; commas in brackets do not part them."""
    return [s.strip() for s in re.split(r",(?![^()]*\))", prelude)]


def draw(icons: Iterable[str]) -> str:
    """Rules that show each icon as a shape in the colour of the text."""
    lines = [SHAPE]
    drawings = ICONS.read_text(encoding="utf-8")
    for icon in sorted(icons):
        name = icon.removeprefix("fa-")
        # Solid shapes come after those of other styles.
        found = re.findall(rf'[{{,]"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"', drawings)
        if not found:
            raise ExtensionError(f"the theme has no icon '{icon}'")
        width, height, path = found[-1]
        svg = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
            f"<path d='{path}'/></svg>"
        )
        lines.append(f'.{icon} {{ --icon: url("data:image/svg+xml,{quote(svg, safe=SAFE)}"); }}\n')
    return "".join(lines)


def prepare(app: Sphinx, config) -> None:
    """On ``config-inited``: the parts of the page that differ from the theme's.

    Sphinx leaves sheets and scripts as they are while no page changes; their digest among
    its settings makes it write all pages anew, with addresses that browsers have not kept.
    """
    config.templates_path.append(str(TEMPLATES))
    own = [p for f in config.html_static_path for p in Path(app.confdir, f).glob("*.[cj]s*")]
    text = "".join(p.read_text(encoding="utf-8") for p in sorted(own) if p.name != "vega.js")
    digest = sha256(f"{pydata_sphinx_theme.__version__}{text}".encode()).hexdigest()
    config.exile_static = digest[:8]


def setup(app: Sphinx) -> dict:
    app.add_config_value("exile_static", "", "html")
    app.connect("config-inited", prepare)
    # After the theme's own listeners, which add scripts and rewrite a sheet.
    app.connect("html-page-context", slim, priority=900)
    app.connect("build-finished", write_sheet, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
