import type { Recording } from '../corpus/manifest.js';

/** A public collection of recordings: where it is, and what its paths say. */
export interface PublicCorpus {
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly licence: string;
  readonly from: GitSource | DebianSource;
  /** Paths of its recordings. */
  readonly files: RegExp;
  /** A table of the corpus that says who speaks in a file. */
  readonly speakers?: { readonly files: RegExp; readonly parse: (text: string) => Map<string, string> };
  /** What a path says about its recording; null for one that is left out. */
  readonly describe: (path: string, speakers: ReadonlyMap<string, string>) => Described | null;
}

export type Described = Pick<Recording, 'kind' | 'label' | 'speaker' | 'split'>;

/** A repository as it was at a commit. */
export interface GitSource {
  readonly type: 'git';
  readonly url: string;
  readonly commit: string;
}

/** What a Debian package installs. */
export interface DebianSource {
  readonly type: 'debian';
  readonly package: string;
}

/** The files of a corpus that has been fetched. */
export interface CorpusFiles {
  readonly paths: readonly string[];
  /** Null where the file is not there, as in an incomplete mirror. */
  read(path: string): Promise<Buffer | null>;
  close(): void;
}

/** Where corpora come from and are kept. */
export interface SourceFolders {
  /** Keeps what was fetched, so that it is fetched once. */
  readonly cache: string;
  /** Folder with repositories as `owner+name/repo`, which are used instead of the network. */
  readonly mirror?: string;
}

/** A corpus that cannot be had here. Others may be. */
export class CorpusMissing extends Error {}
