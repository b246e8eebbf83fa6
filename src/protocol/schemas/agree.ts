/**
 * `true` where two types are of the same values, whatever of them is read-only. A schema is held to its type by
 * `true satisfies Agree<Static<typeof Schema>, Wire>`, which does not compile when either gains, loses or changes a key.
 */
export type Agree<A, B> = Same<Plain<A>, Plain<B>>;

/** Compared as type parameters, since mere assignability would let an optional key come and go. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;
