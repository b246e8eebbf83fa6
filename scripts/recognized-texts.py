#!/usr/bin/env python3
"""What is said in recordings that no list has the words of, as a speech recognizer hears it: writes corpus,source_path,text, without a
head, to be appended to what recording-texts.py writes.

  pip install pocketsphinx==5.1.1       # with the models in it, 30 MB
  recognized-texts.py CORPUS... -- MANIFEST... >> texts.csv

About one word in three is wrong, so that some of what says a keyword is not found; what is found is left out. It takes 4 minutes an hour
of speech, on one core, and needs ffmpeg. A line is written as soon as it is known.
"""
import csv, os, subprocess, sys
from pocketsphinx import Decoder

between = sys.argv.index('--')
corpora, manifests = set(sys.argv[1:between]), sys.argv[between + 1:]
# At these settings it takes half the time, and hears about as much.
decoder = Decoder(samprate=16000, loglevel='ERROR', maxhmmpf=3000, topn=2, ds=2)
out = csv.writer(sys.stdout, lineterminator='\n')
for manifest in manifests:
    folder = os.path.dirname(manifest)
    for row in csv.DictReader(open(manifest, encoding='utf8')):
        if row['corpus'] not in corpora or row['kind'] != 'speech': continue
        command = ['ffmpeg', '-v', 'error', '-i', os.path.join(folder, row['path']), '-ar', '16000', '-ac', '1', '-f', 's16le', '-']
        samples = subprocess.run(command, capture_output=True, check=True).stdout
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
        heard = decoder.hyp()
        out.writerow([row['corpus'], row['source_path'], heard.hypstr if heard else ''])
        sys.stdout.flush()
