// What the borrower sees, in order: the server's messages by seq, each once, then what is still on its way.

import type { Message } from "./protocol";
import type { Unsent } from "./outbox";

export type SendState = "sending" | "waiting" | "sent" | "failed" | "refused";

export interface Entry {
  key: string;
  message: Message;
  state: SendState;
  words: string; // the server's, when a message was refused
}

interface Pending extends Unsent {
  state: SendState;
  words: string;
  seq: number | null; // known once acknowledged, before the server's own copy arrives
}

export class Timeline {
  private messages = new Map<number, Message>();
  private pending: Pending[] = [];

  /** The last seq received: the place from which a reconnect goes on. An acknowledgement does not move it. */
  get cursor(): number {
    return Math.max(0, ...this.messages.keys());
  }

  get waiting(): readonly Pending[] {
    return this.pending.filter((one) => one.seq === null);
  }

  /** Everything anew, as after a hello from 0. Unsent messages stay; acknowledged ones are in `messages` or not ours to show. */
  replace(messages: readonly Message[]): void {
    this.messages.clear();
    this.pending = this.pending.filter((one) => one.seq === null);
    messages.forEach((message) => this.receive(message));
  }

  /** Drop what was shown: it may no longer be shown. */
  drop(): void {
    this.replace([]);
  }

  /** Take a message in; false when it was here already. */
  receive(message: Message): boolean {
    const known = this.messages.has(message.seq);
    this.messages.set(message.seq, message);
    if (message.client_msg_id !== null) this.discard(message.client_msg_id);
    return !known;
  }

  add(entry: Unsent, state: SendState): void {
    if (this.pending.some((one) => one.id === entry.id) || this.holds(entry.id)) return;
    this.pending.push({ ...entry, state, words: entry.refused ?? "", seq: null });
  }

  acknowledge(id: string, seq: number): void {
    const found = this.pending.find((one) => one.id === id);
    if (found) Object.assign(found, { seq, state: "sent", words: "" });
  }

  mark(id: string, state: SendState, words = ""): void {
    const found = this.pending.find((one) => one.id === id);
    if (found && found.seq === null) Object.assign(found, { state, words });
  }

  discard(id: string): Unsent | undefined {
    const found = this.pending.find((one) => one.id === id);
    this.pending = this.pending.filter((one) => one !== found);
    return found;
  }

  clear(): void {
    this.messages.clear();
    this.pending = [];
  }

  entries(): Entry[] {
    const received = [...this.messages.values()].map(
      (message): Entry => ({ key: message.client_msg_id ?? `s${message.seq}`, message, state: "sent", words: "" }),
    );
    const own = this.pending.map(
      (one): Entry => ({ key: one.id, message: asMessage(one), state: one.state, words: one.words }),
    );
    // Array.sort is stable: unacknowledged messages share Infinity and keep the order in which they were written.
    return [...received, ...own].sort((one, other) => place(one) - place(other));
  }

  private holds(id: string): boolean {
    return [...this.messages.values()].some((message) => message.client_msg_id === id);
  }
}

function place(entry: Entry): number {
  return entry.message.seq;
}

function asMessage(one: Pending): Message {
  return {
    seq: one.seq ?? Number.MAX_SAFE_INTEGER,
    from: "borrower",
    text: one.text,
    buttons: [],
    card: null,
    at: new Date(one.at).toISOString(),
    client_msg_id: one.id,
    hidden: false,
  };
}
