export function maskParticipants(line: string): string {
  return line;
}
