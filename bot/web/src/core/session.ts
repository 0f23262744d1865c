// The session id that the server made and signed. Kept in the browser so that a reload finds its conversation;
// it proves nothing about the person.

const NAME = "daihou.session";

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class Sessions {
  private known: string | null = null;

  constructor(
    private readonly base: string,
    private readonly fetcher: typeof fetch,
    private readonly store: Store | null,
  ) {}

  get key(): string {
    return `${NAME} ${this.base}`;
  }

  /** Whether this browser has talked to this server before. */
  get exists(): boolean {
    return this.read() !== null;
  }

  async get(): Promise<string> {
    const kept = this.read();
    if (kept !== null) return kept;
    const answer = await this.fetcher(`${this.base}/web/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    if (!answer.ok) throw new Error(`session: ${answer.status}`);
    const { session } = (await answer.json()) as { session: string };
    this.known = session;
    this.attempt((store) => store.setItem(this.key, session));
    return session;
  }

  /** Read the browser's store again: another tab has changed it. */
  drop(): void {
    this.known = null;
  }

  forget(): void {
    this.known = null;
    this.attempt((store) => store.removeItem(this.key));
  }

  private read(): string | null {
    return this.known ?? this.attempt((store) => store.getItem(this.key));
  }

  /** Storage may be forbidden by the browser's settings; then the session lives as long as the page. */
  private attempt<T>(job: (store: Store) => T): T | null {
    try {
      return this.store ? job(this.store) : null;
    } catch {
      return null;
    }
  }
}
