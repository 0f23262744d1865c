// One conversation with the server, without any framework: what the widget (and later the desk) shows is read from
// here, what the borrower does is told to here. Frames in, state out.

import { Link, type LinkState, type Network } from "./link";
import type { Outbox } from "./outbox";
import { Beside } from "./beside";
import type { ClientFrame, Message, Rating, ServerFrame, ServerLanguage, State } from "./protocol";
import { Sender } from "./sender";
import { Sessions, type Store } from "./session";
import { type Entry, Timeline } from "./timeline";

export interface Environment extends Network {
  store: Store | null;
  outbox: Outbox;
}

export interface View {
  link: LinkState;
  losses: number; // connections lost since the last one that worked
  byPoll: boolean;
  loaded: boolean; // the history has been received at least once
  level: number;
  customer: string | null;
  typing: boolean;
  entries: Entry[];
  state: State;
  seen: number; // the highest seq that the borrower has had before their eyes
  ratings: Readonly<Record<string, Rating>>;
}

export class Connection {
  private readonly sessions: Sessions;
  private readonly timeline = new Timeline();
  private readonly link: Link;
  private readonly sender: Sender;
  private readonly beside: Beside;
  private level = 0;
  private customer: string | null = null;
  private place: string | null = null; // what the shown messages belong to; null before the first ready
  private typing = false;
  private loaded = false;
  private askedFrom = 0;
  private tokens: string[] = []; // not yet surely received
  private tokensSent = 0;
  private unknownSessions = 0;

  constructor(
    environment: Environment,
    private language: ServerLanguage,
    private readonly onChange: (view: View) => void,
    private readonly onNews: (message: Message) => void = () => undefined,
  ) {
    this.sessions = new Sessions(environment.base, environment.fetcher, environment.store);
    this.link = new Link(environment, {
      session: () => this.sessions.get(),
      hello: (session) => this.hello(session),
      frame: (frame) => this.take(frame),
      changed: () => this.linkChanged(),
    });
    this.beside = new Beside(environment, () => this.sessions.get(), {
      send: (frame) => this.link.state === "online" && this.link.send(frame),
      changed: () => this.tell(),
    });
    this.sender = new Sender(environment.outbox, this.timeline, {
      online: () => this.link.state === "online",
      send: (frame) => this.link.send(frame),
      restart: () => this.link.restart(),
      changed: () => this.tell(),
      random: environment.random,
    });
  }

  // -- what the page does

  /** Show unsent messages of an earlier page; true when they want a connection at once. */
  load(): Promise<boolean> {
    return this.sender.load();
  }

  start(): void {
    this.link.start();
  }

  wake(): void {
    this.link.wake();
  }

  say(text: string): void {
    this.start();
    this.sender.say(text);
  }

  retry(): void {
    this.link.wake();
    this.sender.retry();
  }

  discard(id: string): string {
    return this.sender.discard(id);
  }

  /** Prove who this is with a token of the lender's own login. */
  identify(token: string): void {
    this.tokens.push(token);
    if (this.link.state === "online") this.sendTokens();
    else this.start();
  }

  setLanguage(language: ServerLanguage): void {
    this.language = language;
    if (this.link.state === "online") void this.again(this.timeline.cursor);
  }

  /** Read marks, ratings, uploads, wishes, the saved conversation. */
  get more(): Beside {
    return this.beside;
  }

  get sessionKey(): string {
    return this.sessions.key;
  }

  get known(): boolean {
    return this.sessions.exists;
  }

  /** Leave no trace in this browser and begin as a stranger. */
  async forget(): Promise<void> {
    this.sessions.forget();
    await this.sender.clear();
    this.begin();
  }

  /** Another tab left this conversation: follow it. */
  renew(): void {
    this.sessions.drop();
    this.begin();
  }

  view(): View {
    const { link, level, customer, typing, loaded } = this;
    return { link: link.state, losses: link.losses, byPoll: link.byPoll, loaded, level, customer, typing, entries: this.timeline.entries(), ...this.beside.view() };
  }

  // -- what the server says

  private take(frame: ServerFrame): void {
    switch (frame.type) {
      case "ready":
        return this.ready(frame);
      case "message":
        this.receive(frame.message);
        break;
      case "state":
        this.beside.state(frame.state);
        break;
      case "ack":
        this.sender.stored(frame.client_msg_id, frame.seq);
        break;
      case "refused":
        if (frame.client_msg_id !== null) this.sender.refused(frame.client_msg_id, frame.code, frame.text);
        else if (frame.code === "session_unknown") return this.newSession();
        break;
      case "typing":
        this.typing = frame.on;
        break;
      case "identity":
        this.identity(frame.level, frame.customer);
        break;
      case "reset":
        return void this.again(0);
      case "pong":
        this.tokens.splice(0, this.tokensSent);
        this.tokensSent = 0;
        return;
    }
    this.tell();
  }

  private ready(frame: ServerFrame & { type: "ready" }): void {
    const place = `${frame.level} ${frame.customer}`;
    const whole = frame.whole ?? this.askedFrom === 0;
    const moved = this.place !== null && this.place !== place;
    this.unknownSessions = 0;
    this.place = place;
    this.level = frame.level;
    this.customer = frame.customer;
    if (moved && !whole) {
      this.timeline.drop(); // what was shown before the break may no longer be shown
      return void this.again(0);
    }
    if (whole) this.timeline.replace([]);
    frame.messages.forEach((message) => this.receive(message, whole));
    this.typing = frame.typing;
    this.beside.ready(frame, whole, this.timeline.cursor);
    this.loaded = true;
    this.tokensSent = 0;
    this.sender.lost();
    this.tell();
    this.sendTokens();
    this.sender.flush();
  }

  private receive(message: Message, history = false): void {
    const fresh = this.timeline.receive(message);
    if (message.client_msg_id !== null) this.sender.stored(message.client_msg_id);
    if (fresh && !history && message.from !== "borrower") this.onNews(message);
  }

  private identity(level: number, customer: string | null): void {
    if (level < this.level || (this.customer !== null && customer !== this.customer)) this.timeline.drop();
    this.place = `${level} ${customer}`;
    this.level = level;
    this.customer = customer;
  }

  private begin(): void {
    const running = this.link.state !== "idle";
    this.link.stop();
    this.timeline.clear();
    this.beside.clear();
    this.tokens = [];
    Object.assign(this, { level: 0, customer: null, place: null, typing: false, loaded: false });
    this.tell();
    if (running) this.link.start();
  }

  private newSession(): void {
    this.sessions.forget();
    this.timeline.drop();
    this.place = null;
    this.unknownSessions += 1;
    if (this.unknownSessions > 1) this.link.fail(); // a server that refuses its own session needs no hammering
    else this.link.restart();
    this.tell();
  }

  // -- what goes to the server

  private hello(session: string): ClientFrame {
    this.askedFrom = this.timeline.cursor;
    return { type: "hello", session, after: this.askedFrom, language: this.language };
  }

  private async again(after: number): Promise<void> {
    this.askedFrom = after;
    const session = await this.sessions.get();
    this.link.send({ type: "hello", session, after, language: this.language });
    this.tell();
  }

  private sendTokens(): void {
    if (!this.tokens.length) return;
    this.tokens.forEach((token) => this.link.send({ type: "identity", token }));
    this.tokensSent = this.tokens.length;
    this.link.send({ type: "ping" }); // frames are worked off in order: the pong says that the tokens were read
  }

  private linkChanged(): void {
    if (this.link.state !== "online") {
      this.sender.lost();
      this.typing = false;
    }
    this.tell();
  }

  private tell(): void {
    this.onChange(this.view());
  }
}
