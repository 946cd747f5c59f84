import { readFileSync } from "node:fs";
import { type AbiEvent, parseAbiItem } from "viem";

const INTERFACE = new URL("../../../contracts/interfaces/IProvenanceRegistry.sol", import.meta.url);

/** Events as the Solidity interface itself declares them. */
export function interfaceEvents(): AbiEvent[] {
  const source = readFileSync(INTERFACE, "utf8");
  return [...source.matchAll(/^ {4}event [^;]+;/gm)].map(([declaration]) => {
    const text = declaration
      .replace(/\bStatus\b/g, "uint8")
      .replace(/\s+/g, " ")
      .replace(/;$/, "")
      .trim();
    const item = parseAbiItem(text.replace("( ", "(").replace(" )", ")"));
    if (item.type !== "event") throw new TypeError(`not an event: ${text}`);
    return item;
  });
}
