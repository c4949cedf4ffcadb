/** What a verb of the commands begins, as a noun: "deployment". One that this version does not know stays as it is. */
export function nounOfVerb(verb: string): string {
  return nouns[verb] ?? verb;
}

const nouns: Readonly<Record<string, string>> = {
  deploy: 'deployment',
  delete: 'deletion',
  undelete: 'return',
  purge: 'removal',
  variable: 'change of variables',
  secret: 'change of secrets',
  address: 'change of address',
  admin: 'change of the admin password',
  'drop-data': 'removal of old data',
};
