"""Makes sound of log-mel spectrograms, and has pocketsphinx read it: python3 recognize.py FOLDER

The reference is what pocketsphinx reads in the original sound, as the recordings have no transcripts.
"""

import glob
import json
import sys
import wave

import numpy as np
from pocketsphinx import Decoder

folder = sys.argv[1]
mel = json.load(open(f"{folder}/mel.json"))
WINDOW, HOP, BANDS = mel["windowSamples"], mel["hopSamples"], mel["bands"]
HANN = np.hanning(WINDOW)
BANK = np.zeros((BANDS, WINDOW // 2 + 1))
for band, row in enumerate(mel["rows"]):
    BANK[band, row["first"] : row["first"] + len(row["weights"])] = row["weights"]
INVERSE = np.linalg.pinv(BANK)
ROUNDS = 40


def stft(signal):
    count = (len(signal) - WINDOW) // HOP + 1
    frames = np.lib.stride_tricks.as_strided(signal, (count, WINDOW), (HOP * 8, 8))
    return np.fft.rfft(frames * HANN, axis=1)


def istft(spectra):
    length = (len(spectra) - 1) * HOP + WINDOW
    signal, weight = np.zeros(length), np.zeros(length)
    for n, frame in enumerate(np.fft.irfft(spectra, WINDOW, axis=1)):
        signal[n * HOP : n * HOP + WINDOW] += frame * HANN
        weight[n * HOP : n * HOP + WINDOW] += HANN**2
    return signal / np.maximum(weight, 1e-3)


def sound_of(levels):
    """Griffin and Lim (1984), from the least squares spectrum of the mel bands."""
    power = np.maximum((np.exp(np.clip(levels, 0, 40)) - 1) @ INVERSE.T, 0)
    magnitude = np.sqrt(power)
    phase = np.exp(2j * np.pi * np.random.default_rng(1).random(magnitude.shape))
    for _ in range(ROUNDS):
        again = stft(istft(magnitude * phase))
        phase = again / np.maximum(np.abs(again), 1e-9)
    return np.clip(istft(magnitude * phase), -32768, 32767).astype("<i2")


decoder = Decoder(samprate=16000, loglevel="FATAL")


def words_in(samples):
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr.split() if hypothesis else []


def errors(reference, heard):
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


RESAMPLES = 2000


def interval(wrong, spoken):
    """95 % interval of the error over all recordings: bootstrap over recordings (Bisani and Ney, 2004), as words of one go together."""
    wrong, spoken = np.array(wrong), np.array(spoken)
    picks = np.random.default_rng(1).integers(0, len(spoken), (RESAMPLES, len(spoken)))
    rates = wrong[picks].sum(axis=1) / np.maximum(spoken[picks].sum(axis=1), 1)
    return np.quantile(rates, [0.025, 0.975])


texts = []
for path in sorted(glob.glob(f"{folder}/*.wav")):
    with wave.open(path) as file:
        original = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    read = {name: np.fromfile(path[:-3] + name, "<f4").reshape(-1, BANDS).astype(float) for name in ("mel", "inverted")}
    texts.append((words_in(original), words_in(sound_of(read["mel"])), words_in(sound_of(read["inverted"]))))
    print(f"{len(texts)} recordings are read", file=sys.stderr)
rows = {"original": [], "spectrogram": [], "inverted": [], "another clip": []}
for n, (original, spectrogram, inverted) in enumerate(texts):
    other = texts[(n + 1) % len(texts)][0]
    for name, heard in zip(rows, (original, spectrogram, inverted, other)):
        rows[name].append(errors(original, heard))
spoken = [len(original) for original, _, _ in texts]
print(f"{len(texts)} recordings, {sum(spoken)} words as pocketsphinx reads the original sound")
print("| what pocketsphinx reads | word error rate against its reading of the original | 95 % interval |")
print("| --- | --- | --- |")
titles = {
    "original": "the original sound",
    "spectrogram": "sound made again from the original's spectrogram",
    "inverted": "sound made from the inverted handoffs",
    "another clip": "another recording, for comparison",
}
for name, wrong in rows.items():
    low, high = interval(wrong, spoken)
    print(f"| {titles[name]} | {100 * sum(wrong) / max(1, sum(spoken)):.0f} % | {100 * low:.0f} to {100 * high:.0f} % |")
