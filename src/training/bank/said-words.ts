/** Words of a sentence in any script: small letters without accents, nothing but letters and digits. */
export function wordsIn(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/['’]/g, '')
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter((word) => word !== '');
}

/**
 * Whether a phrase is said somewhere in a sentence, however both are divided into words, with an ending of the plural or not: "ice cream"
 * is in "two icecreams".
 */
export function saysPhrase(sentence: readonly string[], phrase: readonly string[]): boolean {
  const wanted = phrase.join('');
  if (wanted === '') return false;
  for (let first = 0; first < sentence.length; first++) {
    let said = '';
    for (let last = first; last < sentence.length && said.length < wanted.length; last++)
      said += sentence[last];
    if (said === wanted || said === `${wanted}s`) return true;
  }
  return false;
}
