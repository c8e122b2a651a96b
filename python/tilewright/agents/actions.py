"""What an agent can type here: commands made of the story's own words.

No story says which commands it understands. These are made of the verbs that most stories have, as
far as the dictionary of this one knows them, and of the names of what is in sight; which of them do
anything, only trying tells (`FrotzEnv.get_valid_actions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tilewright.zmachine import Object, Word

ALONE = (
    *("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"),
    *("up", "down", "in", "out", "enter", "exit", "jump", "pray", "wave", "dig", "sleep"),
)
WITH_ONE = (
    *("take", "drop", "open", "close", "read", "eat", "drink", "enter", "climb", "move", "push"),
    *("pull", "turn", "turn on", "turn off", "light", "wear", "remove", "ring", "raise", "lower"),
    *("wind", "inflate", "search", "kick", "charge", "fix", "unlock", "lock", "press", "shake"),
)
#: The first thing is one that the player holds.
WITH_TWO = (
    *("put {} in {}", "put {} on {}", "give {} to {}", "throw {} at {}", "tie {} to {}"),
    *("unlock {1} with {0}", "lock {1} with {0}", "attack {1} with {0}", "turn {1} with {0}"),
    *("light {1} with {0}", "dig {1} with {0}", "cut {1} with {0}", "fill {0} with {1}"),
)


def word_length(version: int) -> int:
    """How many characters of a word a story of this version keeps."""
    return 6 if version <= 3 else 9


def grammar_of(dictionary: Mapping[str, Word], version: int) -> list[str]:
    """The forms that commands are made of, with OBJ where a noun goes, as far as the story has
    words for them."""
    forms = [*ALONE, *(f"{verb} OBJ" for verb in WITH_ONE)]
    forms += [
        form.replace("{0}", "{}").replace("{1}", "{}").format("OBJ", "OBJ") for form in WITH_TWO
    ]
    return [form for form in forms if is_known(form.replace("OBJ", ""), dictionary, version)]


def is_known(words: str, dictionary: Mapping[str, Word], version: int) -> bool:
    """The story has all of these words."""
    return all(word[: word_length(version)] in dictionary for word in words.split())


def noun_of(thing: Object, dictionary: Mapping[str, Word], version: int) -> str | None:
    """A word that means the object: the last of its name that the story knows, or else one that
    its properties point to; None if the story has no word for it."""
    for word in reversed(thing.name.lower().split()):
        word = word.strip(".,'\"()")
        if len(word) > 1 and word[: word_length(version)] in dictionary:
            return word
    places = {word.address: text for text, word in dictionary.items()}
    for data in thing.properties.values():
        for at in range(0, len(data) - 1, 2):
            text = places.get(int.from_bytes(data[at : at + 2], "big"))
            if text and text.isalpha():
                return text
    return None


def things_in(objects: Mapping[int, Object], outer: int) -> list[Object]:
    """All that is in an object, and in what is in it."""
    result: list[Object] = []
    places = [outer]
    while places:
        number = objects[places.pop()].child
        while number in objects and objects[number] not in result:
            result.append(objects[number])
            places.append(number)
            number = objects[number].sibling
    return result


def candidates(
    dictionary: Mapping[str, Word],
    version: int,
    here: Iterable[Object],
    held: Iterable[Object],
) -> list[str]:
    """Commands that the story has words for, without those that end, save or restart it."""

    def known(command: str) -> bool:
        words = command.replace("{0}", "").replace("{1}", "").replace("{}", "")
        return is_known(words, dictionary, version)

    def nouns(things: Iterable[Object]) -> list[str]:
        found = (noun_of(thing, dictionary, version) for thing in things)
        return list(dict.fromkeys(noun for noun in found if noun))

    there, carried = nouns(here), nouns(held)
    everything = list(dict.fromkeys(there + carried))
    commands = [verb for verb in ALONE if known(verb)]
    commands += [f"{verb} {noun}" for verb in WITH_ONE if known(verb) for noun in everything]
    commands += [
        form.format(tool, noun)
        for form in WITH_TWO
        if known(form)
        for tool in carried
        for noun in everything
        if tool != noun
    ]
    return commands
