"""Takes inputs of a fuzzer over into its corpus, which the tests run: the smallest first, as many
as fit, and of those at most so many, of all sizes. Names are those of the contents.

    python scripts/corpus.py FOLDER fuzz/corpus/elf_fuzz
"""

import hashlib
import sys
from pathlib import Path

#: Of one fuzzer's corpus, in bytes: small enough to live beside the sources.
BUDGET = 64 * 1024
#: A larger input is left out even where there is room: it says little for its size.
LARGEST = 16 * 1024
#: Inputs of one fuzzer.
MOST = 200


def take_over(source: Path, corpus: Path) -> int:
    """Writes the corpus anew; returns how many inputs it has."""
    contents = {file.read_bytes() for file in source.iterdir() if file.is_file()}
    corpus.mkdir(parents=True, exist_ok=True)
    for file in corpus.iterdir():
        file.unlink()
    chosen: list[bytes] = []
    left = BUDGET
    for content in sorted(contents, key=lambda content: (len(content), content)):
        left -= len(content)
        if left < 0 or len(content) > LARGEST:
            break
        chosen.append(content)
    if len(chosen) > MOST:
        chosen = [chosen[i * len(chosen) // MOST] for i in range(MOST)]
    for content in chosen:
        name = hashlib.sha1(content, usedforsecurity=False).hexdigest()[:16]
        (corpus / name).write_bytes(content)
    return len(chosen)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(f"{sys.argv[2]}: {take_over(Path(sys.argv[1]), Path(sys.argv[2]))} inputs")
