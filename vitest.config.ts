import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { OFOREST_VERSION: JSON.stringify('test') },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/bench/**', 'node_modules/**'],
    testTimeout: 15_000,
  },
});
