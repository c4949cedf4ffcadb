import { Box, Text, useApp, useInput, usePaste } from 'ink';
import { memo, useEffect, useMemo, useSyncExternalStore } from 'react';
import { keysOf } from '../model/keys.ts';
import type { Store } from '../runtime/store.ts';
import type { Line } from './line.ts';
import type { Look } from './look.ts';
import { picturesOf } from './pictures.ts';

/** What Ink does for those alone whom it draws. */
export type InkHands = Pick<ReturnType<typeof useApp>, 'suspendTerminal'>;

interface AppProps {
  readonly store: Store;
  readonly look: Look;
  readonly onHands: (hands: InkHands) => void;
}

/** The frame of the state, drawn; keys go to the store. Everything that is shown is decided in `frameOf`. */
export function App({ store, look, onHands }: AppProps) {
  const picture = useMemo(() => picturesOf(store.read, look), [store, look]);
  const { lines, size, serial } = useSyncExternalStore(store.subscribe, picture);
  useInput((input, key) => {
    const keys = keysOf(input, key);
    store.dispatchAll(keys.map((one) => ({ kind: 'key', key: one, together: keys.length })));
  });
  usePaste((text) => store.dispatch({ kind: 'pasted', text }));
  useEffect(() => store.dispatch({ kind: 'drawn', serial }), [store, serial]);
  const { suspendTerminal } = useApp();
  useEffect(() => onHands({ suspendTerminal }), [onHands, suspendTerminal]);
  return (
    <Box flexDirection="column" width={size.columns} height={lines.length} overflow="hidden">
      {lines.map((cells, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is where it stands
        <Row key={row} cells={cells} />
      ))}
    </Box>
  );
}

const Row = memo(({ cells }: { cells: Line }) => (
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
));
