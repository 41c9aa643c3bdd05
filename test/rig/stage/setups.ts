import { join } from 'node:path';
import { LAMBDA_FOLDER } from '../../../infra/build/bundle.ts';

/** Whose code rotates. */
export type Rotator = 'ours' | 'textbook';

/** Where the code of each begins. */
export const ENTRIES: Readonly<Record<Rotator, string>> = {
  ours: join(LAMBDA_FOLDER, 'index.ts'),
  textbook: join(import.meta.dirname, 'textbook-rotator.ts'),
};

/** What is played: a rotator, and what its secret and its function are given. */
export interface Setup {
  readonly rotator: Rotator;
  /** How people call it. */
  readonly title: string;
  /** The secret holds a standby. */
  readonly alternating: boolean;
  /** The function knows a Maintainer's token. */
  readonly recovery: boolean;
}

/** Every column of the matrix. */
export const SETUPS = {
  'one token': {
    rotator: 'ours',
    title: 'One token',
    alternating: false,
    recovery: false,
  },
  'one token, recovery': {
    rotator: 'ours',
    title: 'One token, with a recovery credential',
    alternating: false,
    recovery: true,
  },
  'two tokens': {
    rotator: 'ours',
    title: 'Two alternating tokens',
    alternating: true,
    recovery: false,
  },
  'two tokens, recovery': {
    rotator: 'ours',
    title: 'Two alternating tokens, with a recovery credential',
    alternating: true,
    recovery: true,
  },
  textbook: {
    rotator: 'textbook',
    title: 'The textbook rotator, one token',
    alternating: false,
    recovery: false,
  },
} as const satisfies Readonly<Record<string, Setup>>;

export type SetupName = keyof typeof SETUPS;
export const SETUP_NAMES = Object.keys(SETUPS) as readonly SetupName[];

/** The setups of the rotator of this project. */
export type OurSetupName = Exclude<SetupName, 'textbook'>;
export const OUR_SETUPS = SETUP_NAMES.filter((name): name is OurSetupName => name !== 'textbook');
