/** argv → command → exit code. `--version` answers before anything else is loaded. */

// As a whole: an old Node has no enableCompileCache, and is to hear what it lacks.
import module from 'node:module';
import { screenFlags } from './screen-flags.ts';
import { thisTerminal } from './this-terminal.ts';
import { showSkeleton } from './tui/skeleton.ts';

/** Written in by the build. */
declare const OFOREST_VERSION: string;

const oldest = [22, 18] as const;

const [first, ...rest] = process.argv.slice(2);
if ((first === '--version' || first === '-V') && rest.length === 0) {
  process.stdout.write(`${OFOREST_VERSION}\n`);
} else if (isTooOld(process.versions.node)) {
  process.stderr.write(`oForest needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 4;
} else {
  // What Node compiled for an earlier command serves the next: half of the start-up otherwise.
  module.enableCompileCache();
  const flags = screenFlags(process.argv.slice(2));
  const terminal = flags && thisTerminal(flags);
  const skeleton = terminal?.surface === 'screen' ? showSkeleton(process, terminal.traits) : undefined;
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2), OFOREST_VERSION, skeleton);
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}
