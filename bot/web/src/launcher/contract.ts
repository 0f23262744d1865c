// What the two scripts of the widget know of each other: the launcher that a page loads, and the core that it loads later.

export interface Settings {
  server: string; // origin of the server
  language: string | null; // the page's wish; the borrower's own choice goes first
  title: string | null;
  page: boolean; // the chat is the whole page: no launcher, no closing
  voice: boolean; // offer the browser's speech recognition where it exists
  greeting: string | null; // shown until the server's own opening is there
}

/** What the core tells the page. */
export interface Shell {
  shown(open: boolean): void;
  unread(count: number): void;
  emit(name: EventName, detail?: unknown): void;
}

export interface Core {
  /** @param takeFocus the borrower opened it, so focus may move */
  show(takeFocus: boolean): void;
  hide(): void;
  /** Connect without opening, to learn of unread messages. */
  watch(): void;
  say(text: string): void;
  identify(token: string): void;
  forget(): Promise<void>;
  speak(tag: string): void;
}

export type Begin = (root: ShadowRoot, settings: Settings, shell: Shell) => Core;

export type EventName = "ready" | "open" | "close" | "unread" | "message" | "identity" | "language" | "error";

/** In the browser's store once something was said here: there may be words that have not left yet. */
export const usedKey = (server: string) => `daihou.used ${server}`;
