import type { Command } from 'commander';
import { registerActivityCommands } from './commands/activity.ts';
import { registerAdminCommand } from './commands/admin.ts';
import { registerBackupCommands } from './commands/backups.ts';
import { registerBookCommands } from './commands/book.ts';
import { registerDataCommands } from './commands/data.ts';
import { registerDeployCommands } from './commands/deploy.ts';
import { registerExportCommand } from './commands/export.ts';
import { registerKeeperCommand } from './commands/keeper.ts';
import { registerLinkCommands } from './commands/links.ts';
import { registerLogsCommand } from './commands/logs.ts';
import { registerOperationCommands } from './commands/operation.ts';
import type { Run } from './commands/run.ts';
import { registerRunStateCommands } from './commands/run-state.ts';
import { registerSandboxCommand } from './commands/sandbox.ts';
import { registerServerCommands } from './commands/server.ts';
import { registerSecretCommand, registerVariableCommand } from './commands/settings.ts';

/** All but those that program.ts has, in the order of the help. */
export function registerOtherCommands(program: Command, run: Run): void {
  registerDeployCommands(program, run);
  registerRunStateCommands(program, run);
  registerBackupCommands(program, run);
  registerDataCommands(program, run);
  registerExportCommand(program, run);
  registerBookCommands(program, run);
  registerLogsCommand(program, run);
  registerLinkCommands(program, run);
  registerAdminCommand(program, run);
  registerVariableCommand(program, run);
  registerSecretCommand(program, run);
  registerOperationCommands(program, run);
  registerActivityCommands(program, run);
  registerKeeperCommand(program, run);
  registerServerCommands(program, run);
  registerSandboxCommand(program, run);
}
