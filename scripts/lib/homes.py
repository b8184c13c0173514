"""Make, sign, check and compare the home files of many homes (R51). See docs/home-file.md."""

import argparse
from collections.abc import Iterable
import os
from pathlib import Path
import sys

from custom_components.kvarbo.home_file.differ import Change
from custom_components.kvarbo.home_file.profile import (
    Place,
    differs,
    make,
    read_places,
    read_profile,
)
from custom_components.kvarbo.home_file.reader import line_at, read_home_file
from custom_components.kvarbo.home_file.rows import HomeFile
from custom_components.kvarbo.home_file.signature import (
    BadKeyError,
    check,
    new_keys,
    parted,
    sign,
)
from custom_components.kvarbo.home_file.tree import FileFlaw, HomeFileError
from custom_components.kvarbo.home_file.writer import write_home_file
from custom_components.kvarbo.home_file_rows import receiver_flaws

#: Something is wrong with a file, or homes differ; and the tool cannot do what it is asked.
FOUND, CANNOT = 1, 2


class CannotError(Exception):
    """What the tool is asked for cannot be done; says why."""


def read(path: Path) -> str:
    """Return a file's text; raises `CannotError`."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise CannotError(f"{path}: it is not UTF-8 text") from err
    except OSError as err:
        raise CannotError(f"{path}: {err.strerror}") from err


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as err:
        raise CannotError(f"{path}: {err.strerror}") from err


def say_flaws(name: object, flaws: Iterable[FileFlaw]) -> None:
    """Name each flaw by file, line and field, as compilers do."""
    for flaw in flaws:
        print(f"{name}:{flaw.line}: {flaw.field}: {flaw.problem}", file=sys.stderr)


def deep_flaws(home: HomeFile, text: str) -> list[FileFlaw]:
    """Return what receivers themselves would refuse of their settings."""
    return [
        FileFlaw(line_at(text, path), path, flaw.problem)
        for at, row in enumerate(home.receivers or (), 1)
        for flaw in receiver_flaws(row, demo=False, controller=home.home.controller)
        for path in [f"receivers[{at}].{flaw.field}"]
    ]


def made(profile_path: Path, list_path: Path) -> list[tuple[Place, HomeFile]]:
    """Return the files of all homes; raises `CannotError` after saying what is wrong."""
    try:
        profile = read_profile(read(profile_path))
    except HomeFileError as err:
        say_flaws(profile_path, err.flaws)
        raise CannotError("nothing was written") from err
    homes: list[tuple[Place, HomeFile]] = []
    flaws: list[FileFlaw] = []
    try:
        places = read_places(read(list_path))
    except HomeFileError as err:
        say_flaws(list_path, err.flaws)
        raise CannotError("nothing was written") from err
    for place in places:
        try:
            homes.append((place, make(profile, place)))
        except HomeFileError as err:
            flaws += err.flaws
    if flaws:
        say_flaws(list_path, flaws)
        raise CannotError("nothing was written")
    return homes


def make_files(arguments: argparse.Namespace) -> int:
    """Write a file for each home, all or none."""
    key = None if arguments.sign is None else read(arguments.sign)
    homes = made(arguments.profile, arguments.list)
    texts = {place.controller: write_home_file(home) for place, home in homes}
    if key is not None:
        texts = {number: sign(text, key) for number, text in texts.items()}
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for number, text in texts.items():
        replace(arguments.folder / f"{number}.yaml", text)
    print(f"{len(texts)} files in {arguments.folder}")
    return 0


def check_files(arguments: argparse.Namespace) -> int:
    """Say what is wrong with files."""
    wrong = 0
    for path in arguments.files:
        text = read(path)
        try:
            body = parted(text).text if arguments.key is None else check(text, arguments.key)
            flaws = deep_flaws(read_home_file(body), body)
        except HomeFileError as err:
            flaws = list(err.flaws)
        say_flaws(path, flaws)
        wrong += bool(flaws)
    print(f"{len(arguments.files)} files, {wrong} of them cannot be used")
    return FOUND if wrong else 0


def sign_files(arguments: argparse.Namespace) -> int:
    """Sign files that can be used; one that cannot is never vouched for."""
    key = read(arguments.private)
    texts: dict[Path, str] = {}
    for path in arguments.files:
        text = read(path)
        try:
            read_home_file(parted(text).text)
        except HomeFileError as err:
            say_flaws(path, err.flaws)
            raise CannotError("nothing was signed") from err
        texts[path] = sign(text, key)
    for path, text in texts.items():
        replace(path, text)
    print(f"{len(texts)} files signed")
    return 0


def differ(arguments: argparse.Namespace) -> int:
    """Say which homes differ from what their profile and list make of them."""
    differing = 0
    for place, wanted in made(arguments.profile, arguments.list):
        path = arguments.folder / f"{place.controller}.yaml"
        if not path.is_file():
            print(f"{place.controller}: there is no file of it")
            differing += 1
            continue
        try:
            found = differs(read_home_file(parted(read(path)).text), wanted)
        except HomeFileError as err:
            say_flaws(path, err.flaws)
            differing += 1
            continue
        for change in found:
            print(f"{place.controller}: {_told(change)}")
        differing += bool(found)
    print(f"{differing} homes differ")
    return FOUND if differing else 0


def _told(change: Change) -> str:
    return f"{change.path}: {_shown(change.old)} in the profile, {_shown(change.new)} in the home"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def make_keys(arguments: argparse.Namespace) -> int:
    """Make a pair of keys; the private one is for its owner's eyes only."""
    private, public = new_keys()
    try:
        handle = os.open(arguments.private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as err:
        raise CannotError(f"{arguments.private}: {err.strerror}") from err
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(private + "\n")
    print(public)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    command = argparse.ArgumentParser(prog="scripts/homes", description=__doc__)
    doing = command.add_subparsers(required=True)
    for name, work in (("make", make_files), ("differ", differ)):
        sub = doing.add_parser(name)
        sub.add_argument("profile", type=Path)
        sub.add_argument("list", type=Path)
        sub.add_argument("folder", type=Path)
        sub.set_defaults(work=work)
        if name == "make":
            sub.add_argument("--sign", type=Path, metavar="KEY")
    sub = doing.add_parser("check")
    sub.add_argument("files", type=Path, nargs="+")
    sub.add_argument("--key", metavar="PUBLIC")
    sub.set_defaults(work=check_files)
    sub = doing.add_parser("sign")
    sub.add_argument("private", type=Path)
    sub.add_argument("files", type=Path, nargs="+")
    sub.set_defaults(work=sign_files)
    sub = doing.add_parser("keys")
    sub.add_argument("private", type=Path)
    sub.set_defaults(work=make_keys)
    return command


def main(words: list[str] | None = None) -> int:
    """Do what the command line asks for; return its exit code."""
    arguments = parser().parse_args(words)
    try:
        done: int = arguments.work(arguments)
    except CannotError as err:
        print(err, file=sys.stderr)
        return CANNOT
    except BadKeyError:
        print("the key is none: 32 octets as base64 are wanted", file=sys.stderr)
        return CANNOT
    return done


if __name__ == "__main__":
    sys.exit(main())
