"""The body of an engine's process in Python: the protocol of ../protocol.ts.

An engine has push(pcm, tell): `tell` reports detections at once, where it is not None; and finish(), which ends a stream and returns
what was heard in it.
"""

import json
import os
import sys
import time

LEAST_SCORE = 1e-3
FILE_CHUNK = 8000

# What packages print must not come between the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(answer):
    ANSWERS.write(json.dumps(answer) + "\n")
    ANSWERS.flush()


def hear(engine, path, lengths):
    clips = []
    with open(path, "rb") as file:
        for length in lengths:
            for at in range(0, length, FILE_CHUNK):
                engine.push(file.read(2 * min(FILE_CHUNK, length - at)))
            clips.append(engine.finish())
    return clips


def spend(engine, path):
    samples = os.path.getsize(path) // 2
    before = time.process_time()
    hear(engine, path, [samples])
    return {"cpuMs": 1000 * (time.process_time() - before), "seconds": samples / 16000}


def listen(engine):
    rest = b""
    while pcm := os.read(3, 65536):
        pcm = rest + pcm
        even = len(pcm) & ~1
        rest = pcm[even:]
        engine.push(pcm[:even], say)


def serve(make):
    try:
        engine = make(json.loads(sys.argv[1]))
    except Exception as error:
        say({"ready": False, "reason": str(error)})
        return
    say({"ready": True})
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "hear":
            say({"clips": hear(engine, command["path"], command["lengths"])})
        elif command["do"] == "spend":
            say(spend(engine, command["path"]))
        else:
            listen(engine)
