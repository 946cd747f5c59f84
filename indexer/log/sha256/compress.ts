import type { Assembler, Local } from "./assembler.ts";

/** A schedule word: the local that holds it, or null for a word that is zero in all messages. */
export type Word = Local | null;

/** Eight working variables a to h, and two locals for what is left over between instructions. */
export type State = {
  readonly working: readonly Local[];
  readonly t: Local;
  readonly abBefore: Local;
  readonly ab: Local;
};

/**
 * The 64 rounds of SHA-256 over four messages at once, one in each 32-bit lane (FIPS 180-4, section 6.2.2). Unrolled: the working
 * variables change places instead of values.
 *
 * @param addKey Adds W[i] + K[i] to the vector on the stack.
 * @returns The locals that now hold a to h.
 */
export function rounds(
  asm: Assembler,
  { working, t, abBefore, ab }: State,
  addKey: (round: number) => void,
): Local[] {
  let order = [...working];
  // Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and b ^ c is the a ^ b of the round before.
  let before = abBefore;
  let now = ab;
  xorInto(asm, at(order, 1), at(order, 2), before);
  for (let round = 0; round < 64; round++) {
    const [a, b, , d, e, f, g, h] = order as [Local, Local, Local, Local, Local, Local, Local, Local];
    // t = h + W + K + Ch(e, f, g) + Sigma1(e), with Ch = g ^ (e & (f ^ g)).
    asm.get(h);
    addKey(round);
    asm.get(f);
    asm.get(g);
    asm.xor();
    asm.get(e);
    asm.and();
    asm.get(g);
    asm.xor();
    asm.add();
    sigma(asm, e, [6, 11, 25], null);
    asm.add();
    asm.set(t);
    asm.get(d);
    asm.get(t);
    asm.add();
    asm.set(d);
    // h = t + Sigma0(a) + Maj(a, b, c)
    xorInto(asm, a, b, now);
    asm.get(now);
    asm.get(before);
    asm.and();
    asm.get(b);
    asm.xor();
    asm.get(t);
    asm.add();
    sigma(asm, a, [2, 13, 22], null);
    asm.add();
    asm.set(h);
    [before, now] = [now, before];
    order = [h, ...order.slice(0, 7)];
  }
  return order;
}

/**
 * Puts the next schedule word into the place of the one 16 before it: W[i] = s1(W[i-2]) + W[i-7] + s0(W[i-15]) + W[i-16].
 *
 * @param words The last 16 words, W[i] at i mod 16; zero words are left out of the sum.
 * @param spare The local that takes the word where its place was zero.
 */
export function scheduleWord(asm: Assembler, words: Word[], i: number, spare: Local): void {
  const word = (back: number) => words[(i - back + 64) % 16] ?? null;
  const terms: (() => void)[] = [];
  const [w16, w15, w7, w2] = [word(16), word(15), word(7), word(2)];
  if (w16 !== null) terms.push(() => asm.get(w16));
  if (w15 !== null) terms.push(() => sigma(asm, w15, [7, 18], 3));
  if (w7 !== null) terms.push(() => asm.get(w7));
  if (w2 !== null) terms.push(() => sigma(asm, w2, [17, 19], 10));
  if (terms.length === 0) return;
  terms.forEach((term, n) => {
    term();
    if (n > 0) asm.add();
  });
  const target = w16 ?? spare;
  asm.set(target);
  words[i % 16] = target;
}

/** Exclusive or of rotations to the right, and of one shift where it is given. */
function sigma(asm: Assembler, x: Local, rotations: readonly number[], shift: number | null): void {
  rotations.forEach((bits, i) => {
    asm.get(x);
    asm.shr(bits);
    if (i > 0) asm.xor();
    asm.get(x);
    asm.shl(32 - bits);
    asm.xor();
  });
  if (shift === null) return;
  asm.get(x);
  asm.shr(shift);
  asm.xor();
}

function xorInto(asm: Assembler, x: Local, y: Local, target: Local): void {
  asm.get(x);
  asm.get(y);
  asm.xor();
  asm.set(target);
}

function at(order: readonly Local[], i: number): Local {
  return order[i] ?? 0;
}
