// What the components read and do: the connection's state as signals, the language, looks, and whether the panel is open.

import { computed, signal } from "@preact/signals";
import { Connection, type View } from "../core/connection";
import { openOutbox } from "../core/outbox";
import { browserStore, recall, remember } from "../core/browser";
import type { Rating, State } from "../core/protocol";
import { choose, type Key, type Language, LANGUAGE_KEY, LANGUAGES, matching, serverLanguage, translate } from "../i18n";
import { type Core, type Settings, type Shell, usedKey } from "../launcher/contract";

const LARGE_KEY = "daihou.large";
const CONTRAST_KEY = "daihou.contrast";
const UNREACHABLE = 4; // lost connections in a row before the page is told

const EMPTY: View = { link: "idle", losses: 0, byPoll: false, loaded: false, level: 0, customer: null, typing: false, entries: [], state: { read: 0, queue: null, language: null, large_type: null }, seen: 0, ratings: {} };

export class Chat implements Core {
  readonly view = signal<View>(EMPTY);
  readonly open = signal(false);
  readonly large = signal(recall(LARGE_KEY) === "on");
  readonly contrast = signal(recall(CONTRAST_KEY) === "on");
  readonly networkUp = signal(navigator.onLine !== false);
  readonly language = signal<Language>("zh-CN");
  readonly draft = signal("");
  readonly title = computed(() => this.options.title ?? this.t("title"));
  /** Where the focus goes when the control that had it is gone; the open panel knows. */
  refocus: () => void = () => undefined;
  /** The server's opening as the page brought it, for a borrower who has not talked here before. */
  readonly greeting = signal<string | null>(null);
  private told: Pick<State, "language" | "large_type"> = { language: null, large_type: null };
  private connection: Connection | null = null;
  private readonly ready: Promise<Connection>;

  constructor(
    readonly options: Settings,
    private readonly shell: Shell,
  ) {
    this.language.value = choose(recall(LANGUAGE_KEY), options.language, ...navigator.languages);
    this.ready = this.connect();
    this.listen();
  }

  readonly t = (key: Key, values?: Record<string, string | number>): string => translate(this.language.value, key, values);

  /** Whether the borrower opened the panel, so that focus may move into it. */
  takeFocus = false;

  show(takeFocus: boolean): void {
    this.takeFocus = takeFocus;
    this.open.value = true;
    this.shell.shown(true);
    this.shell.unread(0);
    this.watch();
  }

  hide(): void {
    if (this.options.page || !this.open.value) return;
    this.open.value = false;
    this.shell.shown(false);
  }

  watch(): void {
    this.with((connection) => connection.start());
  }

  say(text: string): void {
    const words = text.trim();
    if (!words) return;
    remember(usedKey(this.options.server), "1");
    this.with((connection) => connection.say(words));
  }

  /** See `Beside.upload`. */
  async upload(ref: string, file: Blob): Promise<string | null> {
    return (await this.ready).more.upload(ref, file);
  }

  /** The conversation is before the borrower's eyes up to here. */
  see(seq: number): void {
    if (this.open.value && document.visibilityState === "visible") this.with((connection) => connection.more.see(seq));
  }

  rate(seq: number, value: Rating): void {
    this.with((connection) => void connection.more.rate(seq, value));
  }

  /** The conversation as a file of the device; false when that is impossible now. */
  async export(format: "html" | "txt"): Promise<boolean> {
    const made = await (await this.ready).more.export(format, serverLanguage(this.language.value));
    if (!made) {
      this.shell.emit("error", { code: "export" });
      return false;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(made);
    link.download = `${this.t("export.name")}-${new Date().toISOString().slice(0, 10)}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    return true;
  }

  setLarge(on: boolean, wish = true): void {
    this.large.value = on;
    remember(LARGE_KEY, on ? "on" : null);
    if (wish) this.with((connection) => void connection.more.wish({ large_type: on }));
  }

  setContrast(on: boolean): void {
    this.contrast.value = on;
    remember(CONTRAST_KEY, on ? "on" : null);
  }

  /** A path of our own server as an address. */
  address(path: string): string {
    return this.options.server.replace(/\/$/, "") + path;
  }

  /** What a button says for the borrower. The button goes away with it. */
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
    remember(usedKey(this.options.server), null);
  }

  speak(tag: string, wish = true): void {
    const language = matching(tag);
    if (!language || language === this.language.value) return;
    this.language.value = language;
    remember(LANGUAGE_KEY, language);
    this.with((connection) => {
      connection.setLanguage(serverLanguage(language));
      if (wish) void connection.more.wish({ language: serverLanguage(language) });
    });
    this.shell.emit("language", language);
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
      (view) => this.changed(view),
      ({ seq, from, at }) => this.shell.emit("message", { seq, from, at }),
    );
    this.connection = connection;
    if (!connection.known) this.greeting.value = this.options.greeting;
    // Unsent messages of an earlier page leave at once, whether or not the borrower opens the panel.
    if (await connection.load()) connection.start();
    return connection;
  }

  private changed(view: View): void {
    const before = this.view.value;
    this.view.value = view;
    if (view.loaded) this.greeting.value = null;
    if (view.level !== before.level) this.shell.emit("identity", { level: view.level });
    if (view.losses === UNREACHABLE && before.losses < UNREACHABLE) this.shell.emit("error", { code: "unreachable" });
    if (!this.open.value) this.shell.unread(unread(view));
    const { language, large_type } = view.state;
    const wished = LANGUAGES.find((one) => one.server === language)?.id;
    if (wished && language !== this.told.language) this.speak(wished, false);
    if (large_type !== null && large_type !== this.told.large_type) this.setLarge(large_type, false);
    this.told = { language, large_type };
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

/** What others have said since the borrower last looked. */
function unread(view: View): number {
  return view.entries.filter(({ message }) => message.from !== "borrower" && message.seq > view.seen).length;
}
