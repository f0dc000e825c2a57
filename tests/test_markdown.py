"""What is found in Markdown and plain text, and what is not."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader

import pytest

from archiver.embeds import markdown
from archiver.embeds.found import Found, signature
from archiver.embeds.posts import Posts
from archiver.errors import SourceError
from archiver.platforms import PLATFORMS
from tests.conftest import PROJECT, SHARED

POST = "https://twitter.com/b_user/status/1389000000000000000"
ID = "1389000000000000000"
SKY = "https://bsky.app/profile/someone.example/post/3latotljnec2h"
TUBE = "https://www.youtube.com/watch?v=AbCdEf_1234"


def find(text: str) -> list[Found]:
    return list(markdown.find(text, Posts(tuple(PLATFORMS.values()))))


@dataclass(frozen=True)
class Case:
    """A piece of Markdown, and what should be found in it: (form, platform, post id or handle, day, text)."""

    name: str
    text: str
    found: tuple[tuple[str, str, str | None, str | None, str], ...] = ()


def one(
    form: str,
    platform: str = "twitter",
    post: str | None = "b_user",
    day: str | None = "2021-05-03",
    text: str = "A bus is late",
) -> tuple[tuple[str, str, str | None, str | None, str], ...]:
    return ((form, platform, post, day, text),)


SIGNED = "— B. User (@b_user) May 3, 2021"
LINKED = f"— B. User (@b_user) [May 3, 2021]({POST}?s=20)"
CASES = (
    # Announced
    Case("a marker over words", f"**Embed:**\n\nA bus is late\n\n{SIGNED}\n", one("markdown-marker")),
    Case("a marker over one line", f"**Embedded tweet:**\n\nA bus is late {SIGNED}\n", one("markdown-marker")),
    Case("a marker in other words", f"Embed: Twitter\n\nA bus is late\n{SIGNED}\n", one("markdown-marker")),
    Case("a marker in brackets", f"[Tweet]\n\nA bus is late\n\n{SIGNED}\n", one("markdown-marker")),
    Case("a marker of one word", f"Tweet:\n\n> A bus is late\n\n{SIGNED}\n", one("markdown-marker")),
    Case("a marker and no blank lines", f"Before it.\nEmbed:\nA bus is late\n{SIGNED}\nAfter it.\n", one("markdown-marker")),
    Case("a marker over another platform's address", "**Instagram embed**\n\nhttps://www.instagram.com/p/CFpGqZwl9j5/\n", one("markdown-marker-permalink", "instagram", "CFpGqZwl9j5", None, "")),
    Case("a marker over a short-code", f'**Embed:**\n\n{{{{< tweet user="b_user" id="{ID}" >}}}}\n\nMore.\n\n{SIGNED.replace("May", "by")}\n', one("shortcode", post=ID, day=None, text="")),
    Case("a marker that names its platform over nothing", "**Embed: Instagram**\n\nThe article goes on.\n", one("markdown-marker", "instagram", None, None, "")),
    Case("a marker over a quotation that is not signed", "**Tweet:**\n\n> A bus is late\n\nThe article goes on.\n", one("markdown-marker", post=None, day=None)),
    Case("a marker over a quotation with a short link", "Embed:\n\n> A bus is late https://t.co/AbCdEf1234\n", one("markdown-marker", post=None, day=None, text="A bus is late https://t.co/AbCdEf1234")),
    Case("a marker that names nothing over nothing", "**Embed:**\n\nThe article goes on.\n"),
    Case("a heading is no announcement of a lost embed", "## Twitter embed\n\nHow to make one is told here.\n"),
    Case("words with a colon", "The post:\n\nIt stands in the garden.\n"),
    Case("a heading about posts", "## Post\n\nIt stands in the garden.\n"),
    Case("a heading over its post", f"## Embed\n\nA bus is late\n\n{SIGNED}\n", one("markdown-marker")),
    Case("a heading over its address", f"## Embed\n\n{POST}\n\nMore.\n", one("markdown-marker-permalink", post=ID, day=None, text="")),
    Case("a heading over a section", f"## Embed\n\nThe section has words.\n\n[A film](https://www.youtube.com/embed/AbCdEf_1234)\n\n> A bus is late\n>\n> {LINKED}\n", (*one("markdown-address", "youtube", "AbCdEf_1234", None, ""), *one("markdown-quote", post=ID))),
    Case("a heading over words, and a post at the end", f"## Embed\n\nThe section has words.\n\nMore of them.\n\nA bus is late {SIGNED}\n", one("markdown-signed")),
    Case("a heading that marks", f"### **Embed:**\n\nA bus is late.\n\nVery.\n\n{SIGNED}\n", one("markdown-marker", text="A bus is late. Very.")),
    Case("a marker over words and a quote", f"**Embed:**\n\nThe mayor said so:\n\n> A bus is late\n>\n> {SIGNED}\n", one("markdown-marker")),
    Case("a marker over a table", f"**Embed:**\n\nSome words.\n\n| a | b |\n|---|---|\n\nA bus is late {SIGNED}\n", one("markdown-signed")),
    Case("a marker over another post", f"**Embed:**\n\nSome words.\n\n{TUBE}\n\nA bus is late {SIGNED}\n", (*one("markdown-address", "youtube", "AbCdEf_1234", None, ""), *one("markdown-signed"))),
    Case("a marker over a post with an address in it", f"**Embed:**\n\nA bus is late\n\n{TUBE}\n\n{SIGNED}\n", one("markdown-marker", text=f"A bus is late {TUBE}")),
    # Quoted
    Case("a quote below its lead-in", f"Let us look at it:\n> A bus is late\n> {LINKED}\n", one("markdown-quote", post=ID)),
    Case("a quote of a signature alone", f"The article goes on.\n\n> {LINKED}\n", one("markdown-quote", post=ID, text="")),
    Case("a quote of a signature without an address", f"The article goes on.\n\n> {SIGNED}\n"),
    Case("a quote signed in a quote of its own", f"> A bus is late\n\n> {SIGNED}\n", one("markdown-quote")),
    Case("a quote that a machine translated", f"> 公共汽车晚了\n>\n> — 用户(@ b 用户)[2021 年 5 月 3 日]({POST}?s=20)\n", one("markdown-quote", post=ID, text="公共汽车晚了")),
    Case("a translated quote in prose", f"> As told by the mayor (@ b 用户) [3 May 2021]({POST})\n"),
    Case("a quote", f"> A bus\n> is late\n>\n> {LINKED}\n", one("markdown-quote", post=ID)),
    Case("a quote on one line", f"> A bus is late {SIGNED}\n", one("markdown-quote")),
    Case("a quote signed below itself", f"> A bus is late\n\n{LINKED}\n", one("markdown-quote", post=ID)),
    Case("a quote with a lazy last line", f"> A bus is late\n{SIGNED}\n", one("markdown-quote")),
    Case("a quote in a quote", f"> > A bus is late\n> > {SIGNED}\n", one("markdown-quote")),
    Case("a quote with inline HTML", f'> A bus<br>is late — B. User (@b_user) <a href="{POST}">May 3, 2021</a>\n', one("markdown-quote", post=ID)),
    Case("a quote of Bluesky's", f"> A bus is late\n>\n> — Some One ([@someone.example](https://bsky.app/profile/someone.example)) [May 3, 2021 at 10:00 AM]({SKY})\n", one("markdown-quote", "bluesky", "someone.example/3latotljnec2h")),
    Case("a quote of Bluesky's without addresses", "> A bus is late\n>\n> — Some One (@someone.example) May 3, 2021 at 10:00 AM\n", one("markdown-quote", "bluesky", "someone.example")),
    Case("a quote of Mastodon's without addresses", "> A bus is late\n>\n> — Some One (@some@one.example) May 3, 2021\n", one("markdown-quote", "mastodon", "some@one.example")),
    Case("a quote of somebody with a handle and an office", "> A bus is late\n>\n> — B. User (@b_user), mayor of the town\n"),
    Case("a quote of somebody with a handle", "> A bus is late\n> — B. User (@b_user)\n"),
    # Signed
    Case("on one line", f"Before it.\n\nA bus is late {SIGNED}\n\nAfter it.\n", one("markdown-signed")),
    Case("on two lines", f"A bus is late\n{SIGNED}\n", one("markdown-signed")),
    Case("on three", "A bus is late\n— B. User (@b_user)\nMay 3, 2021\n", one("markdown-signed")),
    Case("in two paragraphs", f"A bus is late\n\n{SIGNED}\n", one("markdown-signed")),
    Case("with its permalink", f"A bus is late\n\n{LINKED}\n", one("markdown-signed", post=ID)),
    Case("with a day that nobody can read, and a permalink", f"A bus is late\n\n— B. User (@b_user) [mayday]({POST})\n", one("markdown-signed", post=ID, day=None)),
    Case("without a day, and a short link", "A bus is late pic.twitter.com/AbCdEf1234 — B. User (@b_user)\n", one("markdown-signed", day=None, text="A bus is late pic.twitter.com/AbCdEf1234")),
    Case("a photo alone", f"The article.\n\npic.x.com/AbCdEf1234\n\n{SIGNED}\n", one("markdown-signed", text="The article. pic.x.com/AbCdEf1234")),
    Case("without blank lines between paragraphs", f"The article.{' It is long.' * 200}\nA bus is late\n{SIGNED}\nIt goes on.\nA tram too — C (@c_user) May 4, 2021\nThe end.\n", (*one("markdown-signed"), ("markdown-signed", "twitter", "c_user", "2021-05-04", "It goes on. A tram too"))),
    Case("as a point of a list", f"- A bus is late {SIGNED}\n- A tram too — C (@c_user) May 4, 2021\n", (*one("markdown-signed"), ("markdown-signed", "twitter", "c_user", "2021-05-04", "A tram too"))),
    Case("a hyphen for a dash", f"A bus is late\n\n{SIGNED.replace('—', '-')}\n", one("markdown-signed")),
    *(Case(f"{dash} for a dash", f"A bus is late {SIGNED.replace('—', dash)}\n", one("markdown-signed")) for dash in ("–", "―", "‒", "‑", "−", "--", "---", "-", "~", "&mdash;", "&#8212;", "⸺")),
    *(Case(f"{text} for a signature", f"A bus is late\n\n{text}\n", one("markdown-signed")) for text in ("— B. User （@b_user） May 3, 2021", "— B. User [@b_user] May 3, 2021", "**— B. User (@b_user) May 3, 2021**", "— **B. User** (@b_user) 3 мая 2021 г.", "— B. User (@b\\_user) 2021年5月3日", "— B. User ([@b_user](https://twitter.com/b_user)) 3. Mai 2021", "— B. User, @b_user, May 3, 2021", "— @b_user, 3 May 2021", "— B. User (@b_user) on Twitter, May 3, 2021", "— (@b_user) 10:15 PM · May 3, 2021", "— B. User (@b_user) on Monday, May 3, 2021 at 10:15 PM UTC", "— B. User (@b_user) la 3-an de majo 2021.", "\\\\— B. User (@b_user) 3 de mayo de 2021", "— B. User (@b_user) 3 мая 2021 г. 10:15", "— B. User (@b_user) • May 3, 2021", "— B. User (@b_user) ngày 3 tháng 5 năm 2021", "— B. User (@b_user) ٣ مايو ٢٠٢١")),
    Case("a day in milliseconds", "A bus is late\n\n— B. User (@b_user) 1620030000000\n", one("markdown-signed")),
    *(Case(f"a number for a day: {number}", f"A bus is late\n\n— B. User (@b_user) {number}\n") for number in ("162003000000", "16200300000000", "1000000000000", "5550123")),
    Case("somebody with a handle", "A bus is late — B. User (@b_user)\n"),
    Case("a speaker with a handle", "— B. User (@b_user) said on May 3, 2021 that all of the buses of the town would be late again\n"),
    Case("a handle and a day in prose", "The bus — ask B. User (@b_user) for details, May 3, 2021.\n\nThe bus — B. User (@b_user) May 3, 2021, in the town of his birth.\n"),
    Case("a byline", "By B. User (@b_user), May 3, 2021\n"),
    Case("people of a list", "The jury:\n\n- B. User (@b_user) May 3, 2021\n- C. User (@c_user) May 4, 2021\n"),
    Case("one person of a list", "# Jury\n\n- B. User (@b_user) May 3, 2021\n"),
    *(Case(f"a link of a list: {text[:16]}", f"The links:\n\n- {text}\n") for text in (f"[Tweet from B. User (@b_user)]({POST}): a bus", f"[B. User (@b_user) on X]({POST})", f"[B. User (@b_user)]({POST}) wrote of it")),
    Case("a hyphen, and a link", f"A bus is late\n\n{LINKED.replace('—', '-')}\n", one("markdown-signed", post=ID)),
    Case("a link over the end of a line", f"> A bus is late\n> [pic.x.com/AbCdEf1234](https://t.co/AbCdEf1234)\n>\n> — B. User (@b_user) [May 3,\n> 2021]({POST})\n", one("markdown-quote", post=ID, text="A bus is late pic.x.com/AbCdEf1234")),
    # Among words
    Case("a signature in the middle of a line", f"A bus pic.twitter.com/AbCdEf1234 {SIGNED} In town it rained.\n", one("markdown-signed", text="A bus pic.twitter.com/AbCdEf1234")),
    Case("a signature glued to what follows", f"A bus is late {SIGNED}In town it rained.\n", one("markdown-signed")),
    Case("a signature after more words than a post has", f"It is long. {'It is long. ' * 40}A bus pic.twitter.com/AbCdEf1234 {SIGNED}In town it rained.{' It rained.' * 20}\n", one("markdown-signed", text="pic.twitter.com/AbCdEf1234")),
    Case("two signatures in a line", f"A bus is late {SIGNED}Then this: A tram too — C (@c_user) May 4, 2021It rained, and it rained, and it rained, and nobody was in the town.\n", (*one("markdown-signed"), ("markdown-signed", "twitter", "c_user", "2021-05-04", "Then this: A tram too"))),
    Case("two signatures in a line, and one ends it", f"A bus is late {SIGNED}Then this: A tram too — C (@c_user) May 4, 2021\n", (*one("markdown-signed"), ("markdown-signed", "twitter", "c_user", "2021-05-04", "Then this: A tram too"))),
    Case("a signature in the middle, and no second sign", f"A bus is late {SIGNED} In town it rained, as it had rained for days.\n"),
    Case("a number glued to a day", f"A bus is late {SIGNED.replace('2021', '20215')}In town it rained.\n"),
    Case("between what screen readers skip", "Skip Twitter post by @b_user\n\nA bus is late\n\nEnd of Twitter post by @b_user\n", one("markdown-bounded", day=None)),
    Case("between what screen readers skip, of two accounts", "Skip Twitter post by @c_user\n\nA bus is late\n\nEnd of Twitter post by @b_user\n"),
    Case("between what screen readers skip, in HTML", f'Skip Twitter post by @b_user\n\n<blockquote class="twitter-tweet"><a href="{POST}">May 3, 2021</a></blockquote>\n\nEnd of Twitter post by @b_user\n', one("html-blockquote", post=ID, day=None, text="May 3, 2021")),
    Case("the end alone of what screen readers skip", "A bus is late\n\nEnd of Twitter post by @b_user\n"),
    Case("a call-out", f"> [!tweet] {POST}\n> A bus is late\n", one("markdown-quote", post=ID, day=None)),
    Case("a call-out of another kind", f"> [!info] {POST}\n> A bus is late\n"),
    Case("an address of mail", "A bus is late — b_user@example.org May 3, 2021\n"),
    Case("a row of a table", f"| A bus is late | {SIGNED} |\n"),
    Case("a footnote", f"[^1]: A bus is late {SIGNED}\n"),
    # Printed again
    Case("printed three times", f"> A bus is late {SIGNED}\n\nA bus is late\n\n{SIGNED}\n\nA bus is late {SIGNED}\n", one("markdown-quote")),
    Case("printed again in two paragraphs", f"A bus is late Very pic.twitter.com/AbCdEf1234 {SIGNED}\n\nA bus is late\n\nVery pic.twitter.com/AbCdEf1234\n\n{SIGNED}\n", one("markdown-signed", text="A bus is late Very pic.twitter.com/AbCdEf1234")),
    Case("a translation with the day in its language", f"A bus is late {SIGNED}\n\nUn bus est en retard — B. User (@b_user) 3 mai 2021\n", one("markdown-signed")),
    Case("a translation with the same photo", f"A bus is late pic.twitter.com/AbCdEf1234 {SIGNED}\n\nUn bus est en retard pic.twitter.com/AbCdEf1234 — B. User (@b_user)\n", one("markdown-signed", text="A bus is late pic.twitter.com/AbCdEf1234")),
    Case("a translation of letters", f"Автобус опаздывает {SIGNED}\n\nA bus is late {SIGNED}\n", one("markdown-signed", text="Автобус опаздывает")),
    Case("a translation with the name in its language", f"A bus is late {SIGNED}\n\nUn bus est en retard\n\n— B. Utilisateur (@b_user) May 3, 2021\n", one("markdown-signed")),
    Case("a translation without the photo", f"A bus is late pic.twitter.com/AbCdEf1234 {SIGNED}\n\nUn bus est en retard {SIGNED}\n", one("markdown-signed", text="A bus is late pic.twitter.com/AbCdEf1234")),
    Case("a thread of a day", f"A bus is late {SIGNED}\n\nNow it is here {SIGNED}\n", (*one("markdown-signed"), *one("markdown-signed", text="Now it is here"))),
    Case("two photos of a day", f"A bus pic.twitter.com/AbCdEf1234 {SIGNED}\n\nA tram pic.twitter.com/AbCdEf5678 {SIGNED}\n", (*one("markdown-signed", text="A bus pic.twitter.com/AbCdEf1234"), *one("markdown-signed", text="A tram pic.twitter.com/AbCdEf5678"))),
    Case("two days", f"A bus is late {SIGNED}\n\nAgain — B. User (@b_user) May 4, 2021\n", (*one("markdown-signed"), *one("markdown-signed", day="2021-05-04", text="Again"))),
    Case("two permalinks", f"A bus is late {LINKED}\n\nA bus is late {LINKED.replace('000?', '001?')}\n", (*one("markdown-signed", post=ID), *one("markdown-signed", post=ID[:-1] + "1"))),
    # Images
    Case("an image", f"Look: ![]({POST})\n", one("markdown-image", post=ID, day=None, text="")),
    Case("an image with words and a title", f'![A bus]({TUBE} "late")\n', one("markdown-image", "youtube", "AbCdEf_1234", None, "")),
    Case("an image of Obsidian's", f"![[{SKY}|400]]\n", one("markdown-image", "bluesky", "someone.example/3latotljnec2h", None, "")),
    Case("an image by reference", f"![A bus][bus]\n\n[bus]: {POST}\n", one("markdown-image", post=ID, day=None, text="")),
    Case("an image that links to a post", f"[![A bus](https://img.example/bus.jpg)]({TUBE})\n", one("markdown-image", "youtube", "AbCdEf_1234", None, "")),
    Case("a linked image in prose", f"He [![said](https://img.example/x.png)]({POST}) so.\n"),
    Case("any other image", "![A bus](https://img.example/bus.jpg)\n"),
    # Drawn within links
    Case("drawn", f"[![X avatar for @b_user](https://img.example/b.jpg)B. User @b_user\n\nA bus is late\n\nMay 3rd 2021\n\n2 Likes]({POST})\n", one("markdown-drawn", post=ID)),
    Case("drawn in a quote", f"> [B. User@b_userA bus is late5:07 PM · May 3, 2021\n>\n> 83 Reposts]({POST})\n", one("markdown-drawn", post=ID)),
    Case("drawn with counts that nothing names", f"[![X avatar for @b_user](https://img.example/b.jpg)\n\n**B. User**\n\n@b\\_user\n\nA bus is late\n\n- 5:07 PM · May 3, 2021\n- 8.5M\n- 1,796\n]({POST})\n", one("markdown-drawn", post=ID)),
    Case("drawn around a card", f"[![X avatar for @b_user](https://img.example/b.jpg)B. User @b_userA bus is late]({POST})[![](https://img.example/x.png)a page](https://page.example/)[5:07 PM · May 3, 2021\n\n12Likes]({POST})\n", one("markdown-drawn", post=ID)),
    Case("drawn, and it quotes its own author", f"[![X avatar for @b_user](https://img.example/b.jpg)\n\nB. User @b_user\n\nA bus is late\n\n![X avatar for @b_user](https://img.example/b.jpg)\n\nB. User @b_user\n\nA tram]({POST})[May 3, 2021\n\n12Likes]({POST})\n", one("markdown-drawn", post=ID)),
    Case("drawn among words", f"So [B. User@b_userA bus is late5:07 PM · May 3, 2021\n\n83 Reposts]({POST})\n"),
    Case("a link to a day", f"[May 3, 2021]({POST})\n\nA. B.\n\n[Tweet of B. User (@b_user), May 3, 2021]({POST})\n\nThe end.\n\n[@b_user: 83 Likes]({POST})\n"),
    # Addresses alone
    *(Case(f"alone: {text[:12]}", f"Before it.\n\n{text}\n\nAfter it.\n", one("markdown-address", post=ID, day=None, text="")) for text in (POST, f"<{POST}>", f"[{POST}]({POST}?s=20)", f"[twitter.com/b_user/status…]({POST})", f"> {POST}", f"{POST}?s=20&t=x  ", POST.replace("_", "\\_"), f"[[{POST}]]", f"[View this post on X]({POST})", f"http://web.archive.org/web/20210601000000/{POST}")),
    Case("two on two lines", f"{POST}\n{TUBE}\n", (*one("markdown-address", post=ID, day=None, text=""), *one("markdown-address", "youtube", "AbCdEf_1234", None, ""))),
    Case("an address in prose", f"It was late: {POST}\n"),
    Case("an address after words", f"It was late\n{POST}\n"),
    Case("a link alone", f"[A bus is late]({POST})\n"),
    Case("an address in a list", f"- {POST}\n- {TUBE}\n"),
    Case("an address under a point of a list", f"- Watch this\n\n  {POST}\n"),
    Case("an address under a step", f"1. Watch this\n\n   {POST}\n", one("markdown-address", post=ID, day=None, text="")),
    Case("an address under a label", f"**Source:**\n\n<{POST}>\n"),
    Case("addresses under References", f"## References\n\n{POST}\n\n{TUBE}\n"),
    Case("an address after References", f"## References\n\n{POST}\n\n## Next\n\n{TUBE}\n", one("markdown-address", "youtube", "AbCdEf_1234", None, "")),
    Case("a definition", f"[1]: {POST}\n[^2]: {POST}\n[//]: # ({POST})\n"),
    Case("a share link", f"https://twitter.com/intent/tweet?url={POST}\n"),
    Case("a profile", "https://twitter.com/b_user\n"),
    Case("front matter", f"---\ntitle: A bus\nvideo:\n\n{TUBE}\n\n---\n\nText.\n"),
    Case("front matter of Hugo", f'+++\ntitle = "A bus"\n\n{TUBE}\n\n+++\n\nText.\n'),
    Case("a rule is no front matter", f"---\n\n{TUBE}\n\n---\n", one("markdown-address", "youtube", "AbCdEf_1234", None, "")),
    # Samples
    *(Case(f"a sample: {name}", text) for name, text in (
        ("a fence", f"```\n{POST}\n```\n"), ("tildes", f"~~~ html\n<blockquote class=\"twitter-tweet\"><a href=\"{POST}\"></a></blockquote>\n~~~\n"), ("a fence never closed", f"```md\n\n{POST}\n"),
        ("a fence within a fence", f"````\n```\n{POST}\n```\n````\n"), ("a quoted fence", f"> ```\n> {POST}\n> ```\n"), ("a fence in a list", f"- So:\n\n    ```\n    {{{{< tweet {ID} >}}}}\n    ```\n"),
        ("set in", f"So:\n\n    {{{{< tweet {ID} >}}}}\n\n    {POST}\n"), ("by a tab", f"So:\n\n\t![]({POST})\n"), ("inline", f"Write `![]({POST})` or ``[embed]{POST}[/embed]``.\n"), ("inline on two lines", f"Write `a\n![]({POST})`.\n"),
        ("a comment", f"<!-- {{{{< tweet {ID} >}}}}\n\n{POST}\n-->\n"), ("pre", f"<pre>\n\n{{% tweet {POST} %}}\n\n</pre>\n"), ("raw", f"{{% raw %}}\n{{% twitter {POST} %}}\n{{% endraw %}}\n"),
        ("escaped", f"{{{{</* tweet {ID} */>}}}}\n\n{{{{%/* youtube AbCdEf_1234 */%}}}}\n"), ("brackets twice", f"[[tweet {POST}]]\n"),
    )),
    Case("after a sample", f"```\nx\n```\n\n{POST}\n", one("markdown-address", post=ID, day=None, text="")),
    Case("a fence that ends with its quote", f"> ```\n> x\n\n{POST}\n", one("markdown-address", post=ID, day=None, text="")),
    Case("a back-tick alone", f"It`s late\n\n{POST}\n", one("markdown-address", post=ID, day=None, text="")),
    # HTML
    Case("a quotation in HTML", f'<blockquote class="twitter-tweet"><p>A bus is late</p>&mdash; B. User (@b_user) <a href="{POST}">May 3, 2021</a></blockquote>\n\n{SIGNED}\n', one("html-blockquote", post=ID)),
    Case("a frame", '<iframe src="https://www.youtube.com/embed/AbCdEf_1234"></iframe>\n', one("iframe", "youtube", "AbCdEf_1234", None, "")),
    Case("a frame after a comment with another", f'<!-- <iframe src="https://www.youtube.com/embed/AbCdEf_9999"></iframe> -->\n\n<iframe src="https://www.youtube.com/embed/AbCdEf_1234"></iframe>\n\n<{POST}>\n', (*one("iframe", "youtube", "AbCdEf_1234", None, ""), *one("markdown-address", post=ID, day=None, text=""))),
)  # fmt: skip

CODES = (
    ("twitter", ID, (
        f'{{{{< tweet user="b_user" id="{ID}" >}}}}', f"{{{{< x user=b_user id={ID} >}}}}", f"{{{{% tweet {ID} %}}}}", f"{{{{<tweet {ID}>}}}}", f"{{{{< twitter_simple id='{ID}' />}}}}", f'{{{{< my-tweet-v2 user="b_user" id="{ID}" >}}}}',
        f"{{{{< embed >}}}}{POST}{{{{< /embed >}}}}", f'{{{{< social-embed url="{POST}" >}}}}', f"{{{{< embed/tweet {ID} >}}}}", f'{{{{ tweet(id="{ID}") }}}}', f'{{{{ twitter(url="{POST}", theme="dark") | safe }}}}',
        f"{{% twitter {POST} %}}", f"{{% tweet {ID} %}}", f"{{%- twitter oembed {POST} align=center -%}}", f'{{% embed url="{POST}" %}}', f'{{% include tweet.html id="{ID}" %}}', f'{{% include embed/post.html id="{ID}" provider="twitter" %}}',
        f"[tweet {POST}]", f'[tweet id="{ID}"]', f"[twitter id={ID} theme=dark]", f"[tweet]{ID}[/tweet]", f"[embed]{POST}[/embed]", f'[embed width="500"]{POST}[/embed]', f"[tweet id=”{ID}″]", f"[tweet {ID}]",
        f'<Tweet id="{ID}" />', f"<Tweet tweetId={{'{ID}'}} />", f"<TwitterTweetEmbed\n  tweetId={{\"{ID}\"}}\n  options={{}}\n/>", f'<Tweet tweetLink="b_user/status/{ID}" align="center"></Tweet>', f'<Embed url="{POST}" />', f"<XEmbed url={{\"{POST}\"}} />",
        f"::tweet[{ID}]", f"::tweet{{id={ID}}}", f"::tweet{{#{ID}}}", f"::embed[{POST}]", f"@[tweet]({ID})", f"%[{POST}]", f"[!embed]({POST})", f"{{{{tweet {POST}}}}}", f"{{{{[[tweet]]: {POST}}}}}", f"{{{{twitter {ID}}}}}", f".. tweet:: {ID}",
    )),
    ("youtube", "AbCdEf_1234", (
        "{{< youtube AbCdEf_1234 >}}", '{{< youtube id="AbCdEf_1234" title="A bus" autoplay=true >}}', "{% youtube AbCdEf_1234 %}", f"{{% youtube {TUBE} %}}", '{% include video id="AbCdEf_1234" provider="youtube" %}', f"[youtube {TUBE}&w=640&h=385]", f"[youtube={TUBE}]",
        f"[youtube]{TUBE}[/youtube]", "[youtube]AbCdEf_1234[/youtube]", '<YouTube id="AbCdEf_1234" />', f'<ReactPlayerEmbed url="{TUBE}" />', "@[youtube](AbCdEf_1234)", "::youtube[A bus]{#AbCdEf_1234}", "::youtube[AbCdEf_1234]", "{{youtube>AbCdEf_1234?medium}}", f"{{{{video {TUBE}}}}}", f"%[{TUBE}]",
    )),
    ("instagram", "CFpGqZwl9j5", ("{{< instagram CFpGqZwl9j5 >}}", "{% instagram CFpGqZwl9j5 %}", "[instagram url=https://www.instagram.com/p/CFpGqZwl9j5/ hidecaption=true]", '<InstagramEmbed url="https://www.instagram.com/p/CFpGqZwl9j5/" width={328} />')),
    ("mastodon", "one.example/113612162726645707", ('{{< stoot instance="one.example" id="113612162726645707" >}}', "{{< mastodon one.example 113612162726645707 >}}", '{{< toot "https://one.example/@some/113612162726645707" >}}')),
    ("bluesky", "someone.example/3latotljnec2h", (f'{{{{< bluesky link="{SKY}" >}}}}', f"{{% bluesky {SKY} %}}", f"[bluesky {SKY}]", f'<BlueskyPost src="{SKY}" />')),
)  # fmt: skip

NO_CODES = (
    "{{< tweet >}}", "{{< figure src=\"bus.jpg\" link=\"" + POST + "\" >}}", "{{< button href=\"" + POST + "\" >}}", "{{< twitter-follow user=\"b_user\" >}}", f"{{{{< tweet-button url=\"{POST}\" >}}}}", "{{ .Get \"id\" }}", "{{ range $tweets }}", "{{ partial \"tweet.html\" . }}",
    "{% youtube %}", "{% link " + POST + " %}", "{% if tweet %}", f"[tweet]({POST})", "[tweet][1]", "[tweet]: /x", "[x] done", "[Twitter 2020]", "[YouTube, 2020]", "[instagram photographers]", "[Facebook 2021a]", f"[a tweet {POST}]", "<TwitterIcon id=\"5\" />", f"<TwitterShareButton url=\"{POST}\">", f"<TwitterTimelineEmbed url=\"{POST}\" />",
    f"<Link href=\"{POST}\">", "::: tip Tweet", "::tweet", f"::note[{POST}]", f"@[b_user]({POST})", f"\\[tweet {POST}]", f'<Tweet caption="{POST}" />', "{{< youtube channel >}}",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_cases(case: Case, newline: str) -> None:
    found = find(case.text.replace("\n", newline))
    shown = [
        (
            each.form,
            each.platform.name,
            each.ref.post_id if each.ref else each.handle,
            str(each.posted) if each.posted else None,
            each.text,
        )
        for each in found
    ]
    assert tuple(shown) == case.found


@pytest.mark.parametrize(
    ("platform", "post", "code"), [(platform, post, code) for platform, post, codes in CODES for code in codes]
)
def test_short_codes(platform: str, post: str, code: str) -> None:
    (found,) = [each for each in find(f"Before it.\n\n{code}\n\nAfter it.\n") if each.form == "shortcode"]
    assert found.ref is not None
    assert (found.platform.name, found.ref.post_id, found.form, found.offset) == (platform, post, "shortcode", 12)
    assert found.permalink is not None
    assert found.permalink in code


@pytest.mark.parametrize("code", NO_CODES)
def test_no_short_codes(code: str) -> None:
    assert find(f"Before it.\n\n{code}\n\nAfter it.\n") == []


def test_what_a_short_code_says_of_the_author() -> None:
    (found,) = find(f'{{{{< tweet user="b_user" id="{ID}" >}}}}\n')
    assert (found.handle, found.permalink, found.links) == ("b_user", ID, ())


def test_places_are_those_in_the_article() -> None:
    text = f"---\na: b\n---\n\nÅ `code` 𝕏\n\n{POST}\n\n```\nx\n```\n\nA bus is late\n\n{SIGNED}\n\n**Embed:**\n\nX\n\n{LINKED}\n\n{{{{< youtube AbCdEf_1234 >}}}} <!-- x --> ![]({SKY})\n"
    starts = [text[found.offset :].split("\n")[0][:12] for found in find(text)]
    assert starts == [POST[:12], "A bus is lat", "**Embed:**", "{{< youtube ", "![](https://"]


def test_all_that_is_known_of_a_signed_post() -> None:
    (found,) = find(f"A bus is late https://t.co/AbCdEf1234 [pic.twitter.com/AbCdEf5678](#)\n\n{LINKED}\n")
    assert (found.author, found.handle, found.permalink) == ("B. User", "b_user", POST + "?s=20")
    assert found.links == ("https://t.co/AbCdEf1234", "https://pic.twitter.com/AbCdEf5678", POST + "?s=20")
    assert found.signature == "— B. User (@b_user) May 3, 2021"
    assert found.ref is not None
    assert found.ref.post_id == ID


def test_forms_are_described_and_no_other_is_given() -> None:
    own = {form for case in CASES for form, *_ in case.found} - {"html-blockquote", "iframe"}
    assert own == set(markdown.FORMS)


@pytest.mark.parametrize(
    ("line", "handle"),
    [
        ("— A (@a) May 3, 2021", "a"),
        ("— A (@a)", "a"),
        ("— @a", None),
        ("A (@a) May 3, 2021", None),
        ("— A (@" + "a" * 31 + ")", None),
        ("— A @ home, May 3, 2021", None),
        ("— a@b.example May 3, 2021", None),
    ],
)
def test_signatures(line: str, handle: str | None) -> None:
    signed = signature(line)
    assert (signed.handle if signed else None) == handle


def test_an_article_without_html_imports_no_parser() -> None:
    code = f"import sys; from archiver.embeds import markdown; from archiver.embeds.posts import Posts; from archiver.platforms import PLATFORMS\nprint(len(list(markdown.find({f'A bus is late {SIGNED} <{POST}> < 3'!r}, Posts(tuple(PLATFORMS.values()))))), {{'selectolax', 'bs4', 'dateparser'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.split() == ["1", "set()"]


BOMBS = (
    "[", "![", "![[", "<", "<a ", "<a href=", "<A ", "<iframe ", "<blockquote>", "<pre>", "<!--", ">", "> ", "*", "**", "_", "`", "` ``", "```\n", "~~~\n", "{{< ", "{{< tweet ", "{% ", "{{tweet ", "{{ tweet(", "{% raw %}", "[tweet ", "[tweet]", "[embed]x", "::tweet[", "::a\n", "@[a](", "%[https://", "\\", "\\[",
    "— ", "—", "-", "- ", "-- ", "@", "(@", " (@a)", "— A (@a) ", "— A (@a) May 3, 2021\n", "x — A (@a) May 3, 2021\n", "x — A (@a) May 3, 2021\n\n", "x\n\n— A (@a) May 3, 2021\n\n", "Embed:\n", "Embed:\n\n", "**Embed:**\n\nx\n\n", "Embed: ", "# ", "# \n", "#", "1. ", "- x\n", "    x\n\n", "\t", " ", "\n", " \n", "\r", "x\n",
    "https://", "https://x.com/a/status/1 ", "https://x.com/a/status/1\n\n", f"![]({POST})\n", "pic.twitter.com/", "http", "]: ", "[a]: x\n", "|", "&", "&mdash;", "&#8212;", "— A (@a) 14 août 2020\n\n", "a@b — ", "§", "\x00", "—@", "<br>", "</a", "%% ", "=", "a=", "'", '"',
    "Skip Twitter post by @a ", "End of Twitter post by @a ", "Skip Twitter post by @a\n\nEnd of Twitter post by @a\n\n", "— A (@a) May 3, 2021 ", "— A (@a) May 3, 2021T", "(@a) May 3, 2021", "pic.twitter.com/AbCdEf1234 A (@a) May 3, 2021 ",
    "View this post on Instagram ", "View this post on InstagramA post shared by A (@a)", "A post shared by (@a) ", "> [!tweet] @a · May 3, 2021\n\n", "```youtube\n", "```youtube\na: b\n", "::a\n---\n", "::a\n---\nb: c\n", "`r a('", "`r a('b')`\n", "[https://a/b:embed#", "## Embed\n\nx\n\n",
)  # fmt: skip


HEAVY = (
    "[",
    "![",
    ">",
    "*",
    "`",
    "` ``",
    "# \n",
    "Embed:\n",
    "{{< tweet ",
    "x\n\n— A (@a) May 3, 2021\n\n",
    "— A (@a) 14 août 2020\n\n",
)


@pytest.mark.parametrize(
    ("bomb", "size", "seconds"), [*((bomb, 100_000, 20) for bomb in BOMBS), *((bomb, 2_000_000, 60) for bomb in HEAVY)]
)
def test_a_bomb_ends_soon(bomb: str, size: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.embeds.html.find", lambda *_: iter(()))  # the parser of HTML has bombs of its own
    text = bomb * (size // len(bomb))
    started = time.process_time()
    for _ in markdown.find(text, Posts(tuple(PLATFORMS.values()))):
        pass
    assert time.process_time() - started < seconds


@pytest.mark.parametrize("bomb", ["<a ", "<", "<br>", "<a>", "<!--"])
def test_a_bomb_of_tags_ends_soon(bomb: str) -> None:
    started = time.process_time()
    with suppress(SourceError):  # refused with a reason
        find(bomb * 100_000)
    assert time.process_time() - started < 30


PAGES = SHARED / "corpus" / "pages"


@pytest.mark.skipif(not PAGES.is_dir(), reason="the corpus is not part of the project")
def test_the_pages_of_the_corpus() -> None:
    loader = SourceFileLoader("score", str(SHARED / "corpus" / "score"))
    spec = importlib.util.spec_from_loader("score", loader)
    assert spec is not None
    score = importlib.util.module_from_spec(spec)
    loader.exec_module(score)
    truth = [
        row
        for line in (SHARED / "corpus" / "truth.jsonl").read_text("utf-8").splitlines()
        if (row := json.loads(line))["file"].endswith(".md")
    ]
    lines = {}
    for row in truth:
        lines[row["file"]] = [
            {
                "platform": one.platform.name,
                "form": one.form,
                "handle": one.handle,
                "posted": str(one.posted),
                "text": one.text,
                "links": one.links,
                "post_id": one.ref.post_id if one.ref else None,
                "url": one.platform.canonical_url(one.ref) if one.ref else None,
            }
            for one in find((PAGES / row["file"]).read_text("utf-8"))
        ]
    assert len(truth) >= 12
    wrong = [row for row in score.score(truth, lines) if row[0] != "hit"]
    assert {(row[0], *row[3][:2]) for row in wrong} <= {  # what was not written down: tests/test_corpus.py says where it stands
        ("false", "instagram", "durf"), ("false", "instagram", "lulydibuja"), ("false", "instagram", "panos.zacharis"),
    }  # fmt: skip
