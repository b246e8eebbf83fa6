#!/usr/bin/env python3
"""What is said in recordings, where it is known: writes corpus,source_path,text for `wakegate train bank --texts`.

  recording-texts.py SOURCES MANIFEST... > texts.csv

SOURCES holds what `wakegate train recordings` fetched, as <owner>+<name>/repo (git directories). Sentences come from the
repositories' own lists; of prompts and single words, whose files are named by what is said, the name is the text.
"""
import csv, io, json, os, re, subprocess, sys

sources, manifests = sys.argv[1], sys.argv[2:]
rows = {}
for manifest in manifests:
    for row in csv.DictReader(open(manifest, encoding='utf8')):
        rows[row['corpus'], row['source_path']] = row

def git_folder(repo):
    path = os.path.join(sources, repo.replace('/', '+'), 'repo')
    inner = os.path.join(path, '.git')
    return inner if os.path.isdir(inner) else path

def git(repo, *args):
    folder = git_folder(repo)
    if not os.path.isdir(folder):
        print('not there:', repo, file=sys.stderr)
        return b''
    return subprocess.run(['git', '--git-dir', folder, *args], capture_output=True, check=True).stdout

def show(repo, path):
    return git(repo, 'show', f'HEAD:{path}').decode('utf8', 'replace')

texts = {}

# Common Voice: the sentence that was read.
CV = 'omnilingo/rsample-100-cv-corpus-6.1-2020-12-11'
for path in git(CV, 'ls-tree', '-r', '--name-only', 'HEAD').decode().split('\n'):
    if not path.endswith('/validated.tsv'): continue
    for line in csv.DictReader(io.StringIO(show(CV, path)), delimiter='\t', quoting=csv.QUOTE_NONE):
        texts['common-voice', f"{path.split('/')[0]}/clips/{line['path']}"] = line['sentence']

# Kathleen: CMU Arctic prompts and more, a text file next to each recording.
KATHLEEN = 'rhasspy/dataset-voice-kathleen'
wanted = [p for c, p in rows if c == 'kathleen']
if wanted and os.path.isdir(git_folder(KATHLEEN)):
    names = '\n'.join(f'HEAD:{re.sub("wav$", "txt", p)}' for p in wanted) + '\n'
    out = subprocess.run(['git', '--git-dir', git_folder(KATHLEEN), 'cat-file', '--batch'], input=names.encode(), capture_output=True, check=True).stdout
    at = 0
    for path in wanted:
        end = out.index(b'\n', at)
        header = out[at:end].split()
        at = end + 1
        if len(header) < 3: continue
        texts['kathleen', path] = out[at:at + int(header[2])].decode('utf8', 'replace')
        at += int(header[2]) + 1

# Kerstin: metadata.csv, id|text.
for line in show('rhasspy/dataset-voice-kerstin', 'metadata.csv').split('\n'):
    cells = line.split('|')
    if len(cells) > 1: texts['kerstin', f"verified/{os.path.basename(cells[0]).split('.')[0]}.flac"] = cells[-1]

# Spelled names, numbers digit by digit, addresses.
DIGITS = 'zero one two three four five six seven eight nine'.split()
for line in csv.DictReader(io.StringIO(show('Sakshee5/alphanumeric-audio-dataset', 'metadata.csv'))):
    who = line['Response_ID']
    spoken = {
        'Names': ' '.join(re.sub(r'\W', '', line['Name'])),
        # A nought is read as zero or as oh; a house number digit by digit, or not. Numbers have ten digits: the list has lost noughts at
        # the front of those that have fewer.
        'Numbers': ' '.join(DIGITS[int(d)] for d in line['Number'].zfill(10) if d.isdigit()) + (' oh' if '0' in line['Number'].zfill(10) else ''),
        'Addresses': line['Address'] + ' ' + ' '.join(DIGITS[int(d)] for d in line['Address'] if d.isdigit()),
    }
    for folder, text in spoken.items():
        for ending in ('wav', 'mp3', 'flac'): texts['alphanumeric', f'audio_data/{folder}/{who}.{ending}'] = text

# The folders are the English of what is said.
ARABIC = {
    'zero': 'صفر', 'one': 'واحد', 'two': 'اثنان', 'three': 'ثلاثة', 'four': 'أربعة', 'five': 'خمسة', 'six': 'ستة', 'seven': 'سبعة',
    'eight': 'ثمانية', 'nine': 'تسعة', 'right': 'يمين', 'left': 'يسار', 'up': 'أعلى', 'down': 'أسفل', 'forward': 'أمام',
    'backward': 'خلف', 'yes': 'نعم', 'no': 'لا', 'start': 'ابدأ', 'stop': 'توقف', 'enable': 'تفعيل', 'disable': 'تعطيل',
    'ok': 'موافق', 'cancel': 'إلغاء', 'open': 'فتح', 'close': 'إغلاق', 'zoom in': 'تكبير', 'zoom out': 'تصغير',
    'previous': 'السابق', 'next': 'التالي', 'send': 'إرسال', 'receive': 'استقبال', 'move': 'تحريك', 'rotate': 'تدوير',
    'record': 'تسجيل', 'enter': 'إدخال', 'digit': 'رقم', 'direction': 'اتجاه', 'options': 'خيارات', 'undo': 'تراجع',
}
for (corpus, path), row in rows.items():
    if corpus == 'arabic-commands': texts[corpus, path] = ARABIC[row['label'].removeprefix('ar_')]

# Named by what is said. Where that is the English word for it, it is no text of another language, but the same word often is in both.
NUMBERS = DIGITS + 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split()
def named(path):
    name = re.sub(r'\.[a-z0-9]+$', '', os.path.basename(path))
    name = re.sub(r'_desc.*$', '', name)
    code = re.fullmatch(r'U([0-9A-Fa-f]{4})', name)
    if code: name = chr(int(code[1], 16))
    words = [w for w in re.split(r'[^\w]+|_', name) if w]
    return ' '.join(NUMBERS[int(w)] if w.isdigit() and int(w) <= 20 else w for w in words)
for corpus, path in rows:
    if corpus.startswith('asterisk-music') or (corpus, path) in texts: continue
    if corpus.startswith('asterisk') or corpus in ('gcompris', 'tuxpaint', 'ktuberling', 'klettres', 'hedgewars'):
        texts[corpus, path] = re.sub(r'([a-z])([A-Z])', r'\1 \2', named(path))
    elif corpus == 'precise' and rows[corpus, path]['label'] == 'unknown':
        said = {'heychatterbox': 'hey chatterbox', 'heycomputer': 'hey computer'}.get(path.split('/')[0])
        if said: texts[corpus, path] = said
    elif corpus in ('speech-commands', 'speech-commands-2', 'picovoice', 'precise'):
        texts[corpus, path] = rows[corpus, path]['label'].replace('_', ' ')

out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['corpus', 'source_path', 'text'])
for key in sorted(rows):
    if key in texts: out.writerow([*key, ' '.join(texts[key].split())])
