#!/usr/bin/env python3
"""Recordings of wake words that no pack has, to measure own keywords on: writes OUT/*.wav and OUT/manifest.csv.

  precise-words.py REPOSITORY OUT

REPOSITORY is a clone of https://github.com/MycroftAI/Precise-Community-Data; the licences are in its folders. Nothing is trained on them.
"""
import csv, io, os, subprocess, sys, tarfile

WORDS = {
    'heychatterbox/en-us': 'hey_chatterbox',
    'heysavant/wake-word/en': 'hey_savant',
    'heysavant/not-wake-words/en/HeyVermont': 'hey_vermont',
    'heysavant/not-wake-words/en/HesDistraught': 'hes_distraught',
    'heycomputer/es': 'ey_ordenador',
    'android/en': 'android',
}
repository, out = sys.argv[1:]
git = lambda *args: subprocess.run(['git', '-C', repository, *args], capture_output=True, check=True).stdout
os.makedirs(out, exist_ok=True)
with open(os.path.join(out, 'manifest.csv'), 'w', encoding='utf8', newline='') as file:
    manifest = csv.writer(file, lineterminator='\n')
    manifest.writerow('path,split,kind,label,corpus,speaker,licence,source,source_path'.split(','))
    for folder, label in WORDS.items():
        clips = []
        for path in git('ls-tree', '-r', '--name-only', 'HEAD', folder).decode().split('\n'):
            if os.path.dirname(path) != folder: continue
            if path.endswith('.wav'): clips.append((path, git('show', f'HEAD:{path}')))
            if path.endswith('.tar.gz'):
                with tarfile.open(fileobj=io.BytesIO(git('show', f'HEAD:{path}'))) as archive:
                    clips += [(f'{path}/{m.name}', archive.extractfile(m).read()) for m in archive if m.name.endswith('.wav')]
        for i, (path, bytes) in enumerate(sorted(clips)):
            name = f'{label}-{i}.wav'
            with open(os.path.join(out, name), 'wb') as clip: clip.write(bytes)
            manifest.writerow([name, 'dev', 'word', label, 'precise', '', 'by folder', 'MycroftAI/Precise-Community-Data', path])
        print(label, len(clips))
