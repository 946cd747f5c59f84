/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
export const ROUND_CONSTANTS: readonly number[] = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime)));

/** First 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, section 5.3.3). */
export const INITIAL_STATE: readonly number[] = firstPrimes(8).map((prime) => fraction(Math.sqrt(prime)));

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
