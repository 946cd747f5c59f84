import type { ExitCode } from "./exit.ts";
import { checkApi, checkChain, checkDatabase, checkDeployment, type Finding } from "./findings.ts";
import { say, sayJson } from "./print.ts";
import { apiUrlOf, rpcUrlOf, type TargetFlags } from "./target.ts";

export type DoctorFlags = TargetFlags & { readonly database?: string; readonly json?: boolean };

const MARKS = { ok: "ok  ", note: "note", wrong: "BAD " } as const;

/** `stemma doctor`: looks at everything that a setup rests on; 1 where anything is wrong. */
export async function doctor(flags: DoctorFlags): Promise<ExitCode> {
  const rpcUrl = rpcUrlOf(flags);
  const apiUrl = apiUrlOf(flags);
  const databaseUrl = flags.database ?? (process.env.DATABASE_URL || undefined);
  const findings: Finding[] = [];
  const chain = await checkChain(rpcUrl);
  findings.push(...chain.findings);
  const { deployment, findings: deployed } = await checkDeployment(flags, chain);
  findings.push(...deployed);
  findings.push(...(await checkDatabase(databaseUrl, deployment)));
  findings.push(...(await checkApi(apiUrl, chain.head, deployment)));
  const wrong = findings.filter(({ level }) => level === "wrong").length;
  if (flags.json) {
    sayJson({ ok: wrong === 0, findings });
    return wrong === 0 ? 0 : 1;
  }
  for (const { level, about, detail, advice } of findings) {
    say(`${MARKS[level]}  ${about.padEnd(12)} ${detail}`);
    if (advice !== undefined) say(`      ${" ".repeat(12)} -> ${advice}`);
  }
  say(wrong === 0 ? "All is well" : `${wrong} thing${wrong === 1 ? "" : "s"} to mend`);
  return wrong === 0 ? 0 : 1;
}
