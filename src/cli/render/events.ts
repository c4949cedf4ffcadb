import { describeEvent, type OperationEvent, safeText } from '../../core/index.ts';
import { paint } from './paint.ts';

/** Events as lines of a log that stays readable in any terminal: each with the seconds since the operation began. */
export function createEventLines({ color, ascii, verbose }: { color: boolean; ascii: boolean; verbose: boolean }) {
  const { green, yellow, dim } = paint(color);
  const [mark, warn] = ascii ? ['*', '!'] : ['✓', '!'];
  let startedAt: number | undefined;
  return (event: OperationEvent): readonly string[] => {
    startedAt ??= Date.parse(event.at);
    const seconds = `${((Date.parse(event.at) - startedAt) / 1000).toFixed(1)} s`.padStart(7);
    const sentence = safeText(describeEvent(event));
    const line = (text: string) => [`${dim(seconds)}  ${text}`];
    switch (event.kind) {
      case 'backup-made':
      case 'data-switched':
      case 'serving':
      case 'settled':
      case 'operation-finished':
        return line(`${green(mark)} ${sentence}`);
      case 'notice':
        return line(`${yellow(warn)} ${sentence}`);
      case 'step-started':
      case 'release-recorded':
      case 'guarded':
      case 'fit-checked':
        return line(`  ${sentence}`);
      case 'waiting':
        return line(dim(`    ${sentence}`));
      case 'step-finished':
        return verbose ? line(dim(`  ${sentence}`)) : [];
      case 'operation-started':
      case 'operation-failed':
        return [];
    }
  };
}
