"""Stories compiled in the test, for what no published story exercises: custom alphabets, a Unicode
table of the story's own, `catch` and `throw` over many frames, tables saved by themselves. The text
is compared with that of dfrotz."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.zmachine import Game

SOURCE = """
Zcharacter "etaoinshrdlucmfpgwybvkxjqz" "ETAOINSHRDLUCMFPGWYBVKXJQZ" "0123456789!$&*():;.,<>-";
Zcharacter table + '@{20AC}' '@{3B1}' '@{3B2}';
Array line -> 63;
Array parsed -> 20;
Array notes string "notes";
[ Deep depth frame;
    if (depth == 0) { @throw 4711 frame; }
    return Deep(depth - 1, frame);
];
[ Catcher frame;
    @catch -> frame;
    Deep(20, frame);
    print "not reached^";
];
[ Main i;
    print "The quick brown fox jumps over the lazy dog! 0123456789 (a;b) <c> -^";
    print "Euro @{20AC}, alpha @{3B1}, beta @{3B2}, umlaut @:a, sharp @ss^";
    print "thrown ", Catcher(), "^";
    line->0 = 60;
    parsed->0 = 4;
    print ">";
    read line parsed;
    print "words ", parsed->1, " length ", parsed->4, "^";
    for (i = 0 : i < line->1 : i++) print line->(i + 2), " ";
    @check_unicode $20AC -> i;
    print "can ", i & 1, " ";
    @print_unicode $3B1;
    new_line;
#Ifdef TABLES;
    for (i = 0 : i < 10 : i++) line->i = i * i;
    @save line 10 notes -> i;
    print "saved ", i, "^";
    for (i = 0 : i < 10 : i++) line->i = 0;
    @restore line 10 notes -> i;
    print "restored ", i, ":";
    for (i = 0 : i < 10 : i++) print " ", line->i;
    new_line;
#Endif;
    quit;
];
Object thing "jumping jack" with name 'jumping' 'jack';
"""

LINE = "jumping jack"


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/games")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def compile_story(folder: Path, version: int, *options: str) -> Path:
    source = folder / "story.inf"
    source.write_text(SOURCE)
    story = folder / f"story.z{version}"
    command = [program("inform"), f"-v{version}", *options, str(source), str(story)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert story.exists(), made.stdout
    return story


@pytest.mark.parametrize("version", [5, 8])
def test_alphabets_unicode_and_throw_like_frotz(
    tmp_path: Path, device: tw.Device, version: int
) -> None:
    story = compile_story(tmp_path, version)
    frotz = subprocess.run(
        [program("dfrotz"), "-m", "-q", "-s", "12", "-w", "80", str(story)],
        input=f"{LINE}\n".encode(),
        capture_output=True,
    )
    with Game(story, device, seed=12) as game:
        text = game.read() + game.send(LINE)
        assert game.finished
    assert "Euro \u20ac, alpha \u03b1, beta \u03b2, umlaut \u00e4, sharp \u00df" in text
    assert "thrown 4711" in text
    assert text.split() == frotz.stdout.decode().split()


def test_tables_are_saved_by_themselves(tmp_path: Path, device: tw.Device) -> None:
    story = compile_story(tmp_path, 5, "--define", "TABLES=1")
    with Game(story, device) as game:
        game.read()
        game.send(LINE)
        assert game.file_request == "save"
        data = game.save()
        assert data == bytes(i * i for i in range(10))
        text = game.read()
        assert game.file_request == "restore"
        game.load(data)
        text += game.read()
        assert game.finished
    assert text.split("\n")[0] == "saved 1"
    assert "restored 10: 0 1 4 9 16 25 36 49 64 81" in text
