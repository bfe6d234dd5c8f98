import { basicEnv } from "./alertSettings.ts";

/** Something that arrived: which channel, and the words in it. */
export type Received = {
  readonly channel: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came; of a mail its headers and text, decoded. */
  readonly body: string;
};

export type AlertReceivers = {
  readonly received: readonly Received[];
  readonly of: (channel: string) => readonly Received[];
  /** Settings that send every channel here. */
  readonly env: Readonly<Record<string, string>>;
  /** What the next requests of a channel are answered with; then 200 again. */
  readonly answerNext: (channel: string, ...statuses: number[]) => void;
  readonly clear: () => void;
  readonly stop: () => Promise<void>;
};

/** Slack, Telegram, Discord, a webhook and a mail server on this machine. */
export function startReceivers(): AlertReceivers {
  const received: Received[] = [];
  const answers = new Map<string, number[]>();
  const http = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    reusePort: false,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const channel = channelAt(pathname);
      const status = answers.get(channel)?.shift() ?? 200;
      const body = await request.text();
      // A refusal repeats the address, as services and proxies do.
      if (status !== 200)
        return new Response(`no: ${request.url}`, { status, headers: refusalHeaders(status) });
      received.push({
        channel,
        path: pathname,
        headers: Object.fromEntries(request.headers),
        body,
      });
      return new Response('{"ok":true}');
    },
  });
  const smtp = startSmtp((body) =>
    received.push({ channel: "email", path: "", headers: {}, body }),
  );
  return {
    received,
    of: (channel) => received.filter((one) => one.channel === channel),
    env: basicEnv(`http://127.0.0.1:${http.port}`, smtp.port),
    answerNext: (channel, ...statuses) => answers.set(channel, statuses),
    clear: () => {
      received.length = 0;
      answers.clear();
    },
    stop: async () => {
      await http.stop(true);
      smtp.stop();
    },
  };
}

function refusalHeaders(status: number): Readonly<Record<string, string>> {
  return status === 429 ? { "retry-after": "7" } : {};
}

function channelAt(path: string): string {
  if (path.startsWith("/services/")) return "slack";
  if (path.startsWith("/bot")) return "telegram";
  return path.startsWith("/api/webhooks/") ? "discord" : "webhook";
}

type Mail = { inBody: boolean; lines: string[]; rest: string };

/** A mail server that takes everything: as much of SMTP as a client needs. */
function startSmtp(onMail: (text: string) => void): {
  readonly port: number;
  readonly stop: () => void;
} {
  const server = Bun.listen<Mail>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { inBody: false, lines: [], rest: "" };
        socket.write("220 receiver ESMTP\r\n");
      },
      data(socket, chunk) {
        const lines = (socket.data.rest + chunk.toString()).split("\r\n");
        socket.data.rest = lines.pop() ?? "";
        for (const line of lines) {
          const answer = smtpAnswer(line, socket.data, onMail);
          if (answer !== null) socket.write(`${answer}\r\n`);
        }
      },
    },
  });
  return { port: server.port, stop: () => server.stop(true) };
}

function smtpAnswer(line: string, mail: Mail, onMail: (text: string) => void): string | null {
  if (mail.inBody) {
    if (line !== ".") {
      mail.lines.push(line);
      return null;
    }
    mail.inBody = false;
    onMail(decodeQuoted(mail.lines.splice(0).join("\n")));
    return "250 taken";
  }
  if (/^EHLO/i.test(line)) return "250-receiver\r\n250 AUTH PLAIN LOGIN";
  if (/^AUTH/i.test(line)) return "235 welcome";
  if (/^DATA/i.test(line)) {
    mail.inBody = true;
    return "354 go on";
  }
  return /^QUIT/i.test(line) ? "221 bye" : "250 fine";
}

/** Quoted-printable, as the body and the encoded words of the subject are. */
function decodeQuoted(text: string): string {
  const joined = text.replaceAll(/=\n/g, "").replaceAll(/\?=\n =\?UTF-8\?Q\?/g, "");
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
