import { readFile } from 'node:fs/promises';
import { ExpectedError, type PrepareRequest, type PrepareTls, Secret, type ServerConfig } from '../core/index.ts';

/** As typed: files are paths. */
export interface PrepareOptions {
  readonly domain?: PrepareRequest['domain'];
  readonly addresses?: PrepareRequest['addresses'];
  readonly tls?: 'none';
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly acme?: string;
  readonly acmeServer?: string;
  readonly acmeEabKid?: string;
  readonly acmeEabKeyFile?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly traefikImage?: string;
  readonly postgresImage?: string;
  readonly contact?: string;
  readonly dockerSocket?: string;
}

/** What is asked of `planPlatform`, with the files read. Throws `usage-wrong`, `file-unreadable`. */
export async function prepareRequest(options: PrepareOptions, server: ServerConfig): Promise<PrepareRequest> {
  const { domain, addresses, httpPort, httpsPort, traefikImage, postgresImage, contact } = options;
  const dockerSocket = options.dockerSocket ?? ('socket' in server ? server.socket : server.dockerSocket);
  const tls = await tlsFrom(options);
  return {
    ...(domain && { domain }),
    ...(addresses && { addresses }),
    ...(httpPort && { httpPort }),
    ...(httpsPort && { httpsPort }),
    ...(contact !== undefined && { contact }),
    ...(dockerSocket && { dockerSocket }),
    ...(tls && { tls }),
    images: { ...(traefikImage && { traefik: traefikImage }), ...(postgresImage && { postgres: postgresImage }) },
  };
}

async function tlsFrom(options: PrepareOptions): Promise<PrepareTls | undefined> {
  const { tls, tlsCert, tlsKey, acme, acmeServer, acmeEabKid, acmeEabKeyFile } = options;
  const ways = [tls, tlsCert ?? tlsKey, acme ?? acmeServer ?? acmeEabKid ?? acmeEabKeyFile];
  if (ways.filter((way) => way !== undefined).length > 1)
    throw wrongUsage('--tls none, --tls-cert and --acme exclude each other.', 'Leave one of them.');
  if (tls === 'none') return { mode: 'none' };
  if (tlsCert !== undefined || tlsKey !== undefined) {
    if (tlsCert === undefined || tlsKey === undefined)
      throw wrongUsage('A certificate needs its key.', 'Give both: --tls-cert F --tls-key F.');
    return {
      mode: 'files',
      certificate: await readGiven(tlsCert, '--tls-cert'),
      key: new Secret(await readGiven(tlsKey, '--tls-key')),
    };
  }
  if (ways[2] === undefined) return undefined;
  if (acme === undefined)
    throw wrongUsage('The account of the certificate authority needs an address.', 'Add --acme EMAIL.');
  return {
    mode: 'acme',
    email: acme,
    ...(acmeServer && { server: acmeServer }),
    ...(acmeEabKid && { eabKid: acmeEabKid }),
    ...(acmeEabKeyFile && { eabKey: new Secret((await readGiven(acmeEabKeyFile, '--acme-eab-key-file')).trim()) }),
  };
}

async function readGiven(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ExpectedError('file-unreadable', `reading ${file}`, {
      why: `The file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`,
      now: 'Nothing was changed.',
      hint: `Correct the path after ${flag}.`,
      cause,
    });
  }
}

function wrongUsage(why: string, hint: string): ExpectedError {
  return new ExpectedError('usage-wrong', 'preparing the server', { why, now: 'Nothing was changed.', hint });
}
