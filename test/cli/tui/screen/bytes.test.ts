import { describe } from 'vitest';
import { itDrawsSparingly } from '../support/sparing.ts';

describe('what is written to the terminal', () => {
  itDrawsSparingly();
});
