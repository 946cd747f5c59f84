import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";

const deploy = task("deploy", "Deploys Stemma's contracts and writes deployments/<network>/")
  .addFlag({ name: "reset", description: "Start over: the old folder is moved aside, never deleted" })
  .addOption({
    name: "directory",
    description: "Folder that holds a folder for each network",
    type: ArgumentType.STRING_WITHOUT_DEFAULT,
    defaultValue: undefined,
  })
  .setAction(() => import("./deploy.ts"))
  .build();

/** Stemma's own Hardhat tasks. */
export const tasks = [deploy];
