// Keeps one way to the server open: WebSocket first, long poll where that is blocked; comes back after every loss.

import { wait } from "./backoff";
import { openPoll } from "./poll";
import type { ClientFrame, ServerFrame, Transport, TransportEvents } from "./protocol";
import { openSocket } from "./socket";

const SESSION_WITHIN = 15_000; // milliseconds
const READY_WITHIN = 10_000; // from hello to ready
const BEAT = 25_000; // a silent socket is asked this often whether it lives
const PONG_WITHIN = 8_000;
const PONG_WITHIN_AFTER_WAKE = 3_000; // a phone that slept has usually lost its socket
const UPGRADE_FIRST = 60_000; // from poll back to a socket
const UPGRADE_LONGEST = 30 * 60_000;
const SOCKET_LOSSES = 5; // a socket that once worked is given up for the poll only after so many losses in a row

export type LinkState = "idle" | "connecting" | "online" | "waiting";

export interface Network {
  base: string; // origin of the server, without a trailing slash
  Socket: typeof WebSocket | undefined;
  fetcher: typeof fetch;
  random: () => number;
}

export interface LinkOwner {
  /** The session, asked from the server when there is none; throws when that is impossible now. */
  session(): Promise<string>;
  /** The first frame of a connection. */
  hello(session: string): ClientFrame;
  frame(frame: ServerFrame): void;
  changed(): void;
}

export class Link {
  state: LinkState = "idle";
  losses = 0; // since the last ready
  byPoll = false;
  private socketWorked = false;
  private transport: Transport | null = null;
  private round = 0; // whatever belongs to an earlier round is over
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private lifeTimer: ReturnType<typeof setTimeout> | undefined;
  private upgradeTimer: ReturnType<typeof setTimeout> | undefined;
  private upgradeAfter = UPGRADE_FIRST;

  constructor(
    private readonly network: Network,
    private readonly owner: LinkOwner,
  ) {}

  start(): void {
    if (this.state === "idle") void this.connect();
  }

  stop(): void {
    this.leave();
    this.set("idle");
  }

  /** The page is seen again, or the network is back: do not sit out the back-off, do not trust an old socket. */
  wake(): void {
    if (this.state === "waiting") void this.connect();
    else if (this.state === "online" && !this.byPoll) this.ask(PONG_WITHIN_AFTER_WAKE);
  }

  /** Give the present connection up and come back after the usual wait. */
  fail(): void {
    if (this.state !== "idle") this.lost();
  }

  /** Give the present connection up and make a new one now. */
  restart(): void {
    if (this.state !== "idle") void this.connect();
  }

  send(frame: ClientFrame): void {
    this.transport?.send(frame);
  }

  private async connect(): Promise<void> {
    const round = this.leave();
    this.set("connecting");
    this.life(() => this.lost(), SESSION_WITHIN);
    let session: string;
    try {
      session = await this.owner.session();
    } catch {
      if (round === this.round) this.lost();
      return;
    }
    if (round !== this.round) return;
    clearTimeout(this.lifeTimer); // from here the transport watches its own opening
    this.byPoll = this.pollsNow();
    const events = this.events(round, session);
    try {
      this.transport = this.byPoll ? openPoll(this.network.base, this.network.fetcher, events) : this.socket(events);
    } catch {
      this.lost(); // a host page's policy may forbid the socket outright
    }
  }

  private socket(events: TransportEvents): Transport {
    const { base, Socket } = this.network;
    return openSocket(`${base.replace(/^http/, "ws")}/web/ws`, Socket as typeof WebSocket, events);
  }

  private pollsNow(): boolean {
    if (!this.network.Socket) return true;
    return this.losses % 2 === 1 && (!this.socketWorked || this.losses >= SOCKET_LOSSES);
  }

  private events(round: number, session: string): TransportEvents {
    return {
      opened: () => {
        if (round !== this.round) return;
        this.send(this.owner.hello(session));
        this.life(() => this.lost(), READY_WITHIN);
      },
      frame: (frame) => round === this.round && this.take(frame),
      closed: () => round === this.round && this.lost(),
    };
  }

  private take(frame: ServerFrame): void {
    if (frame.type === "ready") {
      this.losses = 0;
      if (this.byPoll) this.planUpgrade();
      else this.socketWorked = true;
    }
    if (frame.type === "ready" || this.state === "online") this.life(() => this.ask(PONG_WITHIN), BEAT);
    if (frame.type === "ready") this.state = "online";
    this.owner.frame(frame);
  }

  private ask(within: number): void {
    this.send({ type: "ping" });
    this.life(() => this.lost(), within);
  }

  private life(job: () => void, after: number): void {
    clearTimeout(this.lifeTimer);
    this.lifeTimer = setTimeout(job, after);
  }

  private lost(): void {
    this.leave();
    this.retryTimer = setTimeout(() => void this.connect(), wait(this.losses, this.network.random));
    this.losses += 1;
    this.set("waiting");
  }

  /** While polling works, see now and then whether a socket would; switch without a gap when it does. */
  private planUpgrade(): void {
    clearTimeout(this.upgradeTimer);
    if (!this.network.Socket) return;
    const round = this.round;
    this.upgradeTimer = setTimeout(() => {
      this.upgradeAfter = Math.min(this.upgradeAfter * 2, UPGRADE_LONGEST);
      const tried = this.socket({
        opened: () => {
          tried.close();
          if (round !== this.round) return;
          this.upgradeAfter = UPGRADE_FIRST;
          this.socketWorked = true;
          this.restart();
        },
        frame: () => undefined,
        closed: () => round === this.round && this.planUpgrade(),
      });
    }, this.upgradeAfter);
  }

  private leave(): number {
    clearTimeout(this.retryTimer);
    clearTimeout(this.lifeTimer);
    clearTimeout(this.upgradeTimer);
    this.transport?.close();
    this.transport = null;
    return ++this.round;
  }

  private set(state: LinkState): void {
    this.state = state;
    this.owner.changed();
  }
}
