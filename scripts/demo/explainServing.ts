import type { CheckedRecord } from "./checkOneRecord.ts";
import type { Narrator } from "./narrator.ts";

/** Says where everything listens, and three commands to try in another terminal. */
export function explainServing(
  narrator: Narrator,
  where: {
    readonly apiUrl: string;
    readonly rpcUrl: string;
    readonly deploymentsDir: string;
    readonly check: CheckedRecord;
  },
): void {
  const { recordHash } = where.check;
  narrator.say("Everything goes on serving until Ctrl-C.");
  narrator.detail(`GraphiQL   ${where.apiUrl}/graphql`);
  narrator.detail(`metrics    ${where.apiUrl}/metrics`);
  narrator.detail(`checkpoint ${where.apiUrl}/checkpoint`);
  narrator.detail(`chain      ${where.rpcUrl}`);
  narrator.say("Three commands to try in another terminal:");
  narrator.detail(`npm run stemma -- lineage ${recordHash} --api ${where.apiUrl}`);
  narrator.detail(`npm run stemma -- proof ${recordHash} -o proof.json --api ${where.apiUrl}`);
  narrator.detail(
    `npm run stemma -- verify proof.json --rpc ${where.rpcUrl} --network localhost --deployments ${where.deploymentsDir}`,
  );
}
