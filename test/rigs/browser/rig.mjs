import { existsSync } from 'node:fs';
import { findBinary, installed } from '../machine.mjs';

const emoji = '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf';

/** Debian's Chromium, and a font for what cards are drawn with; each test starts it for itself. */
export const rig = {
  name: 'browser',
  async start() {
    const chromium = installed('chromium', () =>
      findBinary(['chromium', 'chromium-browser', 'google-chrome']),
    );
    installed('fonts-noto-color-emoji', () => (existsSync(emoji) ? emoji : undefined));
    return { env: { BAKERY_TEST_CHROMIUM: chromium } };
  },
  async stop() {},
};
