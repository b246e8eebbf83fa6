"""microWakeWord as its Python package runs it."""

from engine_process import LEAST_SCORE, serve

MODELS = {"alexa": "alexa"}
SAMPLES_PER_FEATURE = 160


class Engine:
    def __init__(self, options):
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

        self.features = MicroWakeWordFeatures()
        self.words = [
            (word, MicroWakeWord.from_builtin(Model(MODELS[word]))) for word in options["words"] if word in MODELS
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


if __name__ == "__main__":
    serve(Engine)
