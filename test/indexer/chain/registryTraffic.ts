import { encodeFunctionData } from "viem";
import { provenanceRegistryAbi } from "../../../protocol/abi/provenanceRegistry.generated.ts";
import type { TestChain } from "../../helpers/chain.ts";
import { deployContracts, type TestDeployment } from "../../helpers/deploy.ts";

export type Traffic = {
  readonly deployment: TestDeployment;
  /** Registers `count` namespaces, each of which is one event; with automine each in a block of its own. */
  readonly register: (count: number) => Promise<void>;
  readonly head: () => Promise<bigint>;
};

/** Deploys the registry and gives it something to say. */
export async function startTraffic(chain: TestChain): Promise<Traffic> {
  const deployment = await deployContracts(chain.rpcUrl);
  const { registry, deployerWallet, publicClient } = deployment;
  let registered = 0;
  return {
    deployment,
    async register(count) {
      let nonce = await publicClient.getTransactionCount({ address: deployment.deployer.address });
      for (let i = 0; i < count; i++) {
        const data = encodeFunctionData({
          abi: provenanceRegistryAbi,
          functionName: "registerNamespace",
          args: [`namespace ${registered++}`],
        });
        await deployerWallet.sendTransaction({ to: registry, data, gas: 300_000n, nonce: nonce++ });
      }
    },
    head: () => publicClient.getBlockNumber({ cacheTime: 0 }),
  };
}
