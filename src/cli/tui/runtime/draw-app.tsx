import { type Instance, render } from 'ink';
import { App } from '../view/app.tsx';
import type { Look } from '../view/look.ts';
import type { Store } from './store.ts';

/**
 * Draws the store on the whole terminal and reads its keys, until it is unmounted. A new size is told before Ink hears of
 * it, so that no frame of the old size is drawn on the new screen.
 */
export function drawApp(
  store: Store,
  { look, stdin, stdout }: { look: Look; stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream },
): Instance {
  const resized = () => store.dispatch({ kind: 'resized', size: sizeOf(stdout) });
  stdout.on('resize', resized);
  const app = render(<App store={store} look={look} />, {
    ...{ alternateScreen: true, incrementalRendering: true, interactive: true },
    ...{ exitOnCtrlC: false, patchConsole: false, maxFps: 60 },
    ...{ stdin, stdout },
  });
  void app.waitUntilExit().finally(() => stdout.off('resize', resized));
  return app;
}

export function sizeOf({ columns, rows }: Pick<NodeJS.WriteStream, 'columns' | 'rows'>) {
  return { columns: columns || 80, rows: rows || 24 };
}
