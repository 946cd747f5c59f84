import { z } from "zod";
import type { Hex } from "../protocol/bytes.ts";

/** The contracts that one deployment consists of. */
export const contractNames = ["AccessManager", "ProvenanceRegistry", "CheckpointAnchor"] as const;

export type ContractName = (typeof contractNames)[number];

const hexSchema = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase() as Hex);
const hashSchema = hexSchema.refine((text) => text.length === 66, "must be 32 bytes");
const addressSchema = hexSchema.refine((text) => text.length === 42, "must be 20 bytes");
const quantitySchema = z.int().nonnegative().transform(BigInt);

/** `deployments/<network>/<Contract>.json`. */
export const contractFileSchema = z.strictObject({
  format: z.literal("stemma-contract/1"),
  contract: z.enum(contractNames),
  address: addressSchema,
  abi: z.array(z.looseObject({ type: z.string() })),
  transactionHash: hashSchema,
  blockNumber: quantitySchema,
  constructorArgs: z.array(z.unknown()),
  compiler: z.strictObject({ version: z.string().min(1), settings: z.record(z.string(), z.unknown()) }),
  /** keccak256 of the code that the chain runs. */
  codeHash: hashSchema,
  /** keccak256 of the creation code, without constructor arguments. */
  creationCodeHash: hashSchema,
});

/** `deployments/<network>/chain.json`. Written last: a folder without it is an unfinished deployment. */
export const chainFileSchema = z.strictObject({
  format: z.literal("stemma-deployment/1"),
  network: z.string().min(1),
  chainId: quantitySchema,
  genesisHash: hashSchema,
  startBlock: quantitySchema,
  deployer: addressSchema,
  log: z.strictObject({ origin: z.string().min(1), logId: hashSchema, operator: addressSchema }),
});

/** One deployed contract. */
export type DeployedContract = Omit<z.output<typeof contractFileSchema>, "format" | "contract">;

/** What `deployments/<network>/` says: where the contracts are, on which chain, and since when. */
export type Deployment = Omit<z.output<typeof chainFileSchema>, "format"> & {
  readonly contracts: Readonly<Record<ContractName, DeployedContract>>;
};
