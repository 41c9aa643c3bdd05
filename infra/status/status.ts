// `npm run status`: how all secrets of a deployment are.

import { runCommand } from '../terminal/command.ts';
import { status } from './command.ts';

await runCommand('npm run status', status, { callsAws: true });
