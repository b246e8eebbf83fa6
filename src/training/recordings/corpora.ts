import { basename } from 'node:path';
import type { Described, PublicCorpus } from './corpus-source.js';
import { speechCommandsSplit, splitOf } from './splits.js';

/** Words that sound like a keyword of the packs, in any language: such a clip would be labelled wrongly. */
const LIKE_KEYWORDS =
  /computer|komputer|kompyuter|alexa|jarvis|mirror|snow|glass|athena|amelia|ordinateur|ordenador/i;

/**
 * The public recordings that `wakegate train recordings` fetches. What is said here about a corpus follows from its paths: no
 * recording has been listened to. All recordings of a speaker are in one split. Where a corpus names no speakers, its
 * languages or tracks are split.
 */
export const CORPORA: readonly PublicCorpus[] = [
  {
    name: 'common-voice',
    what: '7 h of sentences by 2335 people in 59 languages, with their own microphones',
    licence: 'CC0-1.0',
    from: git('omnilingo/rsample-100-cv-corpus-6.1-2020-12-11', '6785f863fec9770151abfe50a5e3e3787fd20ba2'),
    files: /\/clips\/.*\.mp3$/,
    speakers: { files: /\/validated\.tsv$/, parse: commonVoiceSpeakers },
    describe: (path, speakers) => {
      const speaker = speakers.get(basename(path));
      return speaker === undefined ? null : speech(speaker, splitOf(speaker));
    },
  },
  {
    name: 'kathleen',
    what: '1.5 h of English sentences by an older American woman',
    licence: 'CC0-1.0',
    from: git('rhasspy/dataset-voice-kathleen', 'c51cb971036a127359b43c621f26ca5081eab13e'),
    files: /\.wav$/,
    describe: () => speech('kathleen', 'train'),
  },
  {
    name: 'kerstin',
    what: '2.3 h of German sentences by a woman',
    licence: 'CC0-1.0',
    from: git('rhasspy/dataset-voice-kerstin', 'f73127135cf80d6ef52aef6af58c49774f4fd625'),
    files: /^verified\/.*\.flac$/,
    describe: () => speech('kerstin', 'train'),
  },
  {
    name: 'alphanumeric',
    what: '0.4 h of numbers, addresses and names in several accents of English',
    licence: 'MIT',
    from: git('Sakshee5/alphanumeric-audio-dataset', '6c9a38ed7e590a45410fdc33a548005a30f03552'),
    files: /\.(wav|mp3|flac)$/,
    describe: () => speech('', 'train'),
  },
  speechCommands(
    'speech-commands-2',
    '1.4 h of ten English command words and digits',
    git('anshulgupta0803/isolated-speech-commands', 'ca8c2c8140f9866f9bb5e02c4c54b9aceb7d24ec'),
  ),
  speechCommands(
    'speech-commands-1',
    '1.3 h of bed, cat and happy',
    git('manashmandal/DeadSimpleSpeechRecognizer', '881b36a63bc9d449f60bc83ebcd2e7c5209a4761'),
  ),
  speechCommands(
    'speech-commands-3',
    '0.7 h of left and right',
    git('RoyzLevy/SpeechCommandClassifier', '1adccc0c8f135ed036554c3ca1b89371f8b78112'),
  ),
  {
    name: 'arabic-commands',
    what: '1.7 h of forty Arabic command words by thirty people',
    licence: 'CC-BY-4.0',
    from: git(
      'abdulkaderghandoura/arabic-speech-commands-dataset',
      '72f3438212ff6cf8fbe5ae8068361840646429bd',
    ),
    // The first five of ten takes of each word and speaker.
    files: /^dataset\/.*_0[1-5]\.wav$/,
    describe: (path) => {
      const speaker = basename(path).slice(0, 8);
      return word(path, `ar_${folderOf(path)}`, `ar${speaker}`, splitOf(`arabic${speaker}`));
    },
  },
  {
    name: 'gcompris',
    what: '4 h of single words in 45 languages, from a program for children',
    licence: 'GPL and others, by file',
    from: git('gcompris/GCompris-voices', 'c0e8a743b7b4633af06b8dc15bc2b397e456dd6f'),
    files: /^[a-zA-Z_@-]+\/(words|geography|colors|alphabet|misc)\/.*\.ogg$/,
    describe: (path) => {
      const language = path.split('/')[0];
      const split = splitOf(`gcompris${language}`, { test: 25, dev: 10 });
      return word(path, `${language}_${stemOf(path)}`, `gc-${language}`, split);
    },
  },
  {
    name: 'kitchen20',
    what: '1.5 h of noises of a kitchen',
    licence: 'Apache-2.0',
    from: git('marc-moreaux/kitchen20', '8bc9544507e8c3477eb8fcd3a6c841b661121220'),
    files: /\.wav$/,
    // Names are fold-recording-take-class: takes of one recording stay together.
    describe: (path) => noise(splitOf(basename(path).split('-A-')[0].split('-I-')[0], { test: 20, dev: 15 })),
  },
  {
    name: 'household',
    what: '0.1 h of noises of a household',
    licence: 'CC0-1.0 and own recordings',
    from: git('Timgrau/Projektarbeit-1', '576dbfeaa7c236521965107400e9d24cca7f0ceb'),
    files: /processed.*\.wav$/,
    describe: (path) => noise(splitOf(basename(path), { test: 20, dev: 15 })),
  },
  {
    name: 'tuxpaint',
    what: 'some 2 h of single words in many languages, from a program for children',
    licence: 'GPL-2.0',
    from: debian('tuxpaint-stamps-default'),
    files: /_desc[^/]*\.(ogg|wav)$/,
    describe: (path) => {
      const language = /_desc_?([a-zA-Z_@]*)\./.exec(path)?.[1] || 'en';
      return word(path, 'unknown', `tp-${language}`, splitOf(`tuxpaint${language}`, { test: 20, dev: 10 }));
    },
  },
  {
    name: 'ktuberling',
    what: 'single words in thirty languages, from another program for children',
    licence: 'GPL-2.0 or later',
    from: debian('ktuberling-data'),
    files: /\/sounds\/[^/]+\/[^/]+\.(ogg|wav|opus)$/,
    describe: (path) => word(path, `${folderOf(path)}_${stemOf(path)}`, `kt-${folderOf(path)}`, 'dev'),
  },
  {
    name: 'klettres',
    what: 'letters and syllables in many languages, from a program for children',
    licence: 'GPL-2.0 or later',
    from: debian('klettres-data'),
    files: /\/klettres\/[^/]+\/.*\.ogg$/,
    describe: (path) => {
      const language = /\/klettres\/([^/]+)\//.exec(path)![1];
      return word(path, `${language}_${stemOf(path)}`, `kl-${language}`, 'dev');
    },
  },
  dialogues('cs', 'Czech'),
  dialogues('nl', 'Dutch'),
  {
    name: 'hedgewars',
    what: 'shouts of game characters, in several languages',
    licence: 'GPL-2.0',
    from: debian('hedgewars-data'),
    files: /\/voices\/.*\.ogg$/,
    describe: (path) => speech(`hw-${/\/voices\/([^/]+)/.exec(path)![1]}`, 'dev'),
  },
  prompts('es', 'Spanish', 'train'),
  prompts('fr', 'French', 'train'),
  prompts('it', 'Italian', 'dev'),
  prompts('ru', 'Russian', 'train'),
  music('warzone-music', 'warzone2100-music'),
  music('wesnoth-music', 'wesnoth-1.16-music'),
  {
    ...music('fillets-music', 'fillets-ng-data'),
    files: /\/music\/.*\.ogg$/,
    describe: () => ({ kind: 'music', label: 'music', speaker: '', split: 'dev' }),
  },
];

function git(repository: string, commit: string): PublicCorpus['from'] {
  return { type: 'git', url: `https://github.com/${repository}`, commit };
}

function debian(name: string): PublicCorpus['from'] {
  return { type: 'debian', package: name };
}

/** Words of Speech Commands (Warden 2018), in a folder each, split as they are officially. */
function speechCommands(name: string, what: string, from: PublicCorpus['from']): PublicCorpus {
  return {
    name,
    what: `${what}, split as Speech Commands is officially`,
    licence: 'CC-BY-4.0',
    from,
    files: /_nohash_.*\.wav$/,
    describe: (path) => word(path, folderOf(path), basename(path).split('_')[0], speechCommandsSplit(path)),
  };
}

/** Telephone prompts of Asterisk, by one speaker for each language. */
function prompts(language: string, inEnglish: string, split: Described['split']): PublicCorpus {
  return {
    name: `asterisk-${language}`,
    what: `${inEnglish} telephone prompts by one speaker`,
    licence: 'CC-BY-SA-3.0',
    from: debian(`asterisk-core-sounds-${language}-g722`),
    files: /\.g722$/,
    describe: () => speech(`asterisk-${language}`, split),
  };
}

/** What two actors and others say in a game. All of it is dev: nothing was trained on it. */
function dialogues(language: string, inEnglish: string): PublicCorpus {
  return {
    name: `fillets-${language}`,
    what: `${inEnglish} dialogues of a game, acted`,
    licence: 'GPL-2.0',
    from: debian(`fillets-ng-data-${language}`),
    files: /\.ogg$/,
    describe: () => speech(`fillets-${language}`, 'dev'),
  };
}

function music(name: string, packageName: string): PublicCorpus {
  return {
    name,
    what: 'music of a game, at most two minutes of each track',
    licence: 'GPL-2.0 or later',
    from: debian(packageName),
    files: /\.(ogg|opus)$/,
    describe: (path) => ({
      kind: 'music',
      label: 'music',
      speaker: '',
      split: splitOf(`w${basename(path)}`, { test: 25, dev: 15 }),
    }),
  };
}

function speech(speaker: string, split: Described['split']): Described {
  return { kind: 'speech', label: 'speech', speaker, split };
}

function noise(split: Described['split']): Described {
  return { kind: 'noise', label: 'noise', speaker: '', split };
}

function word(path: string, label: string, speaker: string, split: Described['split']): Described | null {
  return LIKE_KEYWORDS.test(basename(path)) ? null : { kind: 'word', label, speaker, split };
}

function folderOf(path: string): string {
  return path.split('/').at(-2) ?? '';
}

function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, '');
}

/** Common Voice's table of clips that others found right: the file's name, and who spoke. */
function commonVoiceSpeakers(text: string): Map<string, string> {
  const [header, ...lines] = text.split(/\r?\n/).map((line) => line.split('\t'));
  const [path, speaker] = [header.indexOf('path'), header.indexOf('client_id')];
  return new Map(
    lines.filter((cells) => cells.length > 1).map((cells) => [cells[path], cells[speaker].slice(0, 16)]),
  );
}
