// Runs before the first TypeScript of a command, on whatever Node.js there is: an older one would end
// in a stack trace.

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(
    `\nThis command needs Node.js ${NEEDED}, and runs on ${process.versions.node}. npm ci installs Node.js ${NEEDED} for it. If npm's setting ignore-scripts forbids that, run after it: npm rebuild node --ignore-scripts=false\n\n`,
  );
  // Not 1, with which `npm run status` says that something was found.
  process.exit(2);
}
