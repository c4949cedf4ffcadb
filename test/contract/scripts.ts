const sh = (script: string): readonly string[] => ['/bin/sh', '-c', script];

/** All that runs in containers of the suite: what a pretended image has to understand. */
export const scripts = {
  /** Ends with 0 at SIGTERM. */
  steady: sh('trap "exit 0" TERM; sleep 1000 & wait'),
  /** Says when it starts and when it is asked to stop. */
  talkative: sh('trap "echo stopping; exit 0" TERM; echo started; sleep 1000 & wait'),
  /** As the first process of a container it is not ended by SIGTERM. */
  stubborn: ['sleep', '1000'],
  succeeds: ['true'],
  fails: sh('exit 7'),
  failsAfter1s: sh('sleep 1; exit 7'),
  /** Of two tasks the second fails; wants SLOT. */
  failsInSlot2: sh('if [ "$SLOT" = 2 ]; then sleep 1; exit 7; fi; trap "exit 0" TERM; sleep 1000 & wait'),
  failsAfter3s: sh('sleep 3; exit 7'),
  prints: sh('echo one; echo two >&2; echo three; trap "exit 0" TERM; sleep 1000 & wait'),
  printsAndEnds: sh('echo alpha; sleep 1; echo beta; sleep 1; echo gamma'),
  printsLater: sh('echo first; sleep 2; echo second; trap "exit 0" TERM; sleep 1000 & wait'),
  showsVariables: sh('printenv GREETING; printenv SLOT; trap "exit 0" TERM; sleep 1000 & wait'),
  showsFiles: sh('cat /run/secrets/word; echo; cat /etc/word; echo; trap "exit 0" TERM; sleep 1000 & wait'),
  noSuchCommand: ['no-such-command'],
} as const satisfies Record<string, readonly string[]>;

/** What health checks and `exec` run. */
export const probes = {
  passes: ['CMD-SHELL', 'exit 0'],
  fails: ['CMD-SHELL', 'echo sick; exit 1'],
  echoes: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'],
  echoesInput: ['cat'],
} as const satisfies Record<string, readonly string[]>;
