// The desk's HTTP calls: one place for the CSRF value, refusals and the end of a login.

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail: Record<string, unknown>,
  ) {
    super(message);
  }
}

export class Api {
  csrf = "";
  ended: () => unknown = () => undefined;

  async get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  /** `body` as JSON; a file goes as it is, what it is called and belongs to stands in the address. */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.ask<T>("POST", path, body);
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>("PUT", path, body);
  }

  /** Raises Refused for an answer of ours, TypeError when there is no network. */
  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const file = body instanceof Blob; // sent as it is
    const answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": file ? "application/octet-stream" : "application/json", ...(method === "GET" ? {} : { "X-CSRF": this.csrf }) },
      ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
    });
    const read = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (answer.ok) return read as T;
    const code = String(read["code"] ?? answer.status);
    if (answer.status === 401 && code === "desk_session") this.ended();
    throw new Refused(answer.status, code, String(read["message"] ?? ""), read);
  }
}
