/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
export const ROUND_CONSTANTS: readonly number[] = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime)));

/** First 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, section 5.3.3). */
export const INITIAL_STATE: readonly number[] = firstPrimes(8).map((prime) => fraction(Math.sqrt(prime)));

/**
 * The message schedule of one block, each word with its round's constant added (FIPS 180-4, section 6.2.2).
 *
 * @param words The block's 16 words.
 */
export function schedule(words: readonly number[]): Uint32Array {
  const w = new Uint32Array(64);
  w.set(words);
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15] ?? 0;
    const b = w[i - 2] ?? 0;
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1;
  }
  return w.map((word, i) => word + (ROUND_CONSTANTS[i] ?? 0));
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root: number): number {
  // A double holds 52 bits behind the point of these small roots: enough for the 32 wanted.
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
