import hre, { network } from "hardhat";
import type { BenchResult } from "../bench.ts";
import { type GasFigures, measureGas } from "./measureGas.ts";

const BATCH = 50;

/** Gas per record, report or endorsement, beside the gas of the whole transaction. */
function table(gas: GasFigures): readonly (readonly [what: string, gas: number, each: number])[] {
  const plain = (what: string, value: number) => [what, value, value] as const;
  return [
    plain("baseline: first record", gas.baselineFirst),
    plain("baseline: next record", gas.baselineNext),
    plain("register a namespace", gas.registerNamespace),
    plain("start a dataset", gas.startDataset),
    plain("record, sent by its agent", gas.recordDirect),
    plain("record, signed, sent by a relayer", gas.recordSigned),
    plain("the same, by a writer of the dataset", gas.recordSignedByWriter),
    plain("record with 8 parents", gas.recordWith8Parents),
    plain("record that corrects another", gas.recordCorrecting),
    [`batch of ${BATCH} records`, gas.batchOf50, gas.batchOf50 / BATCH],
    [`batch of ${BATCH} signed records`, gas.batchOf50Signed, gas.batchOf50Signed / BATCH],
    [`batch of ${BATCH} access reports`, gas.accessesOf50, gas.accessesOf50 / BATCH],
    plain("endorsement policy of 3", gas.policyOf3),
    plain("one endorsement", gas.endorsementOf1),
    ["three endorsements", gas.endorsementOf3, gas.endorsementOf3 / 3],
    plain("anchor: first checkpoint", gas.anchorFirst),
    ["anchor with proof from 1,000,000: 1,024 more", gas.anchorAfter1024, gas.anchorAfter1024 / 1024],
    ["anchor with proof: another 4,096", gas.anchorAfter4096, gas.anchorAfter4096 / 4096],
  ];
}

/**
 * Gas of what users do, from receipts on an embedded chain. The value is that of a signed record in an existing dataset, as a share of
 * the same record's in the baseline contract.
 */
export async function run(): Promise<BenchResult> {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const connection = await network.create();
  const gas = await measureGas(connection.ethers);
  await connection.close();
  console.log(`${"".padEnd(46)}${"gas".padStart(12)}${"each".padStart(12)}`);
  for (const [what, total, each] of table(gas)) {
    const amount = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 1 }).padStart(12);
    console.log(`${what.padEnd(46)}${amount(total)}${amount(each)}`);
  }
  const value = gas.recordSigned / gas.baselineNext;
  const batchEach = gas.batchOf50 / BATCH;
  const batchSignedEach = gas.batchOf50Signed / BATCH;
  const goal = 1 / 3;
  return {
    bench: "gas",
    value: round(value),
    unit: "share of the baseline's gas",
    goal: round(goal),
    ok: value <= goal && batchEach < gas.recordDirect && batchSignedEach < gas.recordSigned,
    batchEach,
    batchSignedEach,
    accessEach: gas.accessesOf50 / BATCH,
    anchorPerRecordAt1024: round(gas.anchorAfter1024 / 1024),
    anchorPerRecordAt4096: round(gas.anchorAfter4096 / 4096),
    ...gas,
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
