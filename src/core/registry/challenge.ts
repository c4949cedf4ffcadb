export interface Challenge {
  /** `bearer`, `basic` */
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

/** What a `WWW-Authenticate` header asks for; one header may hold several challenges (RFC 9110, 11.6.1). */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const parts = header.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)(?=\s|,|$)/g);
  for (const [, name, quoted, plain, scheme] of parts) {
    if (scheme) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    else if (name) {
      const value = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
      Object.assign(challenges.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: value });
    }
  }
  return challenges;
}
