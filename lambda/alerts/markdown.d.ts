/** A page that the bundle holds as text. */
declare module '*.md' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: an import of a text gives nothing else.
  export default text;
}
