/** argv → command → exit code. `--version` answers before anything else is loaded. */
declare const OFOREST_VERSION: string;

const [first, ...rest] = process.argv.slice(2);
if ((first === '--version' || first === '-V') && rest.length === 0) {
  process.stdout.write(`${OFOREST_VERSION}\n`);
} else {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2), OFOREST_VERSION);
}
