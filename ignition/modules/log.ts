import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { contractsModule } from "./contracts.ts";

/**
 * Registers the chain's log. A module of its own, because the default origin contains the registry's address, which is known
 * only after the first module.
 */
export const logModule = buildModule("StemmaLog", (m) => {
  const { checkpointAnchor } = m.useModule(contractsModule);
  m.call(checkpointAnchor, "registerLog", [m.getParameter("origin"), m.getParameter("operator")]);
  return { checkpointAnchor };
});
