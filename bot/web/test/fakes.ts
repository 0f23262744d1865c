// A server's two faces for the connection core: sockets a test opens, answers and drops, and fetch with a table of answers.

import { Connection, type View } from "../src/core/connection";
import { MemoryOutbox, type Outbox } from "../src/core/outbox";
import type { ClientFrame, Message, ServerFrame } from "../src/core/protocol";
import type { Store } from "../src/core/session";

export class FakeSocket {
  static all: FakeSocket[] = [];
  static refusing = false; // as behind a proxy that knows no WebSocket
  readyState = 0;
  sent: ClientFrame[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
    if (FakeSocket.refusing) queueMicrotask(() => this.drop());
  }

  static get last(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1] as FakeSocket;
  }

  open(): this {
    this.readyState = 1;
    this.onopen?.();
    return this;
  }

  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  ready(extra: Partial<ServerFrame & { type: "ready" }> = {}): this {
    this.say({ type: "ready", level: 0, customer: null, messages: [], typing: false, ...extra });
    return this;
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as ClientFrame);
  }

  close(): void {
    this.drop();
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  of<T extends ClientFrame["type"]>(type: T): (ClientFrame & { type: T })[] {
    return this.sent.filter((frame) => frame.type === type) as (ClientFrame & { type: T })[];
  }
}

export class FakeStore implements Store {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

type Answer = (url: string, init: RequestInit) => Response | Promise<Response>;

export class FakeFetch {
  calls: { url: string; init: RequestInit }[] = [];
  answers: Record<string, Answer> = {};
  sessions = 0;

  readonly fetch = (async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const url = String(input);
    this.calls.push({ url, init });
    const path = new URL(url).pathname;
    const key = `${init.method ?? "GET"} ${path}`;
    const answer = this.answers[key];
    if (answer) return answer(url, init);
    if (key === "POST /web/session") return json({ session: `session-${++this.sessions}` });
    throw new TypeError(`no network for ${key}`);
  }) as typeof fetch;
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

export function message(seq: number, extra: Partial<Message> = {}): Message {
  return { seq, from: "bot", text: `text ${seq}`, buttons: [], card: null, at: "2026-03-01T08:00:00+08:00", client_msg_id: null, hidden: false, ...extra };
}

export class Scene {
  readonly network = new FakeFetch();
  readonly store = new FakeStore();
  readonly news: Message[] = [];
  readonly connection: Connection;
  view!: View;

  constructor(readonly outbox: Outbox = new MemoryOutbox(), socket: boolean = true) {
    FakeSocket.all = [];
    FakeSocket.refusing = false;
    this.connection = new Connection(
      {
        base: "https://lender.example",
        Socket: socket ? (FakeSocket as unknown as typeof WebSocket) : undefined,
        fetcher: this.network.fetch,
        random: () => 0,
        store: this.store,
        outbox,
      },
      "zh-Hans",
      (view) => (this.view = view),
      (one) => this.news.push(one),
    );
    this.view = this.connection.view();
  }

  /** Connected, with what the server shows first. */
  async online(extra: Partial<ServerFrame & { type: "ready" }> = {}): Promise<FakeSocket> {
    this.connection.start();
    await settle();
    return FakeSocket.last.open().ready(extra);
  }

  texts(): string[] {
    return this.view.entries.map((entry) => `${entry.message.text}:${entry.state}`);
  }
}

/** Let promises run without moving the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
