import { describe, it } from 'vitest';
import { FAULTS } from '../../../../infra/local/demo/demo-faults.ts';
import { expectEnding } from './fault-endings.ts';

describe('npm start -- --fault', () => {
  it.each(Object.keys(FAULTS))('%s ends as it must, and never presents a dead token', expectEnding);
});
