/** The layer of the back half whose output own keywords are heard from: speech embeddings. */
export const EMBEDDING_LAYER = 'embedding';
