import { Box, Text, useApp, useInput, usePaste } from 'ink';
import { memo, useEffect, useSyncExternalStore } from 'react';
import { keysOf } from '../model/keys.ts';
import { topScreen } from '../model/state.ts';
import type { Store } from '../runtime/store.ts';
import { frameOf } from './frame.ts';
import type { Line } from './line.ts';
import type { Look } from './look.ts';

/** What Ink does for those alone whom it draws. */
export type InkHands = Pick<ReturnType<typeof useApp>, 'suspendTerminal'>;

interface AppProps {
  readonly store: Store;
  readonly look: Look;
  readonly onHands: (hands: InkHands) => void;
}

/** The frame of the state, drawn; keys go to the store. Everything that is shown is decided in `frameOf`. */
export function App({ store, look, onHands }: AppProps) {
  const state = useSyncExternalStore(store.subscribe, store.read);
  useInput((input, key) => store.dispatchAll(keysOf(input, key).map((one) => ({ kind: 'key', key: one }))));
  usePaste((text) => store.dispatch({ kind: 'pasted', text }));
  const { serial } = topScreen(state);
  useEffect(() => store.dispatch({ kind: 'drawn', serial }), [store, serial]);
  const { suspendTerminal } = useApp();
  useEffect(() => onHands({ suspendTerminal }), [onHands, suspendTerminal]);
  const lines = frameOf(state, look);
  return (
    <Box flexDirection="column" width={state.size.columns} height={lines.length} overflow="hidden">
      {lines.map((cells, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is where it stands
        <Row key={row} cells={cells} />
      ))}
    </Box>
  );
}

const Row = memo(
  ({ cells }: { cells: Line }) => (
    <Box height={1} flexShrink={0}>
      {cells.map(({ text, color, bold, dim, inverse }, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is where it stands
          key={index}
          wrap="truncate"
          {...(color && { color })}
          bold={bold ?? false}
          dimColor={dim ?? false}
          inverse={inverse ?? false}
        >
          {text}
        </Text>
      ))}
    </Box>
  ),
  (before, after) => sameLine(before.cells, after.cells),
);

function sameLine(one: Line, other: Line): boolean {
  return (
    one.length === other.length &&
    one.every((cell, index) => {
      const { text, color, bold, dim, inverse } = other[index] ?? { text: '' };
      return (
        cell.text === text && cell.color === color && cell.bold === bold && cell.dim === dim && cell.inverse === inverse
      );
    })
  );
}
