// Where WebSockets are blocked: POST to speak, long poll to listen, behind the same frames as the socket.

import type { ClientFrame, Message, ServerFrame, State, Transport, TransportEvents } from "./protocol";

const WAIT = 25; // seconds the server may hold a poll
const POST_WITHIN = 15_000; // milliseconds

interface News {
  level: number;
  customer: string | null;
  reset: boolean;
  messages: Message[];
  typing: boolean;
  view?: string;
  state?: State;
}

export function openPoll(base: string, fetcher: typeof fetch, events: TransportEvents): Transport {
  return new Poll(base, fetcher, events);
}

class Poll implements Transport {
  private session = "";
  private after = 0;
  private view = "";
  private known = "";
  private round: AbortController | null = null;
  private ended = false;
  private posts: Promise<void> = Promise.resolve(); // one after the other, so that messages keep their order

  constructor(
    private readonly base: string,
    private readonly fetcher: typeof fetch,
    private readonly events: TransportEvents,
  ) {
    queueMicrotask(() => !this.ended && events.opened());
  }

  send(frame: ClientFrame): void {
    if (frame.type === "hello") {
      this.session = frame.session;
      this.after = frame.after;
      if (frame.after === 0) this.view = "";
      this.round?.abort();
      void this.listen();
    } else if (frame.type === "say") {
      this.posts = this.posts.then(() => this.say(frame.client_msg_id, frame.text));
    } else if (frame.type === "seen") {
      this.posts = this.posts.then(() => this.post("/web/seen", { session: this.session, seq: frame.seq })).then(() => undefined);
    } else if (frame.type === "identity") {
      this.posts = this.posts.then(() => this.identify(frame.token));
    } else {
      this.posts = this.posts.then(() => this.emit({ type: "pong" }));
    }
  }

  close(): void {
    this.ended = true;
    this.round?.abort();
  }

  private emit(frame: ServerFrame): void {
    if (!this.ended) this.events.frame(frame);
  }

  private end(): void {
    if (this.ended) return;
    this.close();
    this.events.closed();
  }

  private async listen(): Promise<void> {
    const round = new AbortController();
    this.round = round;
    let first = true;
    while (!this.ended && this.round === round) {
      const query = `after=${this.after}&wait=${first ? 0 : WAIT}` + (this.view ? `&view=${encodeURIComponent(this.view)}` : "");
      const timer = setTimeout(() => round.abort(), (first ? 0 : WAIT * 1000) + POST_WITHIN);
      try {
        const answer = await this.fetcher(`${this.base}/web/messages?${query}`, {
          headers: { Authorization: `Bearer ${this.session}` },
          cache: "no-store",
          signal: round.signal,
        });
        if (answer.status === 401) return this.emit({ type: "refused", client_msg_id: null, code: "session_unknown", text: "" });
        if (!answer.ok) return this.end();
        this.tell((await answer.json()) as News, first);
        first = false;
      } catch {
        if (this.round === round) this.end(); // otherwise a newer hello has taken over
        return;
      } finally {
        clearTimeout(timer);
      }
    }
  }

  private tell(news: News, first: boolean): void {
    const asked = this.after;
    const last = news.messages[news.messages.length - 1];
    if (last) this.after = Math.max(news.reset ? 0 : this.after, last.seq);
    else if (news.reset) this.after = 0;
    this.view = news.view ?? "";
    if (first || news.reset) {
      this.known = `${news.level} ${news.customer}`;
      const { level, customer, messages, typing, state } = news;
      this.emit({ type: "ready", level, customer, messages, typing, state, whole: news.reset || asked === 0 });
      return;
    }
    this.identity(news.level, news.customer);
    if (news.state) this.emit({ type: "state", state: news.state });
    news.messages.forEach((message) => this.emit({ type: "message", message }));
    this.emit({ type: "typing", on: news.typing });
  }

  private identity(level: number, customer: string | null): void {
    const present = `${level} ${customer}`;
    if (present === this.known) return;
    this.known = present;
    this.emit({ type: "identity", level, customer });
  }

  private async say(id: string, text: string): Promise<void> {
    const answer = await this.post("/web/messages", { session: this.session, client_msg_id: id, text });
    if (!answer) return;
    const body = (await answer.json().catch(() => ({}))) as { seq?: number; code?: string; message?: string };
    if (answer.ok && typeof body.seq === "number") this.emit({ type: "ack", client_msg_id: id, seq: body.seq });
    else if (answer.status === 401) this.emit({ type: "refused", client_msg_id: null, code: "session_unknown", text: "" });
    else this.emit({ type: "refused", client_msg_id: id, code: body.code ?? (answer.status >= 500 ? "unavailable" : "refused"), text: body.message ?? "" });
  }

  private async identify(token: string): Promise<void> {
    const answer = await this.post("/web/identity", { session: this.session, token });
    if (!answer?.ok) return;
    // The poll that is waiting sees the change by itself; asking again at once spares the borrower the wait.
    this.send({ type: "hello", session: this.session, after: 0, language: "zh-Hans" });
  }

  /** Null when the network failed: then this way to the server has ended. */
  private async post(path: string, body: unknown): Promise<Response | null> {
    if (this.ended) return null;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), POST_WITHIN);
    try {
      return await this.fetcher(this.base + path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: limit.signal,
      });
    } catch {
      this.end();
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
