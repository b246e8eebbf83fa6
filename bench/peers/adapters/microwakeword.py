"""microWakeWord as its Python package runs it: a process that speaks the protocol of ../protocol.ts."""

import json
import os
import sys
import time

MODELS = {"alexa": "alexa", "jarvis": "hey_jarvis"}
LEAST_SCORE = 1e-3
FILE_CHUNK = 8000
SAMPLES_PER_FEATURE = 160


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class Engine:
    def __init__(self, words):
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

        self.features = MicroWakeWordFeatures()
        self.words = [
            (word, MicroWakeWord.from_builtin(Model(MODELS[word]))) for word in words if word in MODELS
        ]
        self.samples = 0
        self.scores = []

    def push(self, pcm, tell=None):
        """Scores are the mean over its sliding window, which its cut-off is for."""
        chunk = 2 * SAMPLES_PER_FEATURE
        for at in range(0, len(pcm), chunk):
            self.samples += len(pcm[at : at + chunk]) // 2
            for feature in self.features.process_streaming(pcm[at : at + chunk]):
                for word, model in self.words:
                    score = model.process_streaming_prob(feature)
                    if tell is not None:
                        if score > model.probability_cutoff:
                            tell({"word": word, "sample": self.samples})
                    elif score > LEAST_SCORE:
                        self.scores.append([word, self.samples, round(score, 6)])

    def finish(self):
        self.features.reset()
        for _, model in self.words:
            model.reset()
        self.samples = 0
        scores, self.scores = self.scores, []
        return {"detections": [], "scores": scores}


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
    while pcm := os.read(3, 65536):
        engine.push(pcm, say)


def main():
    try:
        engine = Engine(json.loads(sys.argv[1])["words"])
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


if __name__ == "__main__":
    main()
