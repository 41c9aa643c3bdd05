import type { Language } from './settings.ts';

interface Texts {
  readonly dateLimit: (date: string) => string;
  /** What joins two sentences about the date. */
  readonly and: string;
  readonly alreadyRevoked: string;
  readonly revokeFailed: string;
  readonly level: string;
  /** The same from 19.0 on. */
  readonly permissions: string;
  readonly legacyDisabled: string;
  readonly personalTokenOnly: string;
}

/**
 * What follows `400 Bad request - `. GitLab translates it, so a client must not
 * read it; the German is ours, and only there to be different.
 */
export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    dateLimit: (date) => `Expiration date must be before ${date}`,
    and: ' and ',
    alreadyRevoked: 'Token already revoked',
    revokeFailed: 'Failed to revoke token',
    level: 'Not eligible to rotate token with access level higher than the user',
    permissions: 'Not eligible to rotate tokens with permissions not held by the user',
    legacyDisabled:
      'Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.',
    personalTokenOnly: 'This endpoint requires token type to be a personal access token',
  },
  de: {
    dateLimit: (date) => `Das Ablaufdatum muss vor dem ${date} liegen`,
    and: ' und ',
    alreadyRevoked: 'Das Token ist bereits widerrufen',
    revokeFailed: 'Das Token konnte nicht widerrufen werden',
    level: 'Das Token hat eine höhere Zugriffsebene als der Benutzer',
    permissions: 'Das Token hat Rechte, die der Benutzer nicht hat',
    legacyDisabled: 'Klassische persönliche Token können nicht mehr erneuert werden',
    personalTokenOnly: 'Dieser Endpunkt verlangt ein persönliches Zugriffstoken',
  },
};
