// The live line: the inbox and watched conversations as they change. Comes back by itself and resumes from the cursors.

import { wait } from "../core/backoff";

export interface LineEvents {
  frame(frame: Record<string, unknown> & { type: string }): void;
  up(up: boolean): void;
  ended(): void;
}

const BEAT = 12_000; // milliseconds: presence counts as lost after 45 s
const SILENT = 30_000;

export class Line {
  private socket: WebSocket | null = null;
  private cursors = new Map<string, number>();
  private losses = 0;
  private heard = 0;
  private timer = 0;
  private beat = 0;
  private closed = false;

  constructor(private readonly events: LineEvents) {}

  open(): void {
    this.closed = false;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/desk/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.losses = 0;
      this.heard = Date.now();
      this.send({ type: "hello" });
      for (const [conversation, after] of this.cursors) this.send({ type: "watch", conversation, after });
      clearInterval(this.beat);
      this.beat = window.setInterval(() => this.check(), BEAT);
      this.events.up(true);
    };
    socket.onmessage = (event) => {
      this.heard = Date.now();
      const frame = JSON.parse(String(event.data)) as Record<string, unknown> & { type: string };
      if (frame.type === "conversation") this.note(frame);
      this.events.frame(frame);
    };
    socket.onclose = (event) => {
      if (socket !== this.socket || this.closed) return;
      clearInterval(this.beat);
      this.events.up(false);
      if (event.code === 4401) return this.events.ended();
      this.timer = window.setTimeout(() => this.open(), wait(this.losses++, Math.random));
    };
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.socket?.close();
  }

  /** Look again at once: the page is seen again, or the network is back. */
  wake(): void {
    if (this.closed) return;
    if (this.socket?.readyState === WebSocket.OPEN) return this.check();
    clearTimeout(this.timer);
    this.open();
  }

  watch(conversation: string, after: number): void {
    this.cursors.set(conversation, after);
    this.send({ type: "watch", conversation, after });
  }

  unwatch(conversation: string): void {
    this.cursors.delete(conversation);
    this.send({ type: "unwatch", conversation });
  }

  private note(frame: Record<string, unknown>): void {
    const key = String(frame["conversation_id"]);
    const seqs = (frame["messages"] as { seq: number }[]).map((one) => one.seq);
    if (this.cursors.has(key)) this.cursors.set(key, Math.max(this.cursors.get(key) ?? 0, ...seqs));
  }

  private check(): void {
    if (Date.now() - this.heard > SILENT) return this.socket?.close();
    this.send({ type: "ping" });
  }

  private send(frame: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}
