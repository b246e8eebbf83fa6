import { useState } from 'preact/hooks';
import { useDaemon } from '../context.js';
import { Icon } from '../parts/icon.js';
import { Recorder } from '../parts/recorder.js';
import { attempt } from '../parts/toasts.js';
import { T } from '../strings.js';

export interface Draft {
  readonly phrase: string;
  /** Of the keyword that is made once more; null for a new one. */
  readonly name: string | null;
}

/** A keyword is typed, and spoken by whoever likes to. */
export function KeywordAdd({ draft, onDone }: { draft: Draft; onDone: () => void }) {
  const { live } = useDaemon();
  const [phrase, setPhrase] = useState(draft.phrase);
  const [takes, setTakes] = useState<readonly Blob[]>([]);
  const [isSending, setSending] = useState(false);
  const isNew = draft.name === null;
  const make = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    const isDone = await attempt(async () => {
      const recordings = await Promise.all(takes.map(base64));
      if (draft.name !== null) await live.client.improveKeyword(draft.name, recordings);
      else {
        const phraseOf = { phrase: phrase.trim() };
        await live.client.makeKeyword(takes.length > 0 ? { ...phraseOf, takes: recordings } : phraseOf);
      }
    });
    setSending(false);
    if (isDone) onDone();
  };
  return (
    <section class="card keyword-add" aria-labelledby="add-title">
      <header>
        <h2 id="add-title">{isNew ? T.keywords.addTitle : T.keywords.improveTitle(draft.phrase)}</h2>
        <button type="button" class="plain round" aria-label={T.close} onClick={onDone}>
          <Icon name="cross" />
        </button>
      </header>
      <form onSubmit={make}>
        {isNew && (
          <label>
            {T.keywords.phrase}
            <input
              type="text"
              value={phrase}
              required
              maxLength={200}
              placeholder="hey kitchen"
              autocomplete="off"
              onInput={({ currentTarget }) => setPhrase(currentTarget.value)}
            />
          </label>
        )}
        <p class="small muted">{isNew ? T.keywords.phraseHow : T.keywords.improveHow}</p>
        {phrase.trim() !== '' && <Recorder phrase={phrase.trim()} takes={takes} onTakes={setTakes} />}
        <button type="submit" class="primary" disabled={phrase.trim() === '' || isSending}>
          <Icon name="check" /> {isNew ? T.keywords.make(takes.length) : T.keywords.makeAgain(takes.length)}
        </button>
      </form>
    </section>
  );
}

async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}
