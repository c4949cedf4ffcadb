import { templateLiteral } from '../domain/variable.ts';
import type { Service, ServiceSpec } from './engine-types.ts';
import { dockerLabel, label } from './labels.ts';
import { megabytes, oneTask, placedOn, seconds, stamped } from './service-spec.ts';
import {
  type ClosedRoute,
  closedPagePort,
  closedPageService,
  closedRouteLabels,
  type Route,
} from './traefik-labels.ts';
import { platformStack } from './traefik-service.ts';

export const closedPageName = closedPageService;

/** How the script says that its image will not do. */
export const noPerlExit = 123;

export interface ClosedPageParts {
  /** The platform's Postgres image: every Debian image has `perl-base`, and nodes have this one already. */
  readonly image: string;
  /** Plain text that visitors are shown; the script escapes it. */
  readonly contact: string | undefined;
  readonly routes: readonly ClosedRoute[];
  readonly tls: Route['tls'];
  readonly nodeId: string;
  readonly networkId: string;
  readonly forceUpdate: number;
}

/** What answers at the addresses of studies that are stopped or retired: one small task beside Traefik. */
export function closedPageSpec(parts: ClosedPageParts): ServiceSpec {
  const { image, contact, routes, tls, nodeId, networkId, forceUpdate } = parts;
  return {
    Name: closedPageName,
    Labels: {
      [dockerLabel.namespace]: platformStack,
      [dockerLabel.image]: image,
      [label.part]: 'closed-page',
      ...closedRouteLabels(routes, tls),
    },
    TaskTemplate: {
      ...stamped({
        ContainerSpec: {
          Image: image,
          Labels: { [dockerLabel.namespace]: platformStack },
          Command: ['/bin/sh', '-c', closedPageScript, 'oforest', closedPageProgram],
          Env: contact === undefined ? [] : [`CONTACT=${templateLiteral(contact)}`],
          User: '65534:65534',
          StopGracePeriod: seconds(5),
          CapabilityDrop: ['ALL'],
        },
        Resources: { Limits: { MemoryBytes: megabytes(64), Pids: 64 }, Reservations: { MemoryBytes: megabytes(8) } },
        RestartPolicy: { Condition: 'any', Delay: seconds(5) },
        ...placedOn(nodeId, networkId),
      }),
      // Outside of what is stamped: who starts it once more changes no settings.
      ForceUpdate: forceUpdate,
    },
    // Never a rollback: Swarm would bring back the labels of before too, and with them addresses that run again.
    ...oneTask,
  };
}

/** The service with other addresses and nothing else changed, so that its task goes on. */
export function withClosedRoutes(
  { Spec }: Pick<Service, 'Spec'>,
  routes: readonly ClosedRoute[],
  tls: Route['tls'],
): Service['Spec'] {
  const others = Object.entries(Spec.Labels).filter(([key]) => !key.startsWith('traefik.'));
  return { ...Spec, Labels: { ...Object.fromEntries(others), ...closedRouteLabels(routes, tls) } };
}

/** The sandbox finds it by the two lines PAGE in the program; the contact takes the place of `@CONTACT@`. */
const page = `
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>This study is closed</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; font: 1.125rem/1.6 system-ui, sans-serif; }
main { max-width: 34rem; margin: 15vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.25; }
.contact { font-weight: 600; overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>This study is closed</h1>
<p>You cannot take part in it at the moment.</p>
@CONTACT@
<p>You can close this page.</p>
</main>
</body>
</html>
`.trim();

/**
 * One process, one loop, no threads: whatever a visitor sends gets the same answer once its head is complete or too long.
 * Bounded are connections (the oldest gives way), bytes of a head, and seconds of each part; nothing is logged. Only
 * modules of perl-base. After the answer it reads on for a moment, because closing on unread bytes resets the
 * connection and the visitor would lose the answer.
 */
const closedPageProgram = `
use strict;
use warnings;
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use POSIX qw(strftime);
use Socket qw(AF_INET INADDR_ANY SHUT_WR SOCK_STREAM SOL_SOCKET SO_REUSEADDR SOMAXCONN pack_sockaddr_in);

my %most = (connections => 256, head_bytes => 16_384, rest_bytes => 4_194_304);
my %seconds = (head => 10, answer => 10, rest => 2);
$SIG{PIPE} = "IGNORE";
$SIG{TERM} = $SIG{INT} = sub { exit 0 };

my $page = <<'PAGE';
${page}
PAGE
my %entities = ("&" => "&amp;", "<" => "&lt;", ">" => "&gt;", "\\"" => "&quot;", "'" => "&#39;");
my $contact = $ENV{CONTACT} // "";
$contact =~ s/([&<>"'])/$entities{$1}/g;
my $whom = $contact eq ""
    ? "<p>If you have a question, please ask the people who invited you.</p>"
    : "<p>If you have a question, please contact:</p>\\n<p class=\\"contact\\">$contact</p>";
$page =~ s/\\@CONTACT\\@/$whom/;

sub answer {
    my $head = join "\\r\\n",
        "HTTP/1.1 410 Gone",
        "Date: " . strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime),
        "Content-Type: text/html; charset=utf-8",
        "Content-Length: " . length $page,
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        "", "";
    return $_[0] ? $head : $head . $page;
}

sub unblock { fcntl $_[0], F_SETFL, fcntl($_[0], F_GETFL, 0) | O_NONBLOCK }

socket my $door, AF_INET, SOCK_STREAM, 0 or die "oforest: socket: $!\\n";
setsockopt $door, SOL_SOCKET, SO_REUSEADDR, 1;
bind $door, pack_sockaddr_in(${closedPagePort}, INADDR_ANY) or die "oforest: port ${closedPagePort}: $!\\n";
listen $door, SOMAXCONN or die "oforest: listen: $!\\n";
unblock($door);
$| = 1;
print "oforest: the page for closed studies answers on port ${closedPagePort}\\n";

my %open;
my $number = 0;

sub enter {
    my ($one, $part) = @_;
    $one->{part} = $part;
    $one->{until} = time + $seconds{$part};
}

sub drop { close delete($open{$_[0]})->{socket} }

sub welcome {
    for (1 .. 64) {
        accept my $socket, $door or return;
        unblock($socket);
        if (keys %open >= $most{connections}) {
            my ($oldest) = sort { $open{$a}{number} <=> $open{$b}{number} } keys %open;
            drop($oldest);
        }
        my $one = { socket => $socket, number => $number++, text => "", bytes => 0 };
        enter($one, "head");
        $open{fileno $socket} = $one;
    }
}

sub listen_to {
    my ($one) = @_;
    my $got = sysread $one->{socket}, my $piece, 16_384;
    return $!{EAGAIN} || $!{EWOULDBLOCK} || $!{EINTR} if !defined $got;
    return 0 if $got == 0;
    $one->{bytes} += $got;
    return $one->{bytes} <= $most{rest_bytes} if $one->{part} eq "rest";
    my $from = length($one->{text}) - 3;
    $from = 0 if $from < 0;
    $one->{text} .= $piece;
    $from = 0 if $one->{text} =~ s/\\A[\\r\\n]+//;
    my $ends = index($one->{text}, "\\n\\r\\n", $from) >= 0 || index($one->{text}, "\\n\\n", $from) >= 0;
    return 1 if !$ends && $one->{bytes} < $most{head_bytes};
    $one->{text} = answer($one->{text} =~ /\\AHEAD /);
    enter($one, "answer");
    return speak_to($one);
}

sub speak_to {
    my ($one) = @_;
    my $gone = syswrite $one->{socket}, $one->{text};
    return $!{EAGAIN} || $!{EWOULDBLOCK} || $!{EINTR} if !defined $gone;
    substr($one->{text}, 0, $gone) = "";
    return 1 if length $one->{text};
    $one->{bytes} = 0;
    enter($one, "rest");
    return shutdown $one->{socket}, SHUT_WR;
}

while (1) {
    my ($reads, $writes) = ("", "");
    vec($reads, fileno $door, 1) = 1;
    for my $file (keys %open) {
        if ($open{$file}{part} eq "answer") { vec($writes, $file, 1) = 1 }
        else { vec($reads, $file, 1) = 1 }
    }
    my $found = select $reads, $writes, undef, (%open ? 1 : undef);
    my $now = time;
    for my $file (keys %open) {
        my $one = $open{$file};
        my $stays = $now <= $one->{until};
        $stays &&= listen_to($one) if $found > 0 && vec($reads, $file, 1);
        $stays &&= speak_to($one) if $stays && $found > 0 && vec($writes, $file, 1);
        drop($file) if !$stays;
    }
    welcome() if $found > 0 && vec($reads, fileno $door, 1);
}
`.trim();

/** The program is the first argument. */
export const closedPageScript = `
# oforest-script: closed-page
if ! command -v perl >/dev/null 2>&1; then
  echo "oforest: this image has no perl, which shows the page for closed studies; Debian's images of Postgres have it" >&2
  exit ${noPerlExit}
fi
export LC_ALL=C
exec perl -e "$1"
`.trim();
