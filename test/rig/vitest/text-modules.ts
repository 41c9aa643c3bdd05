import type { Plugin } from 'vite';

/** `import text from './page.md' with { type: 'text' }`, which esbuild knows and Vite does not. */
export const textModules: Plugin = {
  name: 'text-modules',
  enforce: 'pre',
  transform: (text, id) =>
    id.endsWith('.md') ? `export default ${JSON.stringify(text)};` : undefined,
};
