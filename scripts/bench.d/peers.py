"""The peers, installed with pinned versions into a cache folder: nodemailer's pool with nunjucks,
and Django's mail with Jinja2, both rendering our own templates for each reader."""

import json
import pathlib
import shutil
import subprocess
import sys

from servers import Missing, timed

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATES = HERE.parent.parent / "templates/mail"
CACHE = pathlib.Path.home() / ".cache/paperround-bench"


def quiet(words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise Missing(f"{words[0]}: {done.stderr.strip()[-200:]}")


def nodemailer():
    """The command, with its packages installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("Node and npm are not installed")
    place = CACHE / "nodemailer"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "send.js"):
        shutil.copy(HERE / "nodemailer" / name, place / name)
    if not (place / "node_modules/nodemailer").exists():
        quiet(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=place)
    return ["node", place / "send.js"]


def django():
    place = CACHE / "django"
    python = place / "bin/python"
    if not (place / "installed").exists():
        quiet([sys.executable, "-m", "venv", place])
        quiet([python, "-m", "pip", "install", "-q", "-r", HERE / "django/requirements.txt"])
        (place / "installed").touch()
    return [python, HERE / "django/send.py"]


def measure(name, world, port, mails, connections, signed):
    """One run: mails a second, CPU seconds per 1,000 mails, peak memory in MiB."""
    context = world.folder / "context.json"
    key = [world.keys / "rsa.pem"] if signed else []
    if name == "nodemailer":
        words = [*nodemailer(), port, mails, connections, TEMPLATES, context, *key]
    else:
        words = [*django(), port, mails, TEMPLATES, context, *key]
    out, wall, cpu, peak = timed(words)
    said = json.loads(out.strip().splitlines()[-1])
    wall = said.get("wall_s", wall)
    return {
        "per_s": mails / wall,
        "cpu_per_1000_s": said.get("cpu_s", cpu) * 1000 / mails,
        "rss_mib": peak,
    }
