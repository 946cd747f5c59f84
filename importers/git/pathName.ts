import { utf8 } from "../../protocol/bytes.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const needsEscape = /[\p{Cc}%\ufeff]/u;
const escaped = /[\p{Cc}%\ufeff]/gu;

/**
 * A file's path as the name of its dataset. Git's paths are bytes, not text: what isn't valid UTF-8, control characters, the
 * byte order mark (which decoders drop) and `%` are percent-encoded byte by byte, all else stays readable. Different paths never get the same name.
 *
 * @example pathName(utf8("src/100% sure.txt")) // "src/100%25 sure.txt"
 */
export function pathName(path: Uint8Array): string {
  try {
    const text = strict.decode(path);
    return needsEscape.test(text) ? text.replace(escaped, escapeCharacter) : text;
  } catch {
    return mixedName(path);
  }
}

/** Takes the valid characters one by one, and escapes the bytes between them. */
function mixedName(path: Uint8Array): string {
  let name = "";
  let at = 0;
  while (at < path.length) {
    const length = characterLength(path, at);
    if (length === 0) {
      name += hex(path[at] ?? 0);
      at += 1;
    } else {
      name += pathName(path.subarray(at, at + length));
      at += length;
    }
  }
  return name;
}

/** Bytes of the valid UTF-8 character at `at`; 0 where there is none. */
function characterLength(path: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= path.length; length++) {
    try {
      strict.decode(path.subarray(at, at + length));
      return length;
    } catch {
      // A longer character may begin here.
    }
  }
  return 0;
}

function escapeCharacter(character: string): string {
  return [...utf8(character)].map(hex).join("");
}

function hex(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
