import type { BaseContract, BaseContractMethod } from "ethers";

type FunctionName<Abi extends readonly { readonly type: string }[]> = Extract<
  Abi[number],
  { readonly type: "function"; readonly name: string }
>["name"];

/** An ethers contract whose functions are known by name from its ABI. */
export type TypedContract<Abi extends readonly { readonly type: string }[]> = Omit<
  BaseContract,
  "connect"
> & {
  connect(runner: unknown): TypedContract<Abi>;
} & { readonly [Name in FunctionName<Abi>]: BaseContractMethod };

/** Gives a contract the type of its ABI. */
export function typedContract<Abi extends readonly { readonly type: string }[]>(
  contract: unknown,
  _abi: Abi,
): TypedContract<Abi> {
  return contract as TypedContract<Abi>;
}
