/** The only door: surfaces import from here and nowhere deeper. */
export { type Clock, randomText, systemClock } from './clock.ts';
export { type Config, expandHome, type ServerConfig, type SshServerConfig } from './config/config.ts';
export { loadConfig, makeCurrent, saveServer } from './config/load-config.ts';
export { Archive } from './database/archive.ts';
export { BackupManifest } from './database/manifest.ts';
export { type Actor, describeActor } from './domain/actor.ts';
export type { Booking } from './domain/booking.ts';
export { type Change, disturbanceOfPlan } from './domain/change.ts';
export { counted } from './domain/counted.ts';
export { didYouMean } from './domain/did-you-mean.ts';
export { parseEnvironment } from './domain/environment.ts';
export { parseExperimentName } from './domain/experiment-name.ts';
export { releaseFits } from './domain/fit.ts';
export { describeGuard, type PeopleTold } from './domain/guard.ts';
export { parseHostName } from './domain/host-name.ts';
export { type OperationEvent, type OperationResult, type StepId, stepIds } from './domain/operation-event.ts';
export type { GuardPolicy } from './domain/operation-request.ts';
export type { Platform } from './domain/platform.ts';
export { parseReleaseNumber, releaseStates } from './domain/release.ts';
export { archiveDays } from './domain/retention.ts';
export { Secret } from './domain/secret.ts';
export { parseSettingsFile, type Settings } from './domain/settings.ts';
export { asTyped, parseStackName, type StackName, stackName } from './domain/stack-name.ts';
export {
  isDown,
  type ListedState,
  studyStates,
  toldByTasks,
  wordOfState,
} from './domain/study-state.ts';
export { capital, quoteForPeople, safeText } from './domain/terminal-text.ts';
export { parseVariableName, parseVariableValue } from './domain/variable.ts';
export { isVerb, nounOfVerb, type RecordedVerb, type Verb } from './domain/verb.ts';
export { type ErrorFacts, ExpectedError, errorCodes, errorFacts, errorFromFacts, exitCodeOf } from './errors.ts';
export { chooseServer, openServer, openServerOver, type Server, usualServerOf } from './open-server.ts';
export { type Activity, listActivity } from './operations/activity.ts';
export { type Booked, bookSlot, listBookings, placeHold, releaseHold } from './operations/bookings.ts';
export { requestCancel } from './operations/cancel-operation.ts';
export {
  type ExperimentStatus,
  experimentStatus,
  listReleases,
  type ReleaseSummary,
  readVariables,
} from './operations/experiment-status.ts';
export { type ExportFacts, type StudyExport, withExport } from './operations/export-study.ts';
export { type AdminAccess, findLinks, type ParticipantLink, readAdminAccess } from './operations/find-links.ts';
export { followOperation } from './operations/follow-operation.ts';
export { awaitNobody } from './operations/guard/await-nobody.ts';
export { leaveToKeeper, runKeeper } from './operations/keeper/keeper.ts';
export { describeKeeperLine, type KeeperLine, type Mail } from './operations/keeper/keeper-report.ts';
export { platformChores } from './operations/keeper/platform-chores.ts';
export { createTimetable } from './operations/keeper/timetable.ts';
export { type ExperimentSummary, listStudies, type StudyList } from './operations/list-experiments.ts';
export { type PeopleSeen, seePeopleEverywhere, seePeopleOf } from './operations/people-in-sessions.ts';
export type { ServerCheck } from './operations/platform/check-result.ts';
export { checkServer, type ServerReport } from './operations/platform/check-server.ts';
export type { PlatformChange } from './operations/platform/platform-changes.ts';
export type { PlatformNotice } from './operations/platform/platform-notices.ts';
export {
  applyPlatform,
  type PlatformEvent,
  type PlatformPlan,
  planPlatform,
} from './operations/platform/prepare-platform.ts';
export type { PrepareRequest, PrepareTls } from './operations/platform/wanted-platform.ts';
export { addEvent, noProgress, type Progress, type StepProgress } from './operations/progress.ts';
export { AuditLine, readAudit } from './operations/read-audit.ts';
export { readLogs } from './operations/read-logs.ts';
export {
  describeChange,
  describeEvent,
  describeHeldData,
  describeKnownFit,
  describeNotice,
  describeResult,
  describeStep,
} from './operations/review/describe.ts';
export type { Review, Subject } from './operations/review/review.ts';
export {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from './operations/review/review-data.ts';
export { reviewAddress, reviewChange, reviewDeploy, reviewRollback } from './operations/review/review-release.ts';
export { reviewRestart, reviewStart, reviewStop } from './operations/review/review-running.ts';
export { runOperation } from './operations/run-operation.ts';
export { resumeOperation, startOperation, storeForLater } from './operations/start-operation.ts';
export { type BackupFiles, type BackupList, listBackups, withBackupFiles } from './operations/steps/backup-files.ts';
export type { AskPassphrase } from './ssh/connection.ts';
export { learnHostKey } from './ssh/learn-host-key.ts';
export type { SwarmChange } from './swarm/changes.ts';
export type { LogLine } from './swarm/gateway.ts';
export { ownSlots } from './swarm/slots.ts';
