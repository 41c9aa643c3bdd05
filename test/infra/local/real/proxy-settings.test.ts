import { describe, expect, it } from 'vitest';
import { readProxySettings } from '../../../../infra/local/real/proxy-settings.ts';

const PROXY = 'http://proxy.example.com:3128';

describe('the settings of a proxy that a person has', () => {
  it('are not passed on without a proxy', () => {
    expect(readProxySettings({ NO_PROXY: 'localhost,10.0.0.0/8', https_proxy: ' ' })).toEqual({
      environment: {},
    });
  });

  it('are passed on without what the function would refuse, which is told', () => {
    const env = { HTTPS_PROXY: PROXY, NO_PROXY: 'localhost, .example.org,10.0.0.0/8 fe80::/10' };

    expect(readProxySettings(env)).toEqual({
      environment: { HTTPS_PROXY: PROXY, NO_PROXY: 'localhost,.example.org' },
      ignored: 'Ignored in NO_PROXY: 10.0.0.0/8, fe80::/10: ranges have no effect',
    });
  });

  it('are told without an entry that may be a secret', () => {
    const { ignored } = readProxySettings({
      HTTPS_PROXY: PROXY,
      NO_PROXY: 'http://me:first@proxy,10.0.0.0/8,a*b',
    });

    expect(ignored).toBe(
      'Ignored in NO_PROXY: 10.0.0.0/8: ranges have no effect; entries that are neither a name nor an address: 2',
    );
  });

  it('are those in lower case first, as the function reads them', () => {
    const env = { HTTPS_PROXY: 'http://upper', https_proxy: PROXY, NO_PROXY: 'a/b', no_proxy: '*' };

    expect(readProxySettings(env)).toEqual({ environment: { https_proxy: PROXY, no_proxy: '*' } });
  });

  it('need no exceptions', () => {
    expect(readProxySettings({ HTTPS_PROXY: PROXY })).toEqual({
      environment: { HTTPS_PROXY: PROXY },
    });
  });
});
