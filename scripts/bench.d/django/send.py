"""Sends the digest to so many readers as a Django service would: EmailMultiAlternatives over
one open connection, and Jinja2 rendering Paper Round's own templates for each reader. Prints
one JSON line.

usage: python send.py PORT MAILS TEMPLATES CONTEXT [KEY]
"""

import json
import pathlib
import re
import resource
import sys
import textwrap
import time

import jinja2
import markupsafe
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

PORT, MAILS, TEMPLATES, CONTEXT, *KEY = sys.argv[1:]


class Signing(EmailBackend):
    """Django signs nothing itself: the usual way is to sign the bytes on their way out."""

    def _send(self, email_message):
        import dkim

        encoding = email_message.encoding or settings.DEFAULT_CHARSET
        sender = sanitize_address(email_message.from_email, encoding)
        text = email_message.message().as_bytes(linesep="\r\n")
        signature = dkim.sign(text, b"rsa", b"digest.example", KEY_TEXT)
        self.connection.sendmail(sender, email_message.recipients(), signature + text)
        return True


KEY_TEXT = pathlib.Path(KEY[0]).read_bytes() if KEY else b""


def wrap(text, indent):
    joint = "\n" + " " * indent
    return joint.join(textwrap.wrap(str(text), 78 - indent, break_long_words=False))


def words():
    """The English words: the few forms of Project Fluent that they have, which is less work than
    a library for it would do."""
    source = (pathlib.Path(TEMPLATES) / "../../locales/en.ftl").read_text(encoding="utf8")
    found = re.findall(r"^([a-z-]+) = (.*(?:\n(?: .*|\}.*))*)", source, re.M)
    messages = dict(found)

    @jinja2.pass_eval_context
    def say(context, name, **parts):
        text = messages[name]
        if choice := re.match(r"\{ \$(\w+) ->(.*)\}$", text, re.S):
            forms = [line for line in choice[2].split("\n") if "]" in line]
            one = len(forms) > 1 and parts[choice[1]] == 1
            text = forms[0 if one else -1].split("] ", 1)[1]
        if context.autoescape:
            parts = {name: markupsafe.escape(part) for name, part in parts.items()}
        text = re.sub(r"\{ \$(\w+) \}", lambda found: str(parts[found[1]]), text)
        return markupsafe.Markup(text) if context.autoescape else text

    return say


def main():
    settings.configure(DEFAULT_CHARSET="utf-8", USE_TZ=True)
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(
        wrap=wrap,
        shorten=lambda text, most: text[:most],
        pad=lambda text, columns: str(text).ljust(columns),
        number=lambda number: f"{number:,}",
    )
    engine.globals["t"] = words()
    html, text = engine.get_template("digest.html"), engine.get_template("digest.txt")
    context = json.loads(pathlib.Path(CONTEXT).read_text(encoding="utf8"))
    subject = engine.get_template("digest.subject").render(context).strip()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    place = {"host": "127.0.0.1", "port": int(PORT)}
    connection = Signing(**place) if KEY else get_connection(backend, **place)
    connection.open()
    cpu, wall = time.process_time(), time.perf_counter()
    sent = 0
    for number in range(int(MAILS)):
        to = f"reader{number:07}@example.org"
        own = {**context, "recipient": to}
        mail = EmailMultiAlternatives(
            subject,
            text.render(own),
            "Paper Round <papers@digest.example>",
            [to],
            connection=connection,
            headers={"List-Unsubscribe": f"<{context['contact_url']}>"},
        )
        mail.attach_alternative(html.render(own), "text/html")
        sent += mail.send()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    connection.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mails": sent, "wall_s": wall, "cpu_s": cpu, "rss_peak_mib": peak}))


main()
