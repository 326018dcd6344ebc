// Tests run in Node with HubSpot's own test renderer: no browser, no network.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['cards/**/*.test.{ts,tsx}', 'settings/**/*.test.{ts,tsx}', 'packages/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    // Ten thousand texts take long on a busy machine; a hanging test still ends.
    testTimeout: 60_000,
  },
});
