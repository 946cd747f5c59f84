import { errorTable } from "../../protocol/errorTable.ts";
import type { GeneratedFile } from "./generatedFile.ts";

/** Rooms by the first digit of their errors' codes. */
const rooms: Readonly<Record<string, string>> = {
  "1": "Protocol",
  "2": "Deployment and chains",
  "3": "Client and command line",
  "4": "Importers",
  "5": "Following the chain, and decoding",
  "6": "Store",
  "7": "Log and anchor",
  "8": "API",
  "9": "Pipeline and configuration",
};

const introduction = `# Errors

Every error that Stemma raises off chain, by its stable code. Programs branch on the name, the code or \`retry\`, never on the text.
Values in braces are filled in. Written by \`npm run generate\` from \`protocol/errorTable.ts\`.
`;

/** Returns `docs/errors.md`, one heading for each code so that an error's docs path leads to it. */
export async function generateErrors(): Promise<readonly GeneratedFile[]> {
  const entries = Object.entries(errorTable).sort(([, a], [, b]) => (a.code < b.code ? -1 : 1));
  const lines = [introduction];
  let room = "";
  for (const [name, entry] of entries) {
    const digit = entry.code.charAt(4);
    if (digit !== room) {
      room = digit;
      lines.push(`## ${rooms[digit] ?? "Other"}\n`);
    }
    lines.push(
      `### ${entry.code}\n\n\`${name}\`${entry.retry ? " · may succeed when tried again" : ""}\n\n> ${escapeTags(entry.message)}\n\n${escapeTags(entry.advice)}\n`,
    );
  }
  return [{ path: "docs/errors.md", content: `${lines.join("\n").trimEnd()}\n` }];
}

/** Keeps Markdown from reading `<name>` as a tag. */
function escapeTags(text: string): string {
  return text.replaceAll("<", "&lt;");
}
