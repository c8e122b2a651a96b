"""The text of a story, decoded on the host: names and dictionary words, to describe them.

Only tables are read here; what a story prints comes from the chip.
"""

from __future__ import annotations

_ALPHABET_ROWS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_THIRD_ROW = " \n0123456789.,!?_#'\"/\\-:()"
_THIRD_ROW_OF_VERSION_1 = " 0123456789.,!?_#'\"/\\<-:()"

#: The characters of ZSCII 155 to 223, unless a story brings its own (Standard, 3.8.5.3).
DEFAULT_UNICODE = "äöüÄÖÜß»«ëïÿËÏáéíóúýÁÉÍÓÚÝàèìòùÀÈÌÒÙâêîôûÂÊÎÔÛåÅøØãñõÃÑÕæÆçÇþðÞÐ£œŒ¡¿"


def word(memory: bytes, at: int) -> int:
    """The 16-bit word at an address; 0 outside the memory."""
    return int.from_bytes(memory[at : at + 2], "big")


def unicode_table(memory: bytes) -> str:
    """The characters from ZSCII 155 on."""
    extension = word(memory, 0x36) if memory[0] >= 5 else 0
    if extension and word(memory, extension) >= 3 and (table := word(memory, extension + 6)):
        count = memory[table] if table < len(memory) else 0
        return "".join(chr(word(memory, table + 1 + 2 * i)) for i in range(count))
    return DEFAULT_UNICODE


def from_zscii(memory: bytes, code: int) -> str:
    """A character that can be printed, or nothing."""
    if 32 <= code <= 126:
        return chr(code)
    if code == 13:
        return "\n"
    table = unicode_table(memory)
    return table[code - 155] if 155 <= code < 155 + len(table) else ""


def to_zscii(memory: bytes, text: str) -> bytes:
    """What is typed; a question mark for what the story has no character for."""
    if text.isascii():
        return bytes(c if 32 <= c <= 126 else ord("?") for c in text.encode())
    table = unicode_table(memory)
    codes = bytearray()
    for character in text:
        place = table.find(character)
        if 32 <= ord(character) <= 126:
            codes.append(ord(character))
        else:
            codes.append(155 + place if 0 <= place <= 96 else ord("?"))
    return bytes(codes)


def _letter(memory: bytes, row: int, code: int) -> str:
    version = memory[0]
    if version >= 5 and (own := word(memory, 0x34)):
        at = own + 26 * row + code - 6
        return from_zscii(memory, memory[at]) if at < len(memory) else ""
    if row < 2:
        return _ALPHABET_ROWS[row][code - 6]
    return (_THIRD_ROW_OF_VERSION_1 if version == 1 else _THIRD_ROW)[code - 6]


def z_characters(memory: bytes, at: int, limit: int | None = None) -> list[int]:
    """The 5-bit characters at an address, up to the end mark or `limit` words."""
    result: list[int] = []
    words = 0
    while at + 1 < len(memory) and words != limit:
        value = word(memory, at)
        result += [value >> 10 & 31, value >> 5 & 31, value & 31]
        if value & 0x8000:
            break
        at += 2
        words += 1
    return result


def decode(memory: bytes, at: int, limit: int | None = None, inside: bool = False) -> str:
    """The text at an address; `inside` an abbreviation there are no others."""
    version = memory[0]
    row = locked = 0
    text = ""
    codes = iter(z_characters(memory, at, limit))
    for code in codes:
        if code == 0:
            text += " "
        elif code >= 6:
            if row == 2 and code == 6:
                text += from_zscii(memory, next(codes, 0) << 5 | next(codes, 0))
            else:
                text += (
                    "\n" if row == 2 and code == 7 and version > 1 else _letter(memory, row, code)
                )
            row = locked
        elif version == 1 and code == 1:
            text += "\n"
        elif (version >= 3 and code <= 3) or (version == 2 and code == 1):
            entry = 32 * (code - 1) + next(codes, 0)
            row = locked
            if not inside:
                address = 2 * word(memory, word(memory, 0x18) + 2 * entry)
                text += decode(memory, address, inside=True)
        elif version >= 3:
            row = code - 3
        else:
            row = (locked + (1 if code % 2 == 0 else 2)) % 3
            locked = row if code >= 4 else locked
    return text
