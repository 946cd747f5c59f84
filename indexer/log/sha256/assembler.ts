/** The few parts of the WebAssembly binary format (core 2.0) that the SHA-256 module needs. */

const I32 = 0x7f;
const V128 = 0x7b;
const SIMD = 0xfd;

/** A local variable's index. */
export type Local = number;

/** Writes the body of one function. A method writes the instruction of its name, operands being on the stack already. */
export type Assembler = ReturnType<typeof createAssembler>;

export type WasmFunction = {
  readonly name: string;
  /** All of type i32; no results. */
  readonly parameters: number;
  readonly v128Locals: number;
  readonly body: readonly number[];
};

export function createAssembler() {
  const code: number[] = [];
  const emit = (...bytes: readonly number[]) => void code.push(...bytes);
  const simd = (opcode: number, ...rest: readonly number[]) => emit(SIMD, ...unsigned(opcode), ...rest);
  return {
    code,
    get: (local: Local) => emit(0x20, ...unsigned(local)),
    set: (local: Local) => emit(0x21, ...unsigned(local)),
    tee: (local: Local) => emit(0x22, ...unsigned(local)),
    i32Const: (value: number) => emit(0x41, ...signed(value)),
    i32Add: () => emit(0x6a),
    i32Load8: (offset: number) => emit(0x2d, 0, ...unsigned(offset)),
    i32Load16: (offset: number) => emit(0x2f, 0, ...unsigned(offset)),
    /** Repeats `body` until the i32 that it leaves on the stack is zero. */
    loop: (body: () => void) => {
      emit(0x03, 0x40);
      body();
      emit(0x0d, 0, 0x0b);
    },
    v128Load: (offset: number) => simd(0x00, 0, ...unsigned(offset)),
    v128Store: (offset: number) => simd(0x0b, 0, ...unsigned(offset)),
    /** Picks 16 bytes of the two operands: 0 to 15 of the first, 16 to 31 of the second. */
    shuffle: (...lanes: readonly number[]) => simd(0x0d, ...lanes),
    splat: () => simd(0x11),
    /** Fills a vector lane by lane: the first one stands in all lanes until the others follow. */
    lane: (lane: number) => (lane === 0 ? simd(0x11) : simd(0x1c, lane)),
    and: () => simd(0x4e),
    or: () => simd(0x50),
    xor: () => simd(0x51),
    /** Shifts and sums are of four 32-bit lanes. */
    shl: (bits: number) => {
      emit(0x41, ...signed(bits));
      simd(0xab);
    },
    shr: (bits: number) => {
      emit(0x41, ...signed(bits));
      simd(0xad);
    },
    add: () => simd(0xae),
  };
}

/** A module with one memory of `pages` times 64 KiB and the functions, all exported by name; the memory as `memory`. */
export function assembleModule(pages: number, functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...list(Array(parameters).fill([I32])),
    ...list([]),
  ]);
  const exports = [
    [...name("memory"), 0x02, 0],
    ...functions.map((one, i) => [...name(one.name), 0x00, ...unsigned(i)]),
  ];
  const bodies = functions.map(({ v128Locals, body }) =>
    sized([...list([[...unsigned(v128Locals), V128]]), ...body, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(5, list([[0x01, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return sized([...text].map((character) => character.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
