import { findBinary, installed } from '../machine.mjs';

/** Debian's Chromium; each test starts it for itself. */
export const rig = {
  name: 'browser',
  async start() {
    const chromium = installed('chromium', () =>
      findBinary(['chromium', 'chromium-browser', 'google-chrome']),
    );
    return { env: { BAKERY_TEST_CHROMIUM: chromium } };
  },
  async stop() {},
};
