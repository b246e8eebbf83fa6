import { Checker, type Static, Type } from '../schema/index.js';

const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const Probability = Type.Number({ minimum: 0, maximum: 1 });

/** A room has heard a word, and how well. */
const ClaimSchema = Type.Object({
  kind: Type.Literal('claim'),
  id: Type.String({ minLength: 1, maxLength: 100 }),
  satellite: Name,
  room: Type.String({ minLength: 1, maxLength: 64 }),
  keyword: Type.String({ minLength: 1, maxLength: 100 }),
  /** Level of the word over the noise floor of the room's own microphone, in dB. */
  snrDb: Type.Number({ minimum: -100, maximum: 200 }),
  score: Probability,
  gate: Probability,
});

/** Who answers: said once for each event, which is called by its first claim. */
const VerdictSchema = Type.Object({
  kind: Type.Literal('verdict'),
  keyword: Type.String({ minLength: 1, maxLength: 100 }),
  event: Type.String({ minLength: 1, maxLength: 100 }),
  winner: Type.String({ minLength: 1, maxLength: 100 }),
  satellite: Name,
  room: Type.String({ minLength: 1, maxLength: 64 }),
});

export type Claim = Static<typeof ClaimSchema>;
export type Verdict = Static<typeof VerdictSchema>;

const claims = new Checker(ClaimSchema);
const verdicts = new Checker(VerdictSchema);

/** Null for a payload that is neither. */
export function readClaim(payload: Buffer): Claim | Verdict | null {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
  const claim = claims.check(value);
  if (claim.ok) return claim.value;
  const verdict = verdicts.check(value);
  return verdict.ok ? verdict.value : null;
}

/** What a certain score is worth against level, in dB. */
const SCORE_DB = 4;
const GATE_DB = 2;

/** How well a room has heard it, in dB: mostly the level over its own noise. */
export function qualityOf({ snrDb, score, gate }: Claim): number {
  return snrDb + SCORE_DB * score + GATE_DB * gate;
}

/** The one that has heard best; of equals, the one whose name comes first, so that everyone agrees. */
export function bestOf(claims: readonly Claim[]): Claim {
  return claims.reduce((best, claim) => {
    const better = qualityOf(claim) - qualityOf(best);
    return better > 0 || (better === 0 && claim.satellite < best.satellite) ? claim : best;
  });
}
