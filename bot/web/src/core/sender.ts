// Gets every message of the borrower to the server once and in order: one on its way at a time, the next only after
// the server has stored the one before. The server recognises a repetition by client_msg_id, so asking twice is safe.

import { wait } from "./backoff";
import type { ClientFrame } from "./protocol";
import type { Outbox, Unsent } from "./outbox";
import type { Timeline } from "./timeline";

const ACK_WITHIN = 15_000; // milliseconds
const TRIES = 5; // refusals that may pass by themselves; then the borrower decides
const TOO_OLD = 12 * 3600_000; // sent by itself after a reload only while the borrower still expects it

/** Refusals after which the same message may be accepted later. Any other is final. */
const PASSING = new Set(["store_unavailable", "stopping", "too_many_waiting", "unavailable", "internal", "timeout"]);

export interface SenderOwner {
  online(): boolean;
  send(frame: ClientFrame): void;
  restart(): void; // the connection swallows messages
  changed(): void;
  random(): number;
}

export class Sender {
  private inFlight: string | null = null;
  private refusals = 0;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private lastAt = 0;
  private readonly keeping = new Set<string>(); // on their way into the outbox: not yet safe from a reload

  constructor(
    private readonly outbox: Outbox,
    private readonly timeline: Timeline,
    private readonly owner: SenderOwner,
  ) {}

  /** Take up what an earlier page left; true when something is to be sent. */
  async load(): Promise<boolean> {
    const kept = await this.outbox.all().catch((): Unsent[] => []);
    for (const entry of kept) {
      const old = Date.now() - entry.at > TOO_OLD;
      this.timeline.add(entry, entry.refused !== undefined ? "refused" : old ? "failed" : "waiting");
    }
    if (kept.length) this.owner.changed();
    return this.timeline.waiting.some((one) => one.state === "waiting");
  }

  say(text: string): void {
    this.lastAt = Math.max(Date.now(), this.lastAt + 1);
    const entry: Unsent = { id: newId(), text, at: this.lastAt };
    this.timeline.add(entry, "sending");
    this.keeping.add(entry.id);
    void this.keep(entry).then(() => this.safe(entry.id));
    this.owner.changed();
    this.flush();
  }

  /** Send the oldest message that is neither sent, failed nor refused. */
  flush(): void {
    if (this.inFlight !== null || !this.owner.online()) return;
    const next = this.timeline.waiting.find((one) => one.state === "sending" || one.state === "waiting");
    if (!next) return;
    clearTimeout(this.againTimer);
    this.inFlight = next.id;
    this.timeline.mark(next.id, "sending");
    this.ackTimer = setTimeout(() => this.owner.restart(), ACK_WITHIN);
    this.owner.send({ type: "say", client_msg_id: next.id, text: next.text });
    this.owner.changed();
  }

  /** The server has the message: by its acknowledgement, or because its copy came back. */
  stored(id: string, seq?: number): void {
    if (seq !== undefined) this.timeline.acknowledge(id, seq);
    this.forget(id);
    this.refusals = 0;
    this.next(id);
  }

  refused(id: string, code: string, words: string): void {
    if (PASSING.has(code)) {
      this.refusals += 1;
      this.finish(id);
      if (this.refusals >= TRIES) this.giveUp(words);
      else {
        this.timeline.mark(id, "waiting", words);
        this.againTimer = setTimeout(() => this.flush(), wait(this.refusals, () => this.owner.random()));
      }
    } else {
      this.timeline.mark(id, "refused", words);
      const entry = this.timeline.waiting.find((one) => one.id === id);
      if (entry) void this.keep({ id, text: entry.text, at: entry.at, refused: words });
      this.next(id);
    }
    this.owner.changed();
  }

  /** The connection is gone: what was on its way waits. */
  lost(): void {
    this.inFlight = null;
    clearTimeout(this.ackTimer);
    clearTimeout(this.againTimer);
    for (const one of this.timeline.waiting)
      if (one.state === "sending" && !this.keeping.has(one.id)) this.timeline.mark(one.id, "waiting");
  }

  /** The borrower asks for another try; everything that failed goes again, in order. */
  retry(): void {
    this.refusals = 0;
    for (const one of this.timeline.waiting) if (one.state === "failed") this.timeline.mark(one.id, "waiting");
    this.owner.changed();
    this.flush();
  }

  /** Take a message back; its text, for the composer. */
  discard(id: string): string {
    const text = this.timeline.discard(id)?.text ?? "";
    this.forget(id);
    this.next(id);
    this.owner.changed();
    return text;
  }

  async clear(): Promise<void> {
    this.lost();
    await this.outbox.clear().catch(() => undefined);
  }

  private giveUp(words: string): void {
    this.refusals = 0;
    for (const one of this.timeline.waiting)
      if (one.state === "waiting" || one.state === "sending") this.timeline.mark(one.id, "failed", words);
  }

  private next(id: string): void {
    this.finish(id);
    this.flush();
  }

  private finish(id: string): void {
    if (this.inFlight !== id) return;
    this.inFlight = null;
    clearTimeout(this.ackTimer);
  }

  // A full disk must not stop a message that the network would carry: then it lives as long as the page.
  private keep(entry: Unsent): Promise<void> {
    return this.outbox.put(entry).catch(() => undefined);
  }

  /** Only what a reload cannot lose any more is shown as waiting. */
  private safe(id: string): void {
    this.keeping.delete(id);
    if (this.owner.online()) return;
    if (this.timeline.waiting.some((one) => one.id === id && one.state === "sending")) {
      this.timeline.mark(id, "waiting");
      this.owner.changed();
    }
  }

  private forget(id: string): void {
    this.outbox.remove(id).catch(() => undefined);
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
