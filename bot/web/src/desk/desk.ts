// The desk's state: who is here, the inbox, the open conversation, what is being written. Components only show it.

import { signal } from "@preact/signals";
import { Api, Refused } from "./api";
import { Line } from "./line";
import type { Canned, Customer, Inbox, Me, Said, Suggestion, Talk } from "./types";
import { t } from "./words";

export interface Outgoing {
  id: string;
  text: string;
  epoch: number;
  state: "sending" | "failed" | "stale";
}

export interface Held {
  blocked: boolean;
  rules: { rule: string; words: string }[];
}

const DRAFT_AFTER = 700; // milliseconds without a key
const TYPING_EVERY = 4_000;
const SIGN_LIVES = 8_000;
const NEWER_FILE = 1_500;

export class Desk {
  readonly me = signal<Me | null>(null);
  readonly loaded = signal(false);
  readonly view = signal<"inbox" | "overview" | "cases" | "complaints" | "channels" | "log">("inbox");
  readonly inbox = signal<Inbox | null>(null);
  readonly open = signal("");
  readonly talk = signal<Talk | null>(null);
  readonly draft = signal("");
  readonly outgoing = signal<Outgoing[]>([]);
  readonly held = signal<Held | null>(null);
  readonly suggestions = signal<Suggestion[]>([]);
  readonly canned = signal<Canned[]>([]);
  readonly customer = signal<Customer | null>(null);
  readonly up = signal(true);
  readonly wasGone = signal(false);
  readonly signs = signal<Map<string, { name: string; typing: boolean; until: number }>>(new Map());
  readonly tab = signal<"file" | "customer" | "plan" | "notes">("file");
  readonly dialog = signal<"" | "close" | "transfer" | "keys" | "canned">("");
  readonly notice = signal("");
  readonly giving = signal(""); // the file on its way
  readonly unseen = signal(0);
  readonly sound = signal(localStorage.getItem("daihou-desk-sound") !== "off");
  readonly api = new Api();
  private readonly line: Line;
  private draftTimer = 0;
  private fileTimer = 0;
  private typedAt = 0;

  constructor() {
    this.api.ended = () => this.me.value && this.leave("login.ended"); // before a login nothing has ended
    this.line = new Line({
      frame: (frame) => this.take(frame),
      up: (up) => {
        this.up.value = up;
        if (up) void this.refresh();
      },
      ended: () => this.leave("login.ended"),
    });
    window.addEventListener("online", () => this.line.wake());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.unseen.value = 0;
      if (this.me.value) this.line.wake();
    });
    window.setInterval(() => this.dropSigns(), 2_000);
  }

  // -- in and out

  async start(): Promise<void> {
    try {
      this.enter(await this.api.get<Me>("/desk/api/me"));
    } catch {
      this.me.value = null;
    }
    this.loaded.value = true;
  }

  async login(staff_id: string, password: string, code: string): Promise<void> {
    this.notice.value = "";
    try {
      this.enter(await this.api.post<Me>("/desk/api/login", { staff_id, password, code }));
    } catch (error) {
      this.notice.value = error instanceof Refused && error.code === "locked" ? t("login.locked") : t("login.failed");
    }
  }

  async logout(): Promise<void> {
    await this.api.post("/desk/api/logout").catch(() => undefined);
    this.leave("");
  }

  private enter(me: Me): void {
    this.api.csrf = me.csrf;
    this.me.value = me;
    this.notice.value = "";
    if (!["agent", "lead", "supervisor", "compliance"].includes(me.role)) return;
    this.line.open();
    if (me.role !== "compliance") void this.status("online");
    if (me.role === "compliance") this.view.value = "log";
  }

  private leave(why: string): void {
    this.line.close();
    this.me.value = null;
    this.inbox.value = null;
    this.select("");
    this.notice.value = why ? t(why) : "";
  }

  async status(status: string): Promise<void> {
    await this.try(() => this.api.post("/desk/api/presence", { status }));
    this.wasGone.value = false;
  }

  // -- live

  private take(frame: Record<string, unknown> & { type: string }): void {
    if (frame.type === "inbox") this.newInbox(frame["inbox"] as Inbox);
    else if (frame.type === "conversation") this.news(frame as unknown as Talk);
    else if (frame.type === "offline") this.wasGone.value = true;
    else if (frame.type === "left" && frame["conversation"] === this.open.value) this.select("");
    else if (frame.type === "sign") this.sign(frame);
  }

  private newInbox(inbox: Inbox): void {
    const before = this.inbox.value;
    this.inbox.value = inbox;
    if (!before) return;
    const seen = new Map(before.mine.map((one) => [one.conversation_id, one.last?.seq ?? 0]));
    const fresh = inbox.mine.filter((one) => one.owes && (one.last?.seq ?? 0) > (seen.get(one.conversation_id) ?? 0));
    const joined = inbox.mine.filter((one) => !seen.has(one.conversation_id));
    const waiting = inbox.waiting.length > before.waiting.length;
    if (fresh.length || joined.length || waiting) this.ring();
  }

  private news(news: Talk): void {
    const talk = this.talk.value;
    if (!talk || news.conversation_id !== talk.conversation_id) return;
    const messages = merged(talk.messages, news.messages);
    const arrived = new Set(news.messages.map((one) => one.client_msg_id));
    this.outgoing.value = this.outgoing.value.filter((one) => !arrived.has(one.id));
    this.talk.value = { ...talk, ...news, messages, file: talk.file, draft: talk.draft };
    if (news.messages.some((one) => one.from === "borrower")) {
      clearTimeout(this.fileTimer);
      this.fileTimer = window.setTimeout(() => void this.help(), NEWER_FILE);
    }
    if (news.customer_id !== talk.customer_id) void this.help();
  }

  private sign(frame: Record<string, unknown>): void {
    const who = String(frame["typing"] ?? frame["viewing"]);
    const next = new Map(this.signs.value);
    next.set(who, { name: String(frame["name"]), typing: "typing" in frame, until: Date.now() + SIGN_LIVES * 2 });
    this.signs.value = next;
  }

  private dropSigns(): void {
    const now = Date.now();
    if ([...this.signs.value.values()].every((one) => one.until > now)) return;
    this.signs.value = new Map([...this.signs.value].filter(([, one]) => one.until > now));
  }

  private ring(): void {
    if (document.visibilityState === "hidden") {
      this.unseen.value += 1;
      if ("Notification" in window && Notification.permission === "granted") new Notification(t("title"), { body: t("notify.new"), tag: "daihou" });
    }
    if (this.sound.value) beep();
  }

  // -- conversations

  select(conversation: string): void {
    if (conversation === this.open.value) return;
    this.flushDraft();
    if (this.open.value) this.line.unwatch(this.open.value);
    this.open.value = conversation;
    this.talk.value = null;
    this.customer.value = null;
    this.held.value = null;
    this.suggestions.value = [];
    this.signs.value = new Map();
    this.outgoing.value = [];
    this.draft.value = "";
    this.view.value = "inbox";
    if (conversation) void this.load(conversation);
  }

  private async load(conversation: string): Promise<void> {
    const talk = await this.try(() => this.api.get<Talk>(`${this.at(conversation)}?${this.spoken()}`));
    if (!talk || this.open.value !== conversation) return;
    this.talk.value = talk;
    this.draft.value = talk.draft;
    this.line.watch(conversation, talk.messages[talk.messages.length - 1]?.seq ?? 0);
    void this.help(false);
  }

  /** Everything of the open conversation again, as after a break. */
  private async refresh(): Promise<void> {
    const conversation = this.open.value;
    if (!conversation) return;
    const talk = await this.try(() => this.api.get<Talk>(`${this.at(conversation)}?${this.spoken()}`));
    if (talk && this.open.value === conversation) this.talk.value = { ...talk, messages: merged(this.talk.value?.messages ?? [], talk.messages) };
  }

  /** Suggestions and ready replies, and the file again when something was said. */
  private async help(again = true): Promise<void> {
    const conversation = this.open.value;
    if (!conversation || !this.me.value) return;
    if (again) await this.refresh();
    if (this.me.value.role === "compliance") return;
    const [suggested, canned] = await Promise.all([
      this.api.get<{ suggestions: Suggestion[] }>(`${this.at(conversation)}/suggestions?${this.spoken()}`).catch(() => null),
      this.api.get<{ replies: Canned[] }>(`${this.at(conversation)}/canned?${this.spoken()}`).catch(() => null),
    ]);
    if (this.open.value !== conversation) return;
    this.suggestions.value = suggested?.suggestions ?? [];
    this.canned.value = canned?.replies ?? [];
  }

  async takeNext(): Promise<void> {
    const next = this.inbox.value?.waiting[0];
    if (next) await this.takeOver(next.conversation_id);
  }

  async takeOver(conversation: string): Promise<void> {
    const taken = await this.try(() => this.api.post(`${this.at(conversation)}/take`));
    if (!taken) return;
    if (this.open.value === conversation) await this.refresh();
    else this.select(conversation);
  }

  move(step: number): void {
    const inbox = this.inbox.value;
    if (!inbox) return;
    const all = [...inbox.mine, ...inbox.waiting].map((one) => one.conversation_id);
    const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(this.open.value) + step))];
    if (next) this.select(next);
  }

  get mine(): boolean {
    const talk = this.talk.value;
    return !!talk && talk.owner === "agent" && talk.agent === this.me.value?.staff_id;
  }

  // -- writing

  write(text: string): void {
    this.draft.value = text;
    this.held.value = null;
    clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => this.flushDraft(), DRAFT_AFTER);
    if (text && Date.now() - this.typedAt > TYPING_EVERY && this.mine) {
      this.typedAt = Date.now();
      void this.api.post(`${this.at(this.open.value)}/typing`).catch(() => undefined);
    }
  }

  private flushDraft(): void {
    clearTimeout(this.draftTimer);
    const talk = this.talk.value;
    if (!talk || talk.draft === this.draft.value) return;
    talk.draft = this.draft.value;
    void this.api.put(`${this.at(talk.conversation_id)}/draft`, { text: this.draft.value }).catch(() => undefined);
  }

  async send(confirmed: string[] = []): Promise<void> {
    const text = this.draft.value.trim();
    const talk = this.talk.value;
    if (!text || !talk) return;
    const one: Outgoing = { id: crypto.randomUUID(), text, epoch: talk.epoch, state: "sending" };
    this.draft.value = "";
    clearTimeout(this.draftTimer);
    this.held.value = null;
    this.outgoing.value = [...this.outgoing.value, one];
    await this.deliver(one, confirmed);
  }

  /** Give the borrower a file. What became of it is said in `notice`; a repetition after a lost answer is one message. */
  async give(file: File): Promise<void> {
    const talk = this.talk.value;
    if (!talk) return;
    const about = new URLSearchParams({ name: file.name, client_msg_id: crypto.randomUUID(), epoch: String(talk.epoch) });
    this.giving.value = file.name;
    try {
      await this.api.post(`${this.at(talk.conversation_id)}/files?${about}`, file);
    } catch (error) {
      const code = error instanceof Refused ? error.code : "failed";
      const known = ["too_large", "document_kind", "document_broken", "document_active", "stale_epoch", "guard_blocked", "guard_warned"];
      this.notice.value = t(`give.${known.includes(code) ? code : "failed"}`);
    }
    this.giving.value = "";
  }

  async deliver(one: Outgoing, confirmed: string[] = []): Promise<void> {
    const conversation = this.open.value;
    this.mark(one.id, "sending");
    try {
      await this.api.post(`${this.at(conversation)}/messages`, { text: one.text, client_msg_id: one.id, epoch: one.epoch, confirmed });
      if (this.talk.value) this.talk.value.draft = "";
    } catch (error) {
      if (this.open.value !== conversation) return;
      const code = error instanceof Refused ? error.code : "";
      if (error instanceof Refused && code.startsWith("guard_")) {
        this.outgoing.value = this.outgoing.value.filter((other) => other.id !== one.id);
        this.draft.value = one.text;
        this.held.value = { blocked: code === "guard_blocked", rules: error.detail["rules"] as Held["rules"] };
      } else this.mark(one.id, code === "stale_epoch" ? "stale" : "failed");
      if (code === "stale_epoch") void this.refresh();
    }
  }

  /** Back into the field: nothing that was written is lost. */
  reclaim(one: Outgoing): void {
    this.outgoing.value = this.outgoing.value.filter((other) => other.id !== one.id);
    this.write([one.text, this.draft.value].filter(Boolean).join("\n"));
  }

  private mark(id: string, state: Outgoing["state"]): void {
    this.outgoing.value = this.outgoing.value.map((one) => (one.id === id ? { ...one, state } : one));
  }

  // -- shared

  at(conversation: string): string {
    return `/desk/api/conversations/${conversation}`;
  }

  spoken(): string {
    return document.documentElement.lang === "en" ? "language=en" : "language=zh";
  }

  /** Carry out; what was refused is said in one line. */
  async try<T>(job: () => Promise<T>): Promise<T | null> {
    try {
      const done = await job();
      this.notice.value = "";
      return done;
    } catch (error) {
      if (error instanceof Refused && error.code === "desk_session") return null;
      this.notice.value = t("error", { why: error instanceof Error ? error.message : "" });
      return null;
    }
  }
}

function merged(known: Said[], news: Said[]): Said[] {
  const all = new Map(known.map((one) => [one.seq, one]));
  for (const one of news) all.set(one.seq, one);
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

function beep(): void {
  try {
    const context = new AudioContext();
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.08, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.25);
    tone.onended = () => void context.close();
  } catch {
    return; // no sound before the first click: browsers forbid it
  }
}
