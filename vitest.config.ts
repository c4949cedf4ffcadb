import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { OFOREST_VERSION: JSON.stringify('test') },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/bench/**', 'node_modules/**'],
    // A program in a terminal of its own takes a second, and on a busy machine many.
    testTimeout: 60_000,
    // All cores: the longest files wait most of their time, and with one worker of two everything would wait with them.
    maxWorkers: '100%',
  },
});
