import { LEAF_BYTES } from "../../../protocol/leaf.ts";
import { HASH_BYTES, NODE_PREFIX } from "../../../protocol/tree/hash.ts";
import {
  type Assembler,
  assembleModule,
  createAssembler,
  type Local,
  type WasmFunction,
} from "./assembler.ts";
import { rounds, type State, scheduleWord, type Word } from "./compress.ts";
import { INITIAL_STATE, ROUND_CONSTANTS } from "./constants.ts";

/** Messages hashed at once: the 32-bit lanes of a 128-bit vector. */
export const LANES = 4;
const VECTOR_BYTES = 16;
const PAGE_BYTES = 65_536;

// The module's own memory: round constants and initial state, each spread over all lanes, then one state put aside.
const KEYS_AT = VECTOR_BYTES;
const INITIAL_AT = KEYS_AT + 64 * VECTOR_BYTES;
const SCRATCH_AT = INITIAL_AT + 8 * VECTOR_BYTES;
/** Where callers may put data; the bytes before it are read (as what is masked out) but never written. */
export const DATA_AT = SCRATCH_AT + 8 * VECTOR_BYTES;

// Parameters and locals of both functions.
const INPUT: Local = 0;
const OUTPUT: Local = 1;
const GROUPS: Local = 2;
const FIRST_VECTOR = 3;
const vectors = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => FIRST_VECTOR + from + i);
const STATE: State = {
  working: vectors(0, 8),
  t: FIRST_VECTOR + 8,
  abBefore: FIRST_VECTOR + 9,
  ab: FIRST_VECTOR + 10,
};
const WORDS: readonly Local[] = vectors(11, 16);
const TEMPORARIES: readonly Local[] = vectors(27, 8);
const V128_LOCALS = 35;

const BYTE_SWAP = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const LOW_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_WORDS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/**
 * A WebAssembly module that hashes leaves (34 bytes with their prefix: one block) and nodes (65 bytes: two blocks) of a log, four at
 * once. Exports `leaves` and `pairs`, both of (input, output, groups of four), and `memory`. Output MAY lie on input.
 */
export function buildModule(pages: number): Uint8Array<ArrayBuffer> {
  return assembleModule(pages, [
    wasmFunction("leaves", LEAF_BYTES, leafGroup),
    wasmFunction("pairs", 2 * HASH_BYTES, pairGroup),
  ]);
}

/** Bytes of memory in so many pages. */
export function memoryBytes(pages: number): number {
  return pages * PAGE_BYTES;
}

/** Writes the constants that the functions read. MUST be done once before the first call. */
export function fillConstants(memory: Uint8Array): void {
  const view = new DataView(memory.buffer);
  const spread = (words: readonly number[], at: number) =>
    words.forEach((word, i) => {
      for (let lane = 0; lane < LANES; lane++) view.setUint32(at + i * VECTOR_BYTES + lane * 4, word, true);
    });
  spread(ROUND_CONSTANTS, KEYS_AT);
  spread(INITIAL_STATE, INITIAL_AT);
}

function wasmFunction(
  name: string,
  messageBytes: number,
  group: (asm: Assembler, stride: number) => void,
): WasmFunction {
  const asm = createAssembler();
  asm.loop(() => {
    group(asm, messageBytes);
    advance(asm, INPUT, LANES * messageBytes);
    advance(asm, OUTPUT, LANES * HASH_BYTES);
    advance(asm, GROUPS, -1);
    asm.get(GROUPS);
  });
  return { name, parameters: 3, v128Locals: V128_LOCALS, body: asm.code };
}

function leafGroup(asm: Assembler, stride: number): void {
  // The prefix of a leaf is zero: words 0 to 7 hold it and 31 bytes; word 8 the last two, the end mark and a zero.
  loadWords(asm, stride, 2);
  maskFirstWord(asm, 0);
  for (let lane = 0; lane < LANES; lane++) {
    asm.get(INPUT);
    asm.i32Load16(lane * stride + 31);
    asm.lane(lane);
  }
  asm.set(word(8));
  asm.get(word(8));
  splat(asm, 0x80);
  asm.shuffle(16 + 3, 16, 1, 0, 16 + 7, 16 + 4, 5, 4, 16 + 11, 16 + 8, 9, 8, 16 + 15, 16 + 12, 13, 12);
  asm.set(word(8));
  splat(asm, (1 + LEAF_BYTES) * 8);
  asm.set(word(15));
  const words: Word[] = WORDS.map((local, i) => (i > 8 && i < 15 ? null : local));
  loadState(asm, INITIAL_AT);
  const order = rounds(asm, STATE, (round) => addScheduled(asm, words, round));
  storeHashes(asm, addState(asm, order, INITIAL_AT));
}

function pairGroup(asm: Assembler, stride: number): void {
  loadWords(asm, stride, 4);
  maskFirstWord(asm, NODE_PREFIX);
  const words: Word[] = [...WORDS];
  loadState(asm, INITIAL_AT);
  const first = rounds(asm, STATE, (round) => addScheduled(asm, words, round));
  addState(asm, first, INITIAL_AT).forEach((local, i) => {
    asm.i32Const(SCRATCH_AT);
    asm.get(local);
    asm.v128Store(i * VECTOR_BYTES);
  });
  loadState(asm, SCRATCH_AT);
  // The second block: the message's last byte, the end mark, zeros, and the length in bits.
  for (let lane = 0; lane < LANES; lane++) {
    asm.get(INPUT);
    asm.i32Load8(lane * stride + stride - 1);
    asm.lane(lane);
  }
  asm.shl(24);
  splat(asm, 0x80_0000);
  asm.or();
  asm.set(word(0));
  splat(asm, (1 + 2 * HASH_BYTES) * 8);
  asm.set(word(15));
  const rest: Word[] = WORDS.map((local, i) => (i > 0 && i < 15 ? null : local));
  const second = rounds(asm, STATE, (round) => addScheduled(asm, rest, round));
  storeHashes(asm, addState(asm, second, SCRATCH_AT));
}

/** Loads the message from one byte before the input on, so that the prefix has its place, as big-endian words across the lanes. */
function loadWords(asm: Assembler, stride: number, quads: number): void {
  for (let quad = 0; quad < quads; quad++) {
    const rows = TEMPORARIES.slice(0, LANES);
    rows.forEach((row, lane) => {
      asm.get(INPUT);
      asm.i32Const(-1);
      asm.i32Add();
      asm.v128Load(lane * stride + quad * VECTOR_BYTES);
      asm.set(row);
      byteSwap(asm, row);
    });
    transpose(asm, rows, WORDS.slice(quad * LANES, (quad + 1) * LANES));
  }
}

function maskFirstWord(asm: Assembler, prefix: number): void {
  asm.get(word(0));
  splat(asm, 0x00ff_ffff);
  asm.and();
  if (prefix !== 0) {
    splat(asm, prefix << 24);
    asm.or();
  }
  asm.set(word(0));
}

function addScheduled(asm: Assembler, words: Word[], round: number): void {
  if (round >= 16) scheduleWord(asm, words, round, word(round % 16));
  const scheduled = words[round % 16] ?? null;
  if (scheduled !== null) {
    asm.get(scheduled);
    asm.add();
  }
  asm.i32Const(KEYS_AT);
  asm.v128Load(round * VECTOR_BYTES);
  asm.add();
}

function loadState(asm: Assembler, address: number): void {
  STATE.working.forEach((local, i) => {
    asm.i32Const(address);
    asm.v128Load(i * VECTOR_BYTES);
    asm.set(local);
  });
}

function addState(asm: Assembler, order: readonly Local[], address: number): readonly Local[] {
  order.forEach((local, i) => {
    asm.get(local);
    asm.i32Const(address);
    asm.v128Load(i * VECTOR_BYTES);
    asm.add();
    asm.set(local);
  });
  return order;
}

function storeHashes(asm: Assembler, state: readonly Local[]): void {
  for (let half = 0; half < 2; half++) {
    const rows = TEMPORARIES.slice(0, LANES);
    transpose(asm, state.slice(half * LANES, (half + 1) * LANES), rows);
    rows.forEach((row, lane) => {
      byteSwap(asm, row);
      asm.get(OUTPUT);
      asm.get(row);
      asm.v128Store(lane * HASH_BYTES + half * VECTOR_BYTES);
    });
  }
}

/** Rows become columns: four words of each of four messages, or back. `to` MAY be `from`. */
function transpose(asm: Assembler, from: readonly Local[], to: readonly Local[]): void {
  const [r0 = 0, r1 = 0, r2 = 0, r3 = 0] = from;
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = to;
  const [t0 = 0, t1 = 0, t2 = 0, t3 = 0] = TEMPORARIES.slice(LANES);
  pick(asm, r0, r1, LOW_WORDS, t0);
  pick(asm, r0, r1, HIGH_WORDS, t1);
  pick(asm, r2, r3, LOW_WORDS, t2);
  pick(asm, r2, r3, HIGH_WORDS, t3);
  pick(asm, t0, t2, LOW_HALVES, c0);
  pick(asm, t0, t2, HIGH_HALVES, c1);
  pick(asm, t1, t3, LOW_HALVES, c2);
  pick(asm, t1, t3, HIGH_HALVES, c3);
}

function pick(asm: Assembler, x: Local, y: Local, lanes: readonly number[], target: Local): void {
  asm.get(x);
  asm.get(y);
  asm.shuffle(...lanes);
  asm.set(target);
}

function byteSwap(asm: Assembler, local: Local): void {
  pick(asm, local, local, BYTE_SWAP, local);
}

function splat(asm: Assembler, value: number): void {
  asm.i32Const(value);
  asm.splat();
}

function advance(asm: Assembler, local: Local, by: number): void {
  asm.get(local);
  asm.i32Const(by);
  asm.i32Add();
  asm.set(local);
}

function word(i: number): Local {
  return WORDS[i] ?? 0;
}
