import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Container, Running } from './program.ts';

const port = 8080;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `closed-page`: 410 for whatever is asked, with the page that stands in the script's own text. */
export function closedPage(container: Container): Running {
  const { timeline, words, variables } = container;
  const body = pageIn(words.at(-1) ?? '', variables.get('CONTACT') ?? '');
  const streams = new Set<Duplex>();
  const server = createServer((_request, response) => {
    timeline.touch?.();
    response.sendDate = false;
    response.writeHead(410, {
      date: new Date(timeline.now()).toUTCString(),
      'content-type': 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(body);
  });
  if (!container.resumed) container.print(`oforest: the page for closed studies answers on port ${port}`);
  return {
    accept(asked, stream) {
      if (asked !== port) return false;
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
      stream.on('error', () => stream.destroy());
      server.emit('connection', stream);
      return true;
    },
    terminate: () => container.exit(0),
    end() {
      for (const stream of streams) stream.destroy();
    },
  };
}

function pageIn(program: string, contact: string): string {
  const page = /^my \$page = <<'PAGE';\n(.*?\n)PAGE$/ms.exec(program)?.[1] ?? '';
  const escaped = contact.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
  const whom =
    contact === ''
      ? '<p>If you have a question, please ask the people who invited you.</p>'
      : `<p>If you have a question, please contact:</p>\n<p class="contact">${escaped}</p>`;
  return page.replace('@CONTACT@', () => whom);
}
