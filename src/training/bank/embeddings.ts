/** Embeddings that the head of a keyword hears at once: 1.28 s. */
export const HEAD_EMBEDDINGS = 16;
/** Embeddings are kept as whole numbers: this many to a standard deviation, up to four of them. */
export const EMBEDDING_SCALE = 32;
