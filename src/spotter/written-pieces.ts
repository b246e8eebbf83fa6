/**
 * What is written to a stream, to be read as an iterable: a piece at a time, each taken up when the reader asks for the
 * next. Iterate it once.
 */
export class WrittenPieces<Piece> implements AsyncIterable<Piece> {
  #next: { readonly piece: Piece; readonly taken: () => void } | null = null;
  #ended = false;
  #wake: () => void = () => {};

  /** Resolves when the reader is done with the piece, or has gone. Await it before the next one. */
  write(piece: Piece): Promise<void> {
    return new Promise((taken) => {
      if (this.#ended) return taken();
      this.#next = { piece, taken };
      this.#wake();
    });
  }

  /** No more comes. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    try {
      for (;;) {
        const next = this.#next;
        if (next !== null) {
          this.#next = null;
          try {
            yield next.piece;
          } finally {
            next.taken();
          }
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#ended = true;
      this.#next?.taken();
    }
  }
}
