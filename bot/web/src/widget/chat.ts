// What the components read and do: the connection's state as signals, the language, and whether the panel is open.

import { batch, computed, signal } from "@preact/signals";
import { Connection, type View } from "../core/connection";
import { openOutbox } from "../core/outbox";
import type { Store } from "../core/session";
import { choose, type Key, type Language, matching, serverLanguage, translate } from "../i18n";

const LANGUAGE_KEY = "daihou.language";

export interface Options {
  server: string;
  language: string | null;
  title: string | null;
}

const EMPTY: View = { link: "idle", losses: 0, byPoll: false, loaded: false, level: 0, customer: null, typing: false, entries: [] };

export class Chat {
  readonly view = signal<View>(EMPTY);
  readonly open = signal(false);
  readonly unread = signal(0);
  readonly networkUp = signal(navigator.onLine !== false);
  readonly language = signal<Language>("zh-CN");
  readonly draft = signal("");
  readonly title = computed(() => this.options.title ?? this.t("title"));
  /** Where the focus goes when the control that had it is gone; the open panel knows. */
  refocus: () => void = () => undefined;
  private connection: Connection | null = null;
  private readonly ready: Promise<Connection>;

  constructor(private readonly options: Options) {
    this.language.value = choose(recall(LANGUAGE_KEY), options.language, ...navigator.languages);
    this.ready = this.connect();
    this.listen();
  }

  readonly t = (key: Key, values?: Record<string, string | number>): string => translate(this.language.value, key, values);

  show(): void {
    batch(() => {
      this.open.value = true;
      this.unread.value = 0;
    });
    this.with((connection) => connection.start());
  }

  hide(): void {
    this.open.value = false;
  }

  say(text: string): void {
    const words = text.trim();
    if (words) this.with((connection) => connection.say(words));
  }

  /** What a button says for the borrower. The button goes away with it. */
  /** See `Connection.upload`. */
  async upload(ref: string, file: Blob): Promise<string | null> {
    return (await this.ready).upload(ref, file);
  }

  /** A path of our own server as an address. */
  address(path: string): string {
    return this.options.server.replace(/\/$/, "") + path;
  }

  choose(text: string): void {
    this.say(text);
    this.refocus();
  }

  retry(): void {
    this.with((connection) => connection.retry());
    this.refocus();
  }

  discard(id: string): void {
    this.with((connection) => connection.discard(id));
    this.refocus();
  }

  /** A refused message back into the composer, before whatever is being written. */
  edit(id: string): void {
    this.with((connection) => {
      this.draft.value = [connection.discard(id), this.draft.value].filter(Boolean).join("\n");
    });
    this.refocus();
  }

  identify(token: string): void {
    this.with((connection) => connection.identify(token));
  }

  async forget(): Promise<void> {
    await (await this.ready).forget();
    this.unread.value = 0;
  }

  speak(tag: string): void {
    const language = matching(tag);
    if (!language || language === this.language.value) return;
    this.language.value = language;
    remember(LANGUAGE_KEY, language);
    this.with((connection) => connection.setLanguage(serverLanguage(language)));
    window.dispatchEvent(new CustomEvent("daihou:language", { detail: language }));
  }

  private async connect(): Promise<Connection> {
    const server = this.options.server;
    const connection = new Connection(
      {
        base: server,
        Socket: window.WebSocket,
        fetcher: (input, init) => window.fetch(input, init),
        random: Math.random,
        store: browserStore(),
        outbox: await openOutbox(`daihou ${server}`),
      },
      serverLanguage(this.language.value),
      (view) => (this.view.value = view),
      () => !this.open.value && this.unread.value++,
    );
    this.connection = connection;
    // Unsent messages of an earlier page leave at once, whether or not the borrower opens the panel.
    if (await connection.load()) connection.start();
    return connection;
  }

  private with(job: (connection: Connection) => void): void {
    if (this.connection) job(this.connection);
    else void this.ready.then(job);
  }

  private listen(): void {
    const wake = () => this.with((connection) => connection.wake());
    window.addEventListener("online", () => {
      this.networkUp.value = true;
      wake();
    });
    window.addEventListener("offline", () => (this.networkUp.value = false));
    window.addEventListener("pageshow", wake);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
    window.addEventListener("storage", (event) => {
      // Another tab became somebody else: this one must not go on showing the earlier conversation.
      if (event.key === this.connection?.sessionKey && event.oldValue !== null) this.with((one) => void one.renew());
    });
  }
}

function recall(key: string): string | null {
  try {
    return browserStore()?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    browserStore()?.setItem(key, value);
  } catch {
    return; // a full store: the choice lives as long as the page
  }
}

function browserStore(): Store | null {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden by the browser's settings
  }
}
