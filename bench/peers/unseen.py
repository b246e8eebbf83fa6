"""Speech on which nothing of wakegate was chosen: 2.9 h of acted English, from Debian's package flight-of-the-amazon-queen (a game whose
licence lets anyone pass it on). It is MP3 of 16 kbit/s, and nothing of it is over 5.5 kHz.

    apt-get download flight-of-the-amazon-queen && dpkg -x flight-of-the-amazon-queen_*.deb GAME
    python3 bench/peers/unseen.py GAME OUT        # writes OUT/manifest.csv, for --unseen
"""

import csv
import os
import re
import struct
import sys

# As ScummVM reads it: QTBL, version, whether from floppies, compression, count; then 21 bytes for each file.
FIRST_ENTRY = 15
ENTRY = 21
SHORTEST_BYTES = 1500
COLUMNS = "path,split,kind,label,corpus,speaker".split(",")


def entries(game):
    (count,) = struct.unpack(">H", game[13:15])
    for i in range(count):
        entry = game[FIRST_ENTRY + ENTRY * i : FIRST_ENTRY + ENTRY * (i + 1)]
        offset, size = struct.unpack(">II", entry[13:])
        yield entry[:12].split(b"\0")[0].decode(), game[offset : offset + size]


def main(folder, out):
    with open(os.path.join(folder, "usr/share/scummvm/flight-of-the-amazon-queen/queen.1c"), "rb") as file:
        game = file.read()
    os.makedirs(os.path.join(out, "audio"), exist_ok=True)
    with open(os.path.join(out, "manifest.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for name, sound in entries(game):
            # What is said is numbered; other sounds have names.
            if not re.match(r"\d{2,}.*\.SB$", name) or len(sound) < SHORTEST_BYTES:
                continue
            path = f"audio/{name[:-3]}.mp3"
            with open(os.path.join(out, path), "wb") as clip:
                clip.write(sound)
            rows.writerow([path, "test", "speech", "speech", "flight-of-the-amazon-queen", ""])


if __name__ == "__main__":
    main(*sys.argv[1:])
