import { readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { network } from "hardhat";
import { before, describe, it } from "mocha";
import { type GasFigures, measureGas } from "../../bench/contracts/measureGas.ts";

const snapshot = new URL("./snapshots/gas.json", import.meta.url);

describe("Gas", () => {
  let gas: GasFigures;

  before(async () => {
    const { ethers } = await network.create();
    gas = await measureGas(ethers);
  });

  it("costs what the snapshot says, to the unit (UPDATE_GAS_SNAPSHOT=1 writes it anew)", async () => {
    if (process.env.UPDATE_GAS_SNAPSHOT === "1") {
      await writeFile(snapshot, `${JSON.stringify(gas, null, 2)}\n`);
    }
    expect(gas).to.deep.equal(JSON.parse(await readFile(snapshot, "utf8")));
  });

  it("F12: a signed record costs at most a third of the baseline's", () => {
    expect(gas.recordSigned * 3).to.be.at.most(gas.baselineNext);
    expect(gas.recordSignedByWriter * 3).to.be.at.most(gas.baselineNext);
  });

  it("F12: a record in a batch of 50 costs less than one alone", () => {
    expect(gas.batchOf50 / 50).to.be.below(gas.recordDirect);
    expect(gas.batchOf50Signed / 50).to.be.below(gas.recordSigned);
  });

  it("F12: an anchor costs less than 100 gas an entry from 1,024 entries on", () => {
    expect(gas.anchorAfter1024 / 1024).to.be.below(100);
    expect(gas.anchorAfter4096 / 4096).to.be.below(25);
  });
});
