"""From the texts of a kind to a mail: plain text, and HTML that says the same."""

import tomllib
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from common.mail.outbox import Content
from profiles.messages.kinds import MessageKind

TEXTS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "texts").glob("*.toml"))
}
HTML = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 1em auto; padding: 0 1em">
{body}
<hr>
<p style="color: #555555; font-size: small">{footer}</p>
</body>
</html>
"""


def render(
    kind: MessageKind,
    language: str,
    link: str | None = None,
    valid_until: datetime | None = None,
    timezone: str = "UTC",
) -> Content:
    """The mail in that language; `link` stands after its first paragraphs.

    `valid_until` is shown in the time zone. No value of another person's choosing enters a text.
    """
    texts, footer = TEXTS[language][kind], TEXTS[language]["footer"]
    before = list(texts["before"])
    after = list(texts["after"])
    if valid_until is not None:
        local = valid_until.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")
        after.insert(0, TEXTS[language]["valid_until"].format(until=f"{local} ({timezone})"))
    shown_link = [link] if link else []
    text = "\n\n".join([*before, *shown_link, *after, f"-- \n{footer}"]) + "\n"
    paragraphs = [f"<p>{escape(each)}</p>" for each in before]
    if link:
        paragraphs.append(f'<p><a href="{escape(link)}">{escape(texts["link"])}</a></p>')
    paragraphs += [f"<p>{escape(each)}</p>" for each in after]
    html = HTML.format(
        language=language,
        subject=escape(texts["subject"]),
        body="\n".join(paragraphs),
        footer=escape(footer),
    )
    return Content(texts["subject"], text, html)
