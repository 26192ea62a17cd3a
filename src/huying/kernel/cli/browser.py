"""A Chromium for tests and screenshots: the machine's own, or one from an npm package (no root, no apt)."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

from huying.kernel.cli import frontend, places, say
from huying.kernel.trouble import Trouble

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CHINESE = (
    "cjk",
    "notosanssc",
    "sourcehan",
    "wqy",
    "simsun",
    "simhei",
    "msyh",
    "pingfang",
    "droidsansfallback",
    "uming",
    "ukai",
)
WEIGHTS = ("400Regular", "500Medium", "700Bold")
# node reads the package's brotli files; Python's standard library cannot.
UNPACK = (
    "const z=require('zlib'),fs=require('fs'),s=require('stream');"
    "s.pipeline(fs.createReadStream(process.argv[1]),z.createBrotliDecompress(),"
    "fs.createWriteStream(process.argv[2]),e=>{if(e){console.error(e);process.exit(1)}})"
)
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>Noto Sans CJK SC</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Noto Sans SC</family><family>Open Sans</family></prefer></alias>
</fontconfig>
"""


def of_this_machine() -> str:
    """Path of the browser in HUYING_CHROMIUM or on PATH; empty when there is none.

    Raises Trouble when HUYING_CHROMIUM names something that cannot be run.
    """
    if chosen := os.environ.get("HUYING_CHROMIUM", ""):
        if not os.access(chosen, os.X_OK):
            raise Trouble(f"HUYING_CHROMIUM names {chosen}, which is no program that can be run.")
        return chosen
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def knows_chinese() -> bool:
    """True when the machine has a font with Chinese letters (without one, screenshots are full of boxes)."""
    if lister := shutil.which("fc-list"):
        asked = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
        return bool(asked.stdout.strip())
    for folder in FONT_FOLDERS:
        for path in Path(folder).expanduser().rglob("*.[to]t[fc]"):
            if any(word in path.name.lower().replace("-", "").replace("_", "") for word in CHINESE):
                return True
    return False


def ensure(where: places.Places) -> dict[str, str]:
    """Environment variables under which tests find a browser that draws Chinese; installed first when there is none."""
    own = of_this_machine()
    env = {"PLAYWRIGHT_NODEJS_PATH": frontend.node()}  # its own node needs a library that small systems lack
    if own and knows_chinese():
        return {**env, "HUYING_CHROMIUM": own}
    folder = packaged(where)
    if own:
        return {**env, "HUYING_CHROMIUM": own, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    return {**env, "HUYING_CHROMIUM": str(folder / "chromium.sh")}


def packaged(where: places.Places) -> Path:
    """Folder of the packaged browser and font, made when missing or when its lock file changed."""
    source = where.checkout / "tests" / "browser" if where.checkout else None
    if source is None or not source.exists():
        raise Trouble("There is no Chromium on this machine: install one, or name it in HUYING_CHROMIUM.")
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise Trouble(
            "The packaged Chromium is for Linux on x86-64 only: install Chromium, or name it in HUYING_CHROMIUM."
        )
    target = where.home / "browser"
    facts = {
        "lock": places.fingerprint([source / "package-lock.json", Path(__file__)]),
        "folder": str(target),
    }
    with places.only_one(where.home / "setup.lock"):
        if places.stamp_matches(target / "stamp.json", facts):
            return target
        if target.exists():
            shutil.rmtree(target)
        npm = target / "npm"
        npm.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(source / name, npm / name)
        frontend.npm_ci(where, npm, "Browser and Chinese font for the tests")
        with say.step("Browser: unpack"):
            _unpack(npm / "node_modules", target)
        shutil.rmtree(npm)
        places.write_stamp(target / "stamp.json", facts)
    return target


def _unpack(modules: Path, target: Path) -> None:
    packed = modules / "@sparticuz" / "chromium" / "bin"
    for name in ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"):
        argv = [frontend.node(), "-e", UNPACK, str(packed / f"{name}.br"), str(target / name)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"The packaged Chromium could not be unpacked into {target}: {done.stderr.strip()}")
        if name.endswith(".tar"):
            _extract(target / name, target)
            (target / name).unlink()
    for weight in WEIGHTS:
        font = modules / "@expo-google-fonts" / "noto-sans-sc" / weight / f"NotoSansSC_{weight}.ttf"
        shutil.copy(font, target / "fonts" / font.name)
    (target / "fonts.conf").write_text(FONTS_CONF.format(fonts=target / "fonts", cache=target / "font-cache"))
    program = target / "chromium"
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    script = target / "chromium.sh"
    script.write_text(
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH='{target / 'lib'}'${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\n"
        f"export FONTCONFIG_FILE='{target / 'fonts.conf'}'\n"
        f"exec '{program}' \"$@\"\n"
    )
    script.chmod(0o755)


def _extract(packed: Path, target: Path) -> None:
    """Plain files of an archive below ``target`` and nothing else (early 3.11 has no extraction filters)."""
    with tarfile.open(packed) as archive:
        for member in archive:
            path = (target / member.name).resolve()
            if not member.isfile() or not path.is_relative_to(target):
                continue
            content = archive.extractfile(member)
            assert content is not None
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
            path.chmod(0o755 if member.mode & 0o100 else 0o644)
