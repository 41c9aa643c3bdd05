import fc from 'fast-check';

/** Where the halves of surrogate pairs lie, which are no characters. */
const SURROGATES = { from: 0xd800, count: 0x800 };

/** The library's own unit `binary` makes a table of all characters first, which takes it two seconds. */
const CHARACTER = fc
  .nat(0x10ffff - SURROGATES.count)
  .map((code) => String.fromCodePoint(code < SURROGATES.from ? code : code + SURROGATES.count));

/** A text of any characters of Unicode. */
export function anyText(constraints: Omit<fc.StringConstraints, 'unit'> = {}) {
  return fc.string({ ...constraints, unit: CHARACTER });
}
