"""Snowboy 1.3: its C++ library, which ../install.sh links for this."""

import ctypes
import os

from engine_process import serve

# Its README's: file, sensitivity, whether its audio front end is on. There is one for "jarvis" too, whose licence
# has run out: the library refuses it.
MODELS = {
    "alexa": ("alexa/alexa-avs-sample-app/alexa.umdl", "0.6", True),
    "smart_mirror": ("models/smart_mirror.umdl", "0.5", False),
    "snowboy": ("models/snowboy.umdl", "0.5", False),
}
# 80 ms at a time, as a microphone gives them.
FRAME = 2 * 1280


class Engine:
    def __init__(self, options):
        self.library = ctypes.CDLL(os.path.join(options["packages"], ".venv/libsnowboy.so"))
        self.library.snowboy_open.restype = ctypes.c_void_p
        resources = os.path.join(options["packages"], "node_modules/snowboy/resources")
        self.words = []
        for word in options["words"]:
            model, sensitivity, front_end = MODELS[word]
            if options["setting"] is not None:
                sensitivity = str(options["setting"])
            detector = self.library.snowboy_open(
                os.path.join(resources, "common.res").encode(),
                os.path.join(resources, model).encode(),
                sensitivity.encode(),
                int(front_end),
            )
            self.words.append((word, ctypes.c_void_p(detector)))
        self.rest = b""
        self.samples = 0
        self.detections = []

    def push(self, pcm, tell=None):
        self.rest += pcm
        while len(self.rest) >= FRAME:
            frame, self.rest = self.rest[:FRAME], self.rest[FRAME:]
            self.samples += FRAME // 2
            for word, detector in self.words:
                if self.library.snowboy_run(detector, frame, FRAME // 2) <= 0:
                    continue
                if tell is not None:
                    tell({"word": word, "sample": self.samples})
                else:
                    self.detections.append([word, self.samples])

    def finish(self):
        for _, detector in self.words:
            self.library.snowboy_reset(detector)
        self.rest = b""
        self.samples = 0
        detections, self.detections = self.detections, []
        return {"detections": detections, "scores": []}


if __name__ == "__main__":
    serve(Engine)
