import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A variable for programs that tests start: what one of them has compiled, no other compiles again.
 * Not for the tests themselves, since coverage is less exact with it (Node.js, "Module compile cache").
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), 'compile-cache') };
