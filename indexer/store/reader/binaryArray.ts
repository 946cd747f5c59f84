/** Dimensions, null flag and element type, then length and lower bound of the one dimension; an empty array has no dimension. */
const HEADER_BYTES = 20;
/** Its own length stands before each element. */
const PREFIX_BYTES = 4;

/**
 * The numbers of a `bigint[]` without nulls out of `array_send`, PostgreSQL's binary form of an array (src/backend/utils/adt/
 * arrayfuncs.c). Neither side has to make text of thousands of numbers, which takes longer than finding them.
 */
export function readBigints(array: Uint8Array): bigint[] {
  return readElements(array, 8, (view, at) => view.getBigInt64(at));
}

/** The numbers of an `integer[]` without nulls out of `array_send`. */
export function readIntegers(array: Uint8Array): number[] {
  return readElements(array, 4, (view, at) => view.getInt32(at));
}

function readElements<Element>(
  array: Uint8Array,
  bytes: number,
  read: (view: DataView, at: number) => Element,
): Element[] {
  const view = new DataView(array.buffer, array.byteOffset, array.byteLength);
  const elements: Element[] = [];
  for (let at = HEADER_BYTES + PREFIX_BYTES; at + bytes <= array.length; at += PREFIX_BYTES + bytes) {
    elements.push(read(view, at));
  }
  return elements;
}
