import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** AccessManager, ProvenanceRegistry and CheckpointAnchor; `admin` is the one who may pause and register logs at first. */
export const contractsModule = buildModule("Stemma", (m) => {
  const accessManager = m.contract("AccessManager", [m.getParameter("admin")]);
  const provenanceRegistry = m.contract("ProvenanceRegistry", [accessManager]);
  const checkpointAnchor = m.contract("CheckpointAnchor", [accessManager]);
  return { accessManager, provenanceRegistry, checkpointAnchor };
});
