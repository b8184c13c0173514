"""Which Python is taken, and from where."""

from pathlib import Path

import pytest

from tests.scripts.shell import bash

LIBRARY = "source scripts/lib/python.sh;"


def fake_python(path: Path, *, usable: bool) -> Path:
    """Put a program at `path` that answers as a Python would.

    A fake, as no machine has all the Pythons that must be told apart.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = 0 if usable else 1
    path.write_text(
        f'#!/bin/bash\n[[ $1 != -c ]] || {{ echo "$0"; exit 0; }}\nexit {answer}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "usable"),
    [("(3, 14, 2)", True), ("(3, 14, 1)", False), ("(3, 13, 9)", False), ("(3, 15, 0)", False)],
)
def test_only_3_14_2_or_newer_will_do(tmp_path: Path, version: str, usable: bool) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/bash\n"
        f'exec python3 -c "import sys; sys.version_info = {version}; exec(sys.stdin.read()'
        ".replace('import sys, bz2, ctypes, lzma, sqlite3, ssl, venv, zlib', ''))\"\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    done = bash(LIBRARY + 'python_is_usable "$1" && echo yes || echo no', python)
    assert done.stdout.strip() == ("yes" if usable else "no")


def test_a_python_without_what_home_assistant_needs_will_not_do(tmp_path: Path) -> None:
    python = fake_python(tmp_path / "python", usable=False)
    done = bash(LIBRARY + 'python_is_usable "$1" && echo yes || echo no', python)
    assert done.stdout.strip() == "no"


def test_the_machines_own_comes_first(tmp_path: Path) -> None:
    own = fake_python(tmp_path / "python3.14", usable=True)
    done = bash(LIBRARY + "choose_python", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout.strip() == str(own)


def test_the_machines_python3_will_do_if_new_enough(tmp_path: Path) -> None:
    fake_python(tmp_path / "python3.14", usable=False)
    own = fake_python(tmp_path / "python3", usable=True)
    done = bash(LIBRARY + "choose_python", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout.strip() == str(own)


def test_an_activated_environment_of_ours_is_no_answer(tmp_path: Path) -> None:
    # The folder that is worked in is tmp_path here, and so is the Python on the path.
    (tmp_path / "scripts").symlink_to(Path(__file__).parents[2] / "scripts")
    fake_python(tmp_path / ".venv/bin/python3.14", usable=True)
    done = bash(
        LIBRARY + "_machine_python || echo none",
        root=tmp_path,
        PATH=f"{tmp_path}/.venv/bin:/usr/bin:/bin",
    )
    assert str(tmp_path) not in done.stdout


def test_a_way_that_does_not_work_is_said() -> None:
    code = LIBRARY + "_machine_python() { return 1; }; choose_python machine"
    done = bash(code)
    assert done.returncode == 1
    assert "no Python 3.14.2 or newer by way of machine" in done.stderr


def test_the_ways_are_tried_in_order_and_each_is_told(tmp_path: Path) -> None:
    (tmp_path / "scripts").symlink_to(Path(__file__).parents[2] / "scripts")
    code = LIBRARY + (
        "for way in _machine_python _found_uv_python _found_debian_python _uv_python; do"
        ' eval "$way() { say tried $way; return 1; }"; done;'
        "_debian_python() { say tried _debian_python; echo /prefix/python; };"
        "choose_python"
    )
    done = bash(code, root=tmp_path)
    assert done.stdout.strip() == "/prefix/python"
    tried = [line.removeprefix("tried ") for line in done.stderr.splitlines() if "tried" in line]
    assert tried == [
        "_machine_python",
        "_found_uv_python",
        "_found_debian_python",
        "_uv_python",
        "_debian_python",
    ]


@pytest.mark.parametrize(
    ("sources", "mirror"),
    [
        (
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: x\n",
            "http://mirror.example/debian",
        ),
        (
            "URIs: http://m.example/debian/ http://other.example/debian\n",
            "http://m.example/debian/",
        ),
        ("deb [arch=amd64 signed-by=/k] ftp://m.example/debian x main\n", "ftp://m.example/debian"),
        ("deb http://m.example/debian x main\n", "http://m.example/debian"),
        ("URIs: mirror+file:///etc/m/debian.list\n", "mirror+file:///etc/m/debian.list"),
        ("URIs: http://m.example/debian-security\n", ""),
        ("# deb http://m.example/debian x main\n", ""),
        ("deb-src http://m.example/debian x main\n", ""),
    ],
)
def test_the_mirror_is_the_one_that_the_machine_names(
    tmp_path: Path, sources: str, mirror: str
) -> None:
    (tmp_path / "list").write_text(sources, encoding="utf-8")
    done = bash(
        'source scripts/lib/private_python.sh; _mirror_in "$@" || true',
        tmp_path / "missing",
        tmp_path / "list",
    )
    assert done.stdout.strip() == mirror


def test_a_private_python_that_was_moved_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "scripts").symlink_to(Path(__file__).parents[2] / "scripts")
    fake_python(tmp_path / ".python/debian/usr/bin/python3.14", usable=True)
    note = tmp_path / ".python/debian/made-at"
    ask = LIBRARY + "_found_debian_python || echo none"

    note.write_text("/elsewhere/.python/debian\n", encoding="utf-8")
    assert bash(ask, root=tmp_path).stdout.strip() == "none"
    note.write_text(f"{tmp_path}/.python/debian\n", encoding="utf-8")
    assert bash(ask, root=tmp_path).stdout.strip().endswith(".python/debian/usr/bin/python3.14")
