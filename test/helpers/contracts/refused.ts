import { expect } from "chai";

/**
 * Asserts that a call reverts with the custom error `name`, and with these arguments where any are given.
 *
 * @example
 * await refused(registry.submit(stale), registry, "ProvenanceStaleHead", id, head, given);
 */
export async function refused(
  call: Promise<unknown>,
  contract: unknown,
  name: string,
  ...args: readonly unknown[]
): Promise<void> {
  const assertion = expect(call).to.be.revertedWithCustomError(contract as never, name);
  await (args.length === 0 ? assertion : assertion.withArgs(...args));
}
