"""The wake word plugin of OpenVoiceOS, with the model that comes with it."""

from engine_process import LEAST_SCORE, serve


class Engine:
    def __init__(self, options):
        from ovos_ww_plugin_wakeforge import WakeForgeHotwordPlugin

        self.words = [(word, WakeForgeHotwordPlugin(word, {"model": word})) for word in options["words"]]
        self.rest = b""
        self.samples = 0
        self.scores = []

    def push(self, pcm, tell=None):
        """Scores are those of each block: the plugin's own rule is a threshold for one of them."""
        self.rest += pcm
        for word, plugin in self.words:
            size = 2 * plugin.block
        while len(self.rest) >= size:
            block, self.rest = self.rest[:size], self.rest[size:]
            self.samples += size // 2
            for word, plugin in self.words:
                plugin.update(block)
                if tell is not None:
                    if plugin.found_wake_word():
                        tell({"word": word, "sample": self.samples})
                elif plugin.last_score > LEAST_SCORE:
                    self.scores.append([word, self.samples, round(plugin.last_score, 6)])

    def finish(self):
        for _, plugin in self.words:
            plugin.reset()
        self.rest = b""
        self.samples = 0
        scores, self.scores = self.scores, []
        return {"detections": [], "scores": scores}


if __name__ == "__main__":
    serve(Engine)
