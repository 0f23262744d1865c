// How long to wait before the next attempt: doubling, capped, and jittered, so that thousands of phones
// that lost the same server do not come back in the same second.

const FIRST = 500; // milliseconds
const LONGEST = 20_000;

/** Milliseconds before attempt number `attempt` (0 = first retry): half fixed, half chance. */
export function wait(attempt: number, random: () => number): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 10));
  return Math.round(whole / 2 + (whole / 2) * random());
}
