// What is told and asked beside the talk itself: read marks, ratings, wishes, documents, the conversation as a file.

import type { ClientFrame, Rating, ServerFrame, ServerLanguage, State } from "./protocol";

export interface Wishes {
  language?: ServerLanguage;
  large_type?: boolean;
}

interface Owner {
  send(frame: ClientFrame): void;
  changed(): void;
}

const NOTHING: State = { read: 0, queue: null, language: null, large_type: null };

export class Beside {
  private present: State = NOTHING;
  private seenTo = 0;
  private seenSent = 0;
  private floor = 0;
  private ratings: Record<string, Rating> = {};

  constructor(
    private readonly network: { base: string; fetcher: typeof fetch },
    private readonly session: () => Promise<string>,
    private readonly owner: Owner,
  ) {}

  view(): { state: State; seen: number; ratings: Readonly<Record<string, Rating>> } {
    return { state: this.present, seen: Math.max(this.seenTo, this.floor), ratings: this.ratings };
  }

  /**
   * @param whole everything was sent, not only what is new
   * @param last number of all that was sent: where the server knows of nothing seen, history is not news
   */
  ready(frame: ServerFrame & { type: "ready" }, whole: boolean, last: number): void {
    if (frame.state) this.present = frame.state;
    if (frame.ratings) this.ratings = frame.ratings;
    const known = frame.seen ?? (whole ? 0 : this.seenTo);
    if (whole) this.floor = known ? 0 : last;
    this.seenTo = whole ? known : Math.max(this.seenTo, known);
    this.seenSent = frame.seen ?? this.seenTo;
    if (this.seenTo > this.seenSent) this.tellSeen(this.seenTo); // seen while the connection was away
  }

  state(state: State): void {
    this.present = state;
  }

  clear(): void {
    Object.assign(this, { present: NOTHING, seenTo: 0, seenSent: 0, floor: 0, ratings: {} });
  }

  /** The borrower has this before their eyes. */
  see(seq: number): void {
    if (seq <= this.seenTo && seq <= this.seenSent) return;
    this.seenTo = Math.max(seq, this.seenTo);
    if (seq > this.seenSent) this.tellSeen(seq);
    this.owner.changed();
  }

  /** Rating never holds anything up: when it cannot be stored, it is taken back as quietly. */
  async rate(seq: number, value: Rating): Promise<void> {
    const before = this.ratings[seq];
    this.ratings = { ...this.ratings, [seq]: value };
    this.owner.changed();
    const stored = await this.post("/web/ratings", { session: await this.session().catch(() => ""), seq, value });
    if (stored || this.ratings[seq] !== value) return;
    this.ratings = { ...this.ratings, [seq]: before ?? "none" };
    this.owner.changed();
  }

  async wish(wishes: Wishes): Promise<void> {
    await this.post("/web/preferences", wishes);
  }

  /** The conversation as a file; null when that is impossible now. */
  async export(format: "html" | "txt", language: ServerLanguage): Promise<Blob | null> {
    const answer = await this.ask(`/web/export?format=${format}&language=${language}`, {});
    return answer?.ok ? answer.blob() : null;
  }

  /** Add a document to a request of this borrower; gives the refusal's code, or null when it is kept. */
  async upload(ref: string, file: Blob): Promise<string | null> {
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await this.ask(`/web/documents?ref=${encodeURIComponent(ref)}`, { method: "POST", headers, body: file });
    if (answer?.ok) return null;
    const told = (await answer?.json().catch(() => null)) as { code?: string } | null | undefined;
    return told?.code ?? "network";
  }

  private tellSeen(seq: number): void {
    this.seenSent = seq;
    this.owner.send({ type: "seen", seq });
  }

  private async post(path: string, body: unknown): Promise<boolean> {
    const headers = { "Content-Type": "application/json" };
    const answer = await this.ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    return answer?.ok ?? false;
  }

  private async ask(path: string, init: RequestInit): Promise<Response | null> {
    const { base, fetcher } = this.network;
    try {
      const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${await this.session()}` };
      return await fetcher(base + path, { ...init, headers });
    } catch {
      return null;
    }
  }
}
